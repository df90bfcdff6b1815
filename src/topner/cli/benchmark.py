"""``topner benchmark``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("benchmark")
@click.argument("model", type=click.Path(path_type=Path), required=False)
@click.option(
    "--encoder", help="Instead of MODEL: an encoder (embedded, a folder) with an untrained head, for speed alone."
)
@click.option(
    "--data", type=click.Path(path_type=Path), multiple=True, help="Texts or annotated documents [default: invented]."
)
@click.option("--gold", type=click.Path(path_type=Path), help="Annotated documents for a column of strict F1.")
@click.option("--training", is_flag=True, help="Measure training instead of tagging; needs --data with annotations.")
@click.option("--characters", type=click.IntRange(100), default=20_000, show_default=True, help="Tagged in a round.")
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
@click.option("--calls", type=click.IntRange(1), default=10, show_default=True, help="500-character texts in a round.")
@click.option("--batch-size", type=click.IntRange(1), default=8, show_default=True, help="Of the trainings.")
@click.option("--only", multiple=True, metavar="PART", help="Contenders with PART in their name, and the reference.")
@click.option("--device", help="cpu or cuda [default: cuda when there is one].")
@click.option("--threads", type=click.IntRange(1), help="Cores for each contender [default: all].")
@click.option("--anew", is_flag=True, help="Forget what DIR holds; without it, what was measured is kept.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the results.")
def benchmark_command(
    model: Path | None,
    encoder: str | None,
    data: tuple[Path, ...],
    gold: Path | None,
    training: bool,
    characters: int,
    rounds: int,
    calls: int,
    batch_size: int,
    only: tuple[str, ...],
    device: str | None,
    threads: int | None,
    anew: bool,
    output: Path,
) -> None:
    """Measure MODEL (a folder; without it the default tagger) beside its peers, in turns, on the same texts.

    Speed, latency, memory, padding, use of the processor, and F1 with --gold: benchmark.json, benchmark.md, benchmark.png.
    """
    if model is not None and encoder is not None:
        raise click.UsageError("name MODEL or --encoder, not both")
    if training:
        from topner.benchmark.training import TrainingSize, benchmark_training

        if model is not None or gold is not None:
            raise click.UsageError("--training takes --encoder and --data, no MODEL and no --gold")
        length = TrainingSize(characters, rounds, batch_size)
        benchmark_training(
            encoder or "embedded", output, data, size=length, only=only, threads=threads, anew=anew, say=click.echo
        )
        return
    from topner.benchmark.tagging import Size, benchmark_tagging, fresh_head
    from topner.encoder.locate import default_model_path

    folder = fresh_head(encoder, output / "model") if encoder is not None else model or default_model_path()
    size = Size(characters, rounds, calls)
    benchmark_tagging(
        folder,
        output,
        data=data,
        gold=gold,
        size=size,
        only=only,
        device=device,
        threads=threads,
        anew=anew,
        say=click.echo,
    )
