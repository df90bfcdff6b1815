"""Pretraining speed on a CPU with and without freed memory kept by the C library: rounds in turns, a process each."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

import click

from topner.cli import run


@click.command()
@click.option("--encoder", default="embedded", show_default=True, help="Its shape is trained, with fresh weights.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--steps", default=6, show_default=True, help="Timed steps a round, after two that are not.")
@click.option("--batch", default=64, show_default=True, help="Sequences of 128 tokens a step.")
@click.option("--keep/--leave", default=None, hidden=True, help="Time one round in this process.")
def main(encoder: str, rounds: int, steps: int, batch: int, keep: bool | None) -> None:
    """Print tokens a second of each round, and the ratio of the medians."""
    if keep is not None:
        click.echo(time_round(encoder, steps, batch, keep))
        return
    call = [sys.executable, __file__, "--encoder", encoder, "--steps", str(steps), "--batch", str(batch)]
    speeds: dict[str, list[float]] = {"leave": [], "keep": []}
    for number in range(rounds):
        for name in speeds:
            done = subprocess.run([*call, f"--{name}"], capture_output=True, text=True, check=True)  # noqa: S603 (this script)
            speeds[name].append(float(done.stdout.split()[-1]))
        click.echo(f"round {number + 1}: " + "  ".join(f"{name} {found[-1]:7,.0f}" for name, found in speeds.items()))
    left, kept = (statistics.median(found) for found in speeds.values())
    click.echo(f"tokens a second, median: leave {left:,.0f}, keep {kept:,.0f}: {kept / left:.2f} times")


def time_round(encoder: str, steps: int, batch: int, keep: bool) -> float:
    """Tokens a second of masked-language-model training steps in this process."""
    import torch

    from topner.model.device import autocast, bf16_pays, training_attention
    from topner.model.dropout import use_byte_dropout
    from topner.model.memory import keep_freed_memory
    from topner.pretraining.config import PretrainModelConfig
    from topner.pretraining.model import masked_model

    if keep and not keep_freed_memory():
        raise SystemExit("topner: keeping freed memory takes no effect here: it needs glibc")
    device = torch.device("cpu")
    torch.manual_seed(13)
    model = masked_model(PretrainModelConfig(encoder=encoder, from_scratch=True), training_attention(device))
    use_byte_dropout(model)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    ids = torch.randint(100, 5000, (batch, 128))
    inputs = {"input_ids": ids, "positions": torch.arange(25).expand(batch, 25), "targets": ids[:, :25]}
    begun = 0.0
    for step in range(-2, steps):
        if step == 0:
            begun = time.perf_counter()
        with autocast(device, bf16_pays(device)):
            loss = model(**inputs)["loss"]
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return steps * batch * 128 / (time.perf_counter() - begun)


if __name__ == "__main__":
    run(main)
