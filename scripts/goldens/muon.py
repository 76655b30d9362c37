"""Writes test/golden/muon.json: short runs of torch.optim.Muon beside torch.optim.AdamW, for muon.test.ts.

    python scripts/goldens/muon.py > test/golden/muon.json

torch iterates in bfloat16. Here the same source runs in float32, so that what differs is more than rounding; how far the
bfloat16 of the original moves the weights is told as `bfloat16Distance`.
"""

import inspect
import json
import math

import torch
from torch.optim import _muon

torch.set_num_threads(1)
SHAPES = {
    "model.layers.0.mlp.down_proj.weight": [4, 7],
    "model.layers.0.mlp.up_proj.weight": [7, 4],
    "model.layers.0.self_attn.q_proj.weight": [5, 5],
    "model.embed_tokens.weight": [6, 4],
    "model.norm.weight": [4],
}
STEPS, DECAY, MOMENTUM, BETAS = 6, 0.1, 0.95, (0.9, 0.95)
LEARNING_RATES = [0.05 / step for step in range(1, STEPS + 1)]

original = _muon._zeropower_via_newtonschulz
source = inspect.getsource(original)
assert source.count("torch.bfloat16") == 1
exec(source.replace("torch.bfloat16", "torch.float32"), _muon.__dict__)
in_float32 = _muon._zeropower_via_newtonschulz


def values(name: str, step: int) -> torch.Tensor:
    """sin and cos of small integers: the same numbers in any language, up to the last float64 bit."""
    offset = list(SHAPES).index(name)
    count = math.prod(SHAPES[name])
    flat = [math.sin(1 + i * i * 0.7 + step * 1.3 + offset) * math.cos(step) for i in range(count)]
    return torch.tensor(flat, dtype=torch.float64).to(torch.float32).reshape(SHAPES[name])


def run(adjust: str) -> dict[str, torch.nn.Parameter]:
    parameters = {name: torch.nn.Parameter(values(name, 0)) for name in SHAPES}
    hidden = [parameter for name, parameter in parameters.items() if name.endswith("_proj.weight")]
    muon = torch.optim.Muon(hidden, lr=0.0, weight_decay=DECAY, momentum=MOMENTUM, adjust_lr_fn=adjust)
    groups = [
        {"params": [parameters["model.embed_tokens.weight"]], "weight_decay": DECAY},
        {"params": [parameters["model.norm.weight"]], "weight_decay": 0.0},
    ]
    adamw = torch.optim.AdamW(groups, lr=0.0, betas=BETAS, eps=1e-8, foreach=False, fused=False)
    for step, rate in enumerate(LEARNING_RATES, 1):
        for name, parameter in parameters.items():
            parameter.grad = values(name, step)
        for optimizer in (muon, adamw):
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.step()
    return {name: parameter.detach() for name, parameter in parameters.items()}


runs, distances = {}, {}
for adjust in ("original", "match_rms_adamw"):
    _muon._zeropower_via_newtonschulz = in_float32
    weights = run(adjust)
    _muon._zeropower_via_newtonschulz = original
    distances[adjust] = max(float((a - b).abs().max()) for a, b in zip(weights.values(), run(adjust).values()))
    runs[adjust] = {name: weight.flatten().tolist() for name, weight in weights.items()}
print(
    json.dumps(
        {
            "torch": torch.__version__,
            "shapes": SHAPES,
            "momentum": MOMENTUM,
            "betas": BETAS,
            "weightDecay": DECAY,
            "learningRates": LEARNING_RATES,
            "bfloat16Distance": distances,
            "weights": runs,
        },
        indent=1,
    )
)
