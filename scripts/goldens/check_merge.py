"""Merged folders in transformers, and numbers beside mergekit's: no golden file, tables on stdout.

    python -m venv env && env/bin/pip install mergekit torch
    npm run build && env/bin/python scripts/goldens/check_merge.py [single] [logits] [half] [random]

Tiny Llamas of transformers, a base and three models of normal deltas, are merged by Finery and by mergekit, for all four parts
or for those that are named.

1. In float32, tied and untied, for deltas as large as a fifth of the base and as small as those of fine-tuning: how many
   elements have mergekit's bits, and how far both are from mergekit's merge in float64, in steps of float32 at the largest
   of the models' elements and the result's. Methods that take no sum over a whole tensor must agree bit for bit. For the
   others mergekit adds up in float32, in an order that depends on the number of threads; Finery must be no further from
   float64 than mergekit, by root mean square with a quarter for chance.
2. The logits of Finery's merge in float32 and of mergekit's in float64, written as float32, both loaded by transformers.
3. In bfloat16 and float16, each tensor of both beside mergekit's own merge of the same weights in float64, by root mean
   square: Finery may be no further from it than mergekit. Deltas of half precision have many equal magnitudes, whose order
   mergekit leaves to a sort that is not stable: here its sorts are made so, and the lower index comes first, as in Finery.
4. Methods that draw, over many seeds in float32: the share of entries that are not the base's, and the mean and the norm of
   the merged deltas, by tensor, as differences of both in their standard errors.

Exit code 0 when all holds.
"""
import functools
import json
import logging
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
from transformers.utils import logging as transformers_logging

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ("base", "a", "b", "c")
# Of no simple ratio: multiples of the steps of half precision do not cancel, which would leave signs to the rounding.
WEIGHTS = {"a": 0.6180339887, "b": 0.2718281828, "c": 0.2236067977}
DELTA = 0.004
FINE_DELTA = 0.0003
HALVES = {"bfloat16": torch.bfloat16, "float16": torch.float16}
SEEDS = 30


def entries(names, **parameters):
    return [{"model": name, "parameters": {"weight": WEIGHTS.get(name, 0), **parameters}} for name in names]


def on_base(names="abc", settings={}, **parameters):
    return {"base_model": "base", "models": entries(names, **parameters), "parameters": settings}


def deterministic(delta=DELTA):
    return {
        "linear": {"models": entries("abc")},
        "slerp": on_base(["base", "a"], {"t": 0.35}),
        "nuslerp": {"models": entries("ab")},
        "multislerp": {"models": entries("abc")},
        "karcher": {"models": entries("abc")},
        "task_arithmetic": on_base(settings={"lambda": 0.9}),
        "ties": on_base(density=0.53),
        "breadcrumbs": on_base(density=0.53, gamma=0.13),
        "breadcrumbs_ties": on_base(density=0.53, gamma=0.13),
        "model_stock": on_base(),
        "nearswap": on_base("a", {"t": delta / 2}),
        "arcee_fusion": on_base("a"),
        "sce": on_base(settings={"select_topk": 0.4}),
        "ram": on_base(settings={"epsilon": delta}),
        "ramplus_tl": on_base(settings={"epsilon": delta}),
    }


# They need a norm, a product or a mean over a whole tensor.
SUMS = {"slerp", "nuslerp", "multislerp", "karcher", "model_stock", "arcee_fusion", "sce"}

RANDOM = {
    "dare_linear": on_base("a", density=0.4),
    "dare_ties": on_base("ab", density=0.4),
    "della": on_base("ab", density=0.4, epsilon=0.15),
    "della_linear": on_base("a", density=0.4, epsilon=0.15),
}


def toy_llamas(delta, tied=False):
    """The base, and models whose weights are apart from it by normal numbers of this deviation."""
    torch.manual_seed(2026)
    config = LlamaConfig(hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, vocab_size=211, tie_word_embeddings=tied)
    model = LlamaForCausalLM(config)
    base = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    for name in MODELS:
        if name != "base":
            model.load_state_dict({k: v + delta * torch.randn(v.shape) for k, v in base.items()})
            model.tie_weights()
        yield name, model


def make_models(folder):
    """By element type of the files, folders of the same weights."""
    for name, model in toy_llamas(DELTA):
        for half, dtype in HALVES.items():
            path = folder / half / name
            model.save_pretrained(path)
            tensors = {k: v.to(dtype) for k, v in load_file(path / "model.safetensors").items()}
            save_file(tensors, path / "model.safetensors", metadata={"format": "pt"})


def document(folder, half, method, recipe, **fields):
    """The recipe over the models whose files have the element type `half`."""
    text = json.dumps({"merge_method": method, **recipe, **fields})
    for name in MODELS:
        text = text.replace(f'"{name}"', json.dumps(str(folder / half / name)))
    return json.loads(text)


def merge_by_finery(folder, documents):
    """All of them by one command, as recipes of one file: by name, the folder of the result."""
    out = folder / "finery"
    named = [{"name": name, **each} for name, each in documents.items()]
    (folder / "merge.yaml").write_text("\n---\n".join(map(json.dumps, named)))
    command = ["node", "dist/cli/main.js", "merge", str(folder / "merge.yaml"), str(out), "--threads", "1", "--no-sync"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    names = list(documents)
    return {name: pathlib.Path(f"{out}.{name}") for name in names[:-1]} | {names[-1]: out}


def merge_by_mergekit(out, recipe, seed=None):
    options = MergeOptions(copy_tokenizer=False, write_model_card=False, quiet=True, random_seed=seed)
    run_merge(MergeConfiguration.model_validate(recipe), str(out), options)
    return out


def weights(path):
    return load_file(path / "model.safetensors")


def check_single(folder):
    kinds = {f"{'tied' if tied else 'untied'}, {delta}": (delta, tied) for delta in (DELTA, FINE_DELTA) for tied in (False, True)}
    print("| method | delta | same bits | largest step apart | steps from float64, Finery | mergekit | ratio of root mean squares |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    failures = 0
    for kind, (delta, tied) in kinds.items():
        for name, model in toy_llamas(delta, tied):
            model.save_pretrained(folder / kind / name)
        models = [weights(folder / kind / name) for name in MODELS]
        of = lambda dtype: {m: document(folder, kind, m, recipe, dtype=dtype) for m, recipe in deterministic(delta).items()}
        place = folder / kind
        for method, path in merge_by_finery(place, of("float32")).items():
            ours = weights(path)
            theirs = weights(merge_by_mergekit(place / f"mergekit-{method}", of("float32")[method]))
            exact = weights(merge_by_mergekit(place / f"exact-{method}", of("float64")[method]))
            assert ours.keys() == theirs.keys()
            apart, errors = [], ([], [])
            for name in ours:
                largest = torch.stack([each[name].abs() for each in models] + [theirs[name].abs()]).amax(0).double()
                step = torch.exp2(torch.floor(torch.log2(largest)) - 23)
                apart.append(((ours[name].double() - theirs[name]) / step).flatten())
                for error, merged in zip(errors, (ours, theirs)):
                    error.append(((merged[name].double() - exact[name]) / step).flatten())
            apart, (own, other) = torch.cat(apart), [torch.cat(each) for each in errors]
            ratio = (own.square().mean() / other.square().mean()).sqrt().item() if other.any() else 1
            fine = ratio <= 1.25 if method in SUMS else not apart.any()
            failures += not fine
            print(f"| {method} | {kind} | {(apart == 0).double().mean():.4%} | {apart.abs().max():.4g} | {own.abs().max():.3g} "
                  f"| {other.abs().max():.4g} | {ratio:.3f} |")
    return failures


def check_logits(folder):
    print("| method | largest difference of logits | of logits up to |\n| --- | ---: | ---: |")
    of = lambda dtype: {m: document(folder, "bfloat16", m, recipe, dtype=dtype) for m, recipe in deterministic().items()}
    exact = of("float64")
    ids = torch.arange(40).reshape(2, 20) * 5 % 211
    failures = 0
    for method, path in merge_by_finery(folder / "logits", of("float32")).items():
        theirs = merge_by_mergekit(folder / "logits" / f"mergekit-{method}", {**exact[method], "out_dtype": "float32"})
        with torch.no_grad():
            logits = [AutoModelForCausalLM.from_pretrained(each, dtype=torch.float32)(ids).logits for each in (path, theirs)]
        difference = (logits[0] - logits[1]).abs().max().item()
        failures += difference > 1e-5
        print(f"| {method} | {difference:.1e} | {logits[1].abs().max():.2f} |")
    return failures


def check_half(folder, half):
    print(f"\n| method | {half}: tensors no further from float64 | root mean square, Finery | mergekit | ratio |")
    print("| --- | ---: | ---: | ---: | ---: |")
    of = lambda dtype: {m: document(folder, half, m, recipe, dtype=dtype) for m, recipe in deterministic().items()}
    place = folder / f"half-{half}"
    failures = 0
    exact = {m: weights(merge_by_mergekit(place / f"exact-{m}", recipe)) for m, recipe in of("float64").items()}
    peers = {m: merge_by_mergekit(place / f"mergekit-{m}", {**recipe, "out_dtype": half}) for m, recipe in of(half).items()}
    for method, path in merge_by_finery(place, of(half)).items():
        ours, theirs = weights(path), weights(peers[method])
        square = lambda merged, name: (merged[name].double() - exact[method][name]).square().mean().item()
        errors = {name: (square(ours, name), square(theirs, name)) for name in ours}
        # The angle of slerp is of float32 in mergekit and of float64 in Finery: a value nearly halfway between two of half
        # precision may go either way, which adds to the mean square less than 1e-6 of itself.
        far = [name for name, (a, b) in errors.items() if a > b * (1 + 1e-6)]
        fine = len(errors) - len(far)
        for name in far:
            print(method, half, name, *errors[name], file=sys.stderr)
        total = [(sum(e[i] for e in errors.values()) / len(errors)) ** 0.5 for i in (0, 1)]
        print(f"| {method} | {fine} of {len(errors)} | {total[0]:.2e} | {total[1]:.2e} | {total[0] / total[1]:.3f} |")
        failures += fine < len(errors)
    return failures


def figures(path, base):
    """Of the merged deltas, by tensor: the share that is not 0, their mean and their norm."""
    result = []
    for name, tensor in sorted(weights(path).items()):
        delta = tensor.double() - base[name].double()
        result.append([(delta != 0).double().mean(), delta.mean(), delta.norm()])
    return torch.tensor(result)


def check_random(folder):
    print(f"\n| method, {SEEDS} seeds | share kept, Finery | mergekit | norm of the deltas, Finery | mergekit | largest difference in standard errors |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    base = weights(folder / "bfloat16" / "base")
    failures = 0
    for method, recipe in RANDOM.items():
        place = folder / f"random-{method}"
        plain = document(folder, "bfloat16", method, recipe, dtype="float32")
        ours = merge_by_finery(place, {f"s{seed}": {**plain, "seed": seed} for seed in range(SEEDS)})
        drawn = [torch.stack([figures(path, base) for path in ours.values()])]
        drawn.append(torch.stack([figures(merge_by_mergekit(place / f"m{seed}", plain, seed + 1), base) for seed in range(SEEDS)]))
        means = [each.mean(0) for each in drawn]
        error = sum(each.var(0) / SEEDS for each in drawn).sqrt()
        z = ((means[0] - means[1]).abs() / error.clamp_min(1e-12)).max().item()
        share, norm = ([each[:, i].mean().item() for each in means] for i in (0, 2))
        print(f"| {method} | {share[0]:.4f} | {share[1]:.4f} | {norm[0]:.4f} | {norm[1]:.4f} | {z:.1f} |")
        # 252 figures with 58 degrees of freedom: chance goes beyond 5 in fewer than one of 500 runs.
        failures += z > 5
    return failures


def main():
    torch.set_num_threads(1)
    for sort in ("sort", "argsort"):
        setattr(torch, sort, functools.partial(getattr(torch, sort), stable=True))
        setattr(torch.Tensor, sort, functools.partialmethod(getattr(torch.Tensor, sort), stable=True))
    torch.topk = lambda values, k, **_: tuple(each[:k] for each in torch.sort(values, descending=True))
    logging.disable(logging.WARNING)
    transformers_logging.disable_progress_bar()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        make_models(folder)
        for name in ["single", "logits", *(f"half-{half}" for half in HALVES), *(f"random-{method}" for method in RANDOM)]:
            (folder / name).mkdir()
        checks = {"single": lambda place: check_single(place / "single"), "logits": check_logits,
                  "half": lambda place: sum(check_half(place, half) for half in HALVES), "random": check_random}
        failures = sum(checks[part](folder) for part in sys.argv[1:] or checks)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
