"""One linear layer under LoRA and DoRA as PEFT trains it with dropout, where what is left out is known.

    python scripts/goldens/adapter_dropout.py [--out FILE]

Writes `test/golden/adapters/dropout.json` (or FILE), for lora and dora in float64:

    { versions, r, alpha, method: { x, factors, probe, weight, bias, a, b, magnitude, output, gradients: { x, a, b, magnitude } } }

Shapes are x [5][3], weight [4][3], r 2. PEFT's dropout modules are replaced by a product with `factors` [5][3], which are 0
or 2, as those of a probability of one half. Gradients are those of the sum of output times probe.
"""

import argparse
from pathlib import Path

import peft
import torch
from golden_files import GOLDEN_ROOT, use_one_exact_thread, versions, write_json
from peft import LoraConfig, get_peft_model

SEED = 20261121
ROWS, INPUT, OUT, RANK, ALPHA = 5, 3, 4, 2, 3


class Network(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(INPUT, OUT)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)


class KnownDropout(torch.nn.Module):
    def __init__(self, factors: torch.Tensor) -> None:
        super().__init__()
        self.factors = factors

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.factors


def case(use_dora: bool) -> dict[str, object]:
    generator = torch.Generator().manual_seed(SEED)
    draw = lambda *shape: torch.randn(shape, generator=generator, dtype=torch.float64)
    settings = {"r": RANK, "lora_alpha": ALPHA, "lora_dropout": 0.5, "target_modules": ["layer"], "use_dora": use_dora}
    model = get_peft_model(Network(), LoraConfig(**settings)).double().train()
    layer = model.base_model.model.layer
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(draw(*parameter.shape))
    factors = 2.0 * (torch.rand((ROWS, INPUT), generator=generator, dtype=torch.float64) < 0.5)
    layer.lora_dropout["default"] = KnownDropout(factors)
    x, probe = draw(ROWS, INPUT).requires_grad_(), draw(ROWS, OUT)
    output = model(x)
    (output * probe).sum().backward()
    learnt = {"a": layer.lora_A["default"].weight, "b": layer.lora_B["default"].weight}
    if use_dora:
        learnt["magnitude"] = layer.lora_magnitude_vector["default"].weight
    plain = {"x": x, "factors": factors, "probe": probe, "output": output, **learnt}
    base = {"weight": layer.base_layer.weight, "bias": layer.base_layer.bias}
    gradients = {name: tensor.grad.tolist() for name, tensor in {"x": x, **learnt}.items()}
    return {**{name: t.detach().tolist() for name, t in {**plain, **base}.items()}, "gradients": gradients}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=GOLDEN_ROOT / "adapters" / "dropout.json")
    arguments = parser.parse_args()
    use_one_exact_thread()
    cases = {"lora": case(use_dora=False), "dora": case(use_dora=True)}
    write_json(arguments.out, {"versions": {**versions(), "peft": peft.__version__}, "r": RANK, "alpha": ALPHA, **cases})


if __name__ == "__main__":
    main()
