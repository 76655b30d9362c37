"""Merged folders in transformers, and half precision beside mergekit: no golden file, a table on stdout.

    python -m venv env && env/bin/pip install mergekit torch
    env/bin/python scripts/goldens/check_merge.py

Tiny Llamas of transformers, a base and two models of normal deltas, are merged by Finery (node and tsx) and by mergekit.
In float32 the logits of both folders, loaded by transformers, are compared. In bfloat16 each tensor is compared with the
closed form in float64: Finery may be no further from it than mergekit, by root mean square. Exit code 0 when all holds.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIGHTS = {"a": 0.6, "b": 0.3}


def make_models(folder):
    torch.manual_seed(2026)
    config = LlamaConfig(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, vocab_size=211, dtype="bfloat16")
    model = LlamaForCausalLM(config).to(torch.bfloat16)
    base = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for name in ("base", "a", "b"):
        if name != "base":
            model.load_state_dict({k: (v.float() + 0.004 * torch.randn(v.shape)).bfloat16() for k, v in base.items()})
        model.save_pretrained(folder / name)


def recipe(method, dtype):
    models = [{"model": name, "parameters": {"weight": weight}} for name, weight in WEIGHTS.items()]
    base = {} if method == "linear" else {"base_model": "base"}
    return {"merge_method": method, **base, "models": models, "dtype": dtype}


def merge_both(folder, method, dtype):
    text = json.dumps(recipe(method, dtype))
    for name in ("base", "a", "b"):
        text = text.replace(f'"{name}"', json.dumps(str(folder / name)))
    path = folder / f"{method}-{dtype}.yaml"
    path.write_text(text)
    ours, theirs = folder / f"ours-{method}-{dtype}", folder / f"theirs-{method}-{dtype}"
    command = ["node", "--import", "tsx", "src/cli/main.ts", "merge", str(path), str(ours), "--threads", "1", "--no-sync"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    options = MergeOptions(copy_tokenizer=False, write_model_card=False)
    run_merge(MergeConfiguration.model_validate(json.loads(text)), str(theirs), options)
    return ours, theirs


def exact(method, sources, name):
    base, a, b = (source[name].double() for source in sources)
    if method == "linear":
        return (WEIGHTS["a"] * a + WEIGHTS["b"] * b) / sum(WEIGHTS.values())
    deltas = [(WEIGHTS["a"], a - base), (WEIGHTS["b"], b - base)]
    if method == "task_arithmetic":
        return base + sum(weight * delta for weight, delta in deltas)
    # TIES of density 1: signs by the weighted sum, then the weighted mean of those that agree.
    sign = torch.where(sum(weight * delta for weight, delta in deltas) >= 0, 1.0, -1.0)
    agree = [(weight, delta, torch.sign(delta) == sign) for weight, delta in deltas]
    divisor = sum(weight * mask.double() for weight, _, mask in agree)
    return base + sum(weight * delta * mask for weight, delta, mask in agree) / torch.where(divisor == 0, 1.0, divisor)


def main():
    torch.set_num_threads(1)
    failures = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        make_models(folder)
        sources = [load_file(folder / name / "model.safetensors") for name in ("base", "a", "b")]
        ids = torch.arange(40).reshape(2, 20) * 5 % 211
        print("| method | largest logit difference in float32 | of logits up to | bfloat16 tensors no further than mergekit | rms, ours / mergekit |")
        print("| --- | --- | --- | --- | --- |")
        for method in ("linear", "task_arithmetic", "ties"):
            with torch.no_grad():
                logits = [AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)(ids).logits
                          for path in merge_both(folder, method, "float32")]
            difference = (logits[0] - logits[1]).abs().max().item()
            ours, theirs = (load_file(path / "model.safetensors") for path in merge_both(folder, method, "bfloat16"))
            rms = lambda merged, name: (merged[name].double() - exact(method, sources, name)).square().mean().sqrt().item()
            errors = {name: (rms(ours, name), rms(theirs, name)) for name in ours}
            # A value halfway between two of bfloat16 may go either way: the sums then differ in the last bits of float64.
            fine = sum(a <= b * (1 + 1e-12) for a, b in errors.values())
            total = [sum(e[i] ** 2 for e in errors.values()) ** 0.5 for i in (0, 1)]
            print(f"| {method} | {difference:.1e} | {logits[1].abs().max():.2f} | {fine} of {len(errors)} | {total[0] / total[1]:.3f} |")
            failures += difference > 1e-5 or fine < len(errors)
    sys.exit(1 if failures else 0)


main()
