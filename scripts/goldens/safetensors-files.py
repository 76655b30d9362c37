"""Writes test/golden/safetensors-files.json: small files made by the reference implementation, for byte-for-byte comparison.

    python scripts/goldens/safetensors-files.py > test/golden/safetensors-files.json
"""

import base64
import json

import safetensors
import torch
from safetensors.torch import save

values = torch.linspace(-3, 3, 12).reshape(3, 4)
TENSORS = {
    "model.norm.weight": values[0].clone(),
    "model.embed_tokens.weight": values,
    "scalar": torch.tensor(0.1),
    "empty": torch.zeros(0, 4),
    "accent é": values[2].clone(),
    "a.bf16": values.to(torch.bfloat16),
    "z.f16": values.to(torch.float16),
    "tiny.f16": torch.tensor([6e-8, 1e-5, 65519.0, -0.0]).to(torch.float16),
}

NAMES = {torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16"}
print(
    json.dumps(
        {
            "safetensors": safetensors.__version__,
            "metadata": {"format": "pt"},
            "tensors": [
                {"name": name, "dtype": NAMES[t.dtype], "shape": list(t.shape), "data": t.to(torch.float64).flatten().tolist()}
                for name, t in TENSORS.items()
            ],
            "base64": base64.b64encode(save(TENSORS, {"format": "pt"})).decode(),
        },
        indent=1,
    )
)
