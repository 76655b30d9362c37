"""LoRA adapters combined by PEFT itself: test/golden/adapter-merging.json.

    ENV/bin/python scripts/goldens/adapter_merging.py

Three adapters of two linear layers with normal factors, one of another rank and one that knows only the first layer; what
`add_weighted_adapter` makes of them by each form. Of the forms that end in svd, whose factors are unique but for signs, the
product B A is kept; of those that draw, mean and standard deviation of each entry over DRAWS seeds, at a rank that cuts
nothing off.

    ENV/bin/python scripts/goldens/adapter_merging.py --check FOLDER

asks for the logits. FOLDER is made anew and gets two adapters of the tiny decoder `test/golden/decoders/qwen2`, combined by
`finery merge` in every form that does not draw, and with several weights; PEFT combines them, too, and loads what Finery
wrote. Prints the greatest difference between the logits for each form, relative to the largest, with PEFT's arithmetic and both
models in float64, so that what remains is the float32 of the folder; exit code 1 where one is above 1e-5.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model

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
    "ties_svd": {"adapters": "abc", "weights": [0.7, 0.4, 0.3], "form": "ties_svd", "density": 0.5},
    "ties_svd of rank 2 by frequency, negative weight": {"adapters": "abc", "weights": [0.7, -0.4, 0.3], "form": "ties_svd", "density": 0.6, "election": "frequency", "rank": 2},
    "magnitude_prune_svd of rank 4": {"adapters": "abc", "weights": [0.7, -0.4, 0.3], "form": "magnitude_prune_svd", "density": 0.4, "rank": 4},
    "dare_linear_svd of density 1": {"adapters": "abc", "weights": [0.7, 0.4, 0.3], "form": "dare_linear_svd", "density": 1.0, "rank": 2},
    "dare_ties_svd of density 1": {"adapters": "abc", "weights": [0.7, 0.4, 0.3], "form": "dare_ties_svd", "density": 1.0, "rank": 2},
}
DRAWN = {
    "dare_linear": {"adapters": "ab", "weights": [0.7, 0.4], "form": "dare_linear", "density": 0.6},
    "dare_ties": {"adapters": "ab", "weights": [0.7, -0.4], "form": "dare_ties", "density": 0.6},
    "dare_linear_svd": {"adapters": "abc", "weights": [0.7, 0.4, 0.3], "form": "dare_linear_svd", "density": 0.6, "rank": 6},
    "dare_ties_svd": {"adapters": "abc", "weights": [0.7, -0.4, 0.3], "form": "dare_ties_svd", "density": 0.6, "election": "frequency", "rank": 6},
}
DRAWS = 400


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
    for title, case in CASES.items():
        made = factors(model, combine(model, case))
        expected = {name: {"product": rows(pair["b"] @ pair["a"])} if case["form"].endswith("svd") else {f: rows(t) for f, t in pair.items()}
                    for name, pair in made.items()}
        cases[title] = {**case, "adapters": list(case["adapters"]), "r": model.peft_config["combined"].r, "expected": expected}
    drawn = {title: {**case, "adapters": list(case["adapters"]), **distribution(model, case)} for title, case in DRAWN.items()}
    text = json.dumps({"adapters": adapters, "cases": cases, "drawn": drawn}, separators=(",", ":"))
    pathlib.Path("test/golden/adapter-merging.json").write_text(text + "\n")


def combine(model, case):
    if "combined" in model.peft_config:
        model.delete_adapter("combined")
    model.add_weighted_adapter(list(case["adapters"]), case["weights"], "combined", combination_type=case["form"],
                               svd_rank=case.get("rank"), density=case.get("density"),
                               majority_sign_method=case.get("election", "total"))
    return "combined"


def distribution(model, case):
    """Mean and standard deviation of B A of the first layer, entry by entry."""
    products = []
    for seed in range(DRAWS):
        torch.manual_seed(seed)
        pair = factors(model, combine(model, case))["q_proj"]
        products.append((pair["b"] @ pair["a"]).detach().double())
    values = torch.stack(products)
    return {"draws": DRAWS, "mean": rows(values.mean(0)), "deviation": rows(values.std(0))}


CHECKED = [
    {"form": "linear", "weights": [0.7, 0.4]},
    {"form": "cat", "weights": [0.7, -0.4]},
    {"form": "svd", "weights": [0.7, 0.4]},
    {"form": "svd", "weights": [0.7, 0.4], "rank": 2},
    {"form": "ties", "weights": [0.7, 0.4], "density": 0.5},
    {"form": "ties", "weights": [0.7, -0.4], "density": 0.5, "election": "frequency"},
    {"form": "ties_svd", "weights": [0.7, 0.4], "density": 0.3},
    {"form": "ties_svd", "weights": [0.7, -0.4], "density": 0.5, "election": "frequency", "rank": 2},
    {"form": "magnitude_prune", "weights": [0.7, 0.4], "density": 0.5},
    {"form": "magnitude_prune_svd", "weights": [0.7, 0.4], "density": 0.5, "rank": 4},
    {"form": "dare_linear", "weights": [0.7, 0.4], "density": 1.0},
    {"form": "dare_ties_svd", "weights": [0.7, 0.4], "density": 1.0},
]
RECIPE_NAMES = {"form": "combination_type", "rank": "svd_rank", "election": "majority_sign_method"}


def check(folder):
    from adapters import CHECKPOINT, ROWS, LENGTH, randomize
    from decoders import load

    folder.mkdir()
    generator = torch.Generator().manual_seed(11)
    names = ["first", "second"]
    for name in names:
        model = get_peft_model(load(CHECKPOINT, "eager"), LoraConfig(r=3, lora_alpha=6, target_modules="all-linear", task_type="CAUSAL_LM"))
        randomize(model, generator)
        model.save_pretrained(folder / name)
    ids = torch.randint(0, model.config.vocab_size, (ROWS, LENGTH), generator=generator)
    peft = PeftModel.from_pretrained(load(CHECKPOINT, "eager"), folder / "first", adapter_name="first")
    peft.load_adapter(folder / "second", adapter_name="second")
    peft.double().eval()
    worst = 0.0
    with torch.no_grad():
        plain = load(CHECKPOINT, "eager").double().eval()(ids).logits
        for number, case in enumerate(CHECKED):
            recipe = {"adapters": names, **{RECIPE_NAMES.get(key, key): value for key, value in case.items()}}
            (folder / f"{number}.yaml").write_text(json.dumps(recipe))
            finery = [str(pathlib.Path("node_modules/.bin/tsx").resolve()), str(pathlib.Path("src/cli/main.ts").resolve())]
            subprocess.run([*finery, "merge", f"{number}.yaml", f"{number}"], cwd=folder, check=True, capture_output=True)
            peft.set_adapter(combine(peft, {"adapters": names, **case}))
            expected = peft(ids).logits
            found = PeftModel.from_pretrained(load(CHECKPOINT, "eager"), folder / f"{number}").double().eval()(ids).logits
            largest = expected.abs().max()
            difference = float((found - expected).abs().max() / largest)
            worst = max(worst, difference)
            print(f"{json.dumps(case)}: {difference:.2e}, and {float((plain - expected).abs().max() / largest):.2e} away from the base")
    sys.exit(1 if worst > 1e-5 else 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", type=pathlib.Path)
    folder = parser.parse_args().check
    check(folder) if folder else main()
