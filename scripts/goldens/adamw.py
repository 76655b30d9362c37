"""Writes test/golden/adamw.json: a short training run of torch.optim.AdamW with clipping, for adamw.test.ts.

    python scripts/goldens/adamw.py > test/golden/adamw.json

Two parameters in two groups (the vector without decay), gradients from a closed formula that the test evaluates too.
"""

import json
import math

import torch

torch.set_num_threads(1)
SHAPES = {"matrix": [3, 5], "vector": [7]}
STEPS = 12
MAX_NORM = 0.8
BETAS = (0.9, 0.95)


def values(name: str, step: int) -> torch.Tensor:
    """sin and cos of small integers: the same numbers in any language, up to the last float64 bit."""
    count = math.prod(SHAPES[name])
    offset = 0.5 if name == "vector" else 0.0
    flat = [math.sin(1 + i * 0.7 + step * 1.3 + offset) * math.cos(step) for i in range(count)]
    return torch.tensor(flat, dtype=torch.float64).to(torch.float32).reshape(SHAPES[name])


parameters = {name: torch.nn.Parameter(values(name, 0)) for name in SHAPES}
groups = [
    {"params": [parameters["matrix"]], "weight_decay": 0.1},
    {"params": [parameters["vector"]], "weight_decay": 0.0},
]
optimizer = torch.optim.AdamW(groups, lr=0.0, betas=BETAS, eps=1e-8, foreach=False, fused=False)
norms, learning_rates = [], []
for step in range(1, STEPS + 1):
    for name, parameter in parameters.items():
        parameter.grad = values(name, step)
    norms.append(torch.nn.utils.clip_grad_norm_(parameters.values(), MAX_NORM, foreach=False).item())
    learning_rates.append(0.05 / step)
    for group in optimizer.param_groups:
        group["lr"] = learning_rates[-1]
    optimizer.step()

print(
    json.dumps(
        {
            "torch": torch.__version__,
            "shapes": SHAPES,
            "betas": BETAS,
            "epsilon": 1e-8,
            "weightDecay": 0.1,
            "maximumNorm": MAX_NORM,
            "learningRates": learning_rates,
            "norms": norms,
            "weights": {name: parameter.detach().flatten().tolist() for name, parameter in parameters.items()},
            "m": {name: optimizer.state[parameter]["exp_avg"].flatten().tolist() for name, parameter in parameters.items()},
            "v": {name: optimizer.state[parameter]["exp_avg_sq"].flatten().tolist() for name, parameter in parameters.items()},
        },
        indent=1,
    )
)
