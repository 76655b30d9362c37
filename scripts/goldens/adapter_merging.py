"""LoRA adapters combined by PEFT itself: test/golden/adapter-merging.json.

    ENV/bin/python scripts/goldens/adapter_merging.py

Three adapters of two linear layers with normal factors, one of another rank and one that knows only the first layer; what
`add_weighted_adapter` makes of them by each form that does not draw. Of `svd`, whose factors are unique but for signs, the
product B A is kept.
"""
import json
import pathlib

import torch
from peft import LoraConfig, get_peft_model

SHAPES = {"q_proj": (8, 6), "v_proj": (5, 8)}
ADAPTERS = {
    "a": {"r": 3, "lora_alpha": 6, "target_modules": ["q_proj", "v_proj"]},
    "b": {"r": 3, "lora_alpha": 3, "target_modules": ["q_proj"]},
    "c": {"r": 2, "lora_alpha": 5, "target_modules": ["q_proj", "v_proj"], "use_rslora": True},
}
CASES = {
    "linear": {"adapters": "ab", "weights": [0.7, 0.4], "form": "linear"},
    "linear, negative weight": {"adapters": "ab", "weights": [0.7, -0.4], "form": "linear"},
    "linear of one": {"adapters": "c", "weights": [0.5], "form": "linear"},
    "cat": {"adapters": "abc", "weights": [0.7, -0.4, 0.3], "form": "cat"},
    "svd": {"adapters": "abc", "weights": [0.7, -0.4, 0.3], "form": "svd"},
    "svd of rank 2": {"adapters": "abc", "weights": [0.7, 0.4, 0.3], "form": "svd", "rank": 2},
    "ties": {"adapters": "ab", "weights": [0.7, 0.4], "form": "ties", "density": 0.6},
    "ties by frequency, negative weight": {"adapters": "ab", "weights": [0.7, -0.4], "form": "ties", "density": 0.6, "election": "frequency"},
    "magnitude_prune": {"adapters": "ab", "weights": [0.7, 0.4], "form": "magnitude_prune", "density": 0.4},
    "dare_linear of density 1": {"adapters": "ab", "weights": [0.7, 0.4], "form": "dare_linear", "density": 1.0},
    "dare_ties of density 1": {"adapters": "ab", "weights": [0.7, 0.4], "form": "dare_ties", "density": 1.0},
}


class Layers(torch.nn.Module):
    def __init__(self):
        super().__init__()
        for name, (out, inputs) in SHAPES.items():
            setattr(self, name, torch.nn.Linear(inputs, out, bias=False))


def rows(tensor):
    return [[float(f"{x:.9g}") for x in row] for row in tensor.detach().tolist()]


def factors(model, adapter):
    layers = {name: getattr(model.base_model.model, name) for name in SHAPES}
    return {name: {"a": layer.lora_A[adapter].weight, "b": layer.lora_B[adapter].weight}
            for name, layer in layers.items() if adapter in getattr(layer, "lora_A", {})}


def main():
    torch.manual_seed(7)
    first, *others = ADAPTERS
    model = get_peft_model(Layers(), LoraConfig(**ADAPTERS[first]), adapter_name=first)
    for name in others:
        model.add_adapter(name, LoraConfig(**ADAPTERS[name]))
    adapters = {}
    for name, config in ADAPTERS.items():
        own = factors(model, name)
        for pair in own.values():
            for factor in pair.values():
                torch.nn.init.normal_(factor)
        adapters[name] = {"config": config, "factors": {k: {f: rows(t) for f, t in pair.items()} for k, pair in own.items()}}
    cases = {}
    for number, (title, case) in enumerate(CASES.items()):
        target = f"combined{number}"
        model.add_weighted_adapter(list(case["adapters"]), case["weights"], target, combination_type=case["form"],
                                   svd_rank=case.get("rank"), density=case.get("density"),
                                   majority_sign_method=case.get("election", "total"))
        made = factors(model, target)
        expected = {name: {"product": rows(pair["b"] @ pair["a"])} if case["form"] == "svd" else {f: rows(t) for f, t in pair.items()}
                    for name, pair in made.items()}
        cases[title] = {**case, "adapters": list(case["adapters"]), "r": model.peft_config[target].r, "expected": expected}
    text = json.dumps({"adapters": adapters, "cases": cases}, separators=(",", ":"))
    pathlib.Path("test/golden/adapter-merging.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
