"""Where golden files live and how they are written: JSON that can be reviewed, safetensors for the numbers."""

import json
import platform
from pathlib import Path

import numpy
import torch
import transformers
from safetensors.torch import save_file

transformers.utils.logging.disable_progress_bar()

GOLDEN_ROOT = Path(__file__).resolve().parents[2] / "test" / "golden"


def versions() -> dict[str, str]:
    """The versions that produced a golden file, written into it."""
    return {
        "python": platform.python_version(),
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "numpy": numpy.__version__,
    }


def use_one_exact_thread() -> None:
    """One thread and deterministic kernels: the same machine gives the same bytes every time."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def write_json(path: Path, value: object) -> None:
    """Writes indented JSON with lists of scalars (token ids, losses) kept on one line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_layout(value) + "\n")


def write_tensors(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    """Writes f32 tensors under their names; `format: pt` is what transformers asks of a checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: t.detach().float().contiguous() for name, t in tensors.items()}, path, metadata={"format": "pt"})
    path.chmod(0o644)


def _layout(value: object, indent: str = "") -> str:
    inner = indent + "  "
    if isinstance(value, dict) and value:
        lines = [f"{inner}{json.dumps(key)}: {_layout(item, inner)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return "[\n" + ",\n".join(inner + _layout(item, inner) for item in value) + f"\n{indent}]"
    return json.dumps(value)
