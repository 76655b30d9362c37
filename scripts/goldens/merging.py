"""Merges of toy Llama checkpoints by mergekit itself, in float32: test/golden/merging.json.

    python -m venv env && env/bin/pip install mergekit torch
    env/bin/python scripts/goldens/merging.py

The weights are a base plus normal deltas from a seed, stored with the results as base64 of little-endian float32.
"""
import base64
import json
import pathlib
import tempfile

import numpy
import torch
import yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions
from safetensors.numpy import load_file, save_file

LAYERS, HIDDEN, INNER, VOCABULARY = 1, 8, 16, 13


def shapes(tied):
    yield "model.embed_tokens.weight", (VOCABULARY, HIDDEN)
    for layer in range(LAYERS):
        prefix = f"model.layers.{layer}."
        for part in "qkvo":
            yield f"{prefix}self_attn.{part}_proj.weight", (HIDDEN, HIDDEN)
        yield f"{prefix}mlp.gate_proj.weight", (INNER, HIDDEN)
        yield f"{prefix}mlp.up_proj.weight", (INNER, HIDDEN)
        yield f"{prefix}mlp.down_proj.weight", (HIDDEN, INNER)
        yield f"{prefix}input_layernorm.weight", (HIDDEN,)
        yield f"{prefix}post_attention_layernorm.weight", (HIDDEN,)
    yield "model.norm.weight", (HIDDEN,)
    if not tied:
        yield "lm_head.weight", (VOCABULARY, HIDDEN)


def config(tied):
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": HIDDEN, "intermediate_size": INNER,
        "num_hidden_layers": LAYERS, "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": VOCABULARY,
        "tie_word_embeddings": tied, "torch_dtype": "float32",
    }


def make_models(folder, tied):
    random = numpy.random.default_rng(2026)
    base = {name: random.standard_normal(shape).astype(numpy.float32) for name, shape in shapes(tied)}
    models = {"base": base}
    for name in "abc":
        models[name] = {k: (v + 0.1 * random.standard_normal(v.shape)).astype(numpy.float32) for k, v in base.items()}
    for name, tensors in models.items():
        path = folder / name
        path.mkdir()
        save_file(tensors, path / "model.safetensors", metadata={"format": "pt"})
        (path / "config.json").write_text(json.dumps(config(tied)))
    return models


def entries(names, **parameters):
    weights = {"a": 0.7, "b": 0.4, "c": 0.25}
    return [{"model": name, "parameters": {"weight": weights.get(name, 0), **parameters}} for name in names]


RECIPES = {
    "linear": {"models": entries("abc")},
    "slerp": {"base_model": "base", "models": entries(["base", "a"]), "parameters": {"t": [
        {"filter": "self_attn", "value": [0.2, 0.8]}, {"value": 0.35}]}},
    "nuslerp": {"models": entries("ab")},
    "multislerp": {"models": entries("abc")},
    "karcher": {"models": entries("abc")},
    "task_arithmetic": {"base_model": "base", "models": entries("abc"), "parameters": {"lambda": 0.9}},
    "ties": {"base_model": "base", "models": entries("abc", density=0.53)},
    "breadcrumbs": {"base_model": "base", "models": entries("abc", density=0.53, gamma=0.13)},
    "breadcrumbs_ties": {"base_model": "base", "models": entries("abc", density=0.53, gamma=0.13)},
    "model_stock": {"base_model": "base", "models": entries("abc")},
    "nearswap": {"base_model": "base", "models": entries("a"), "parameters": {"t": 0.05}},
    "arcee_fusion": {"base_model": "base", "models": entries("a")},
    "passthrough": {"models": entries("a", scale=0.5)},
    "sce": {"base_model": "base", "models": entries("abc"), "parameters": {"select_topk": 0.4}},
    "ram": {"base_model": "base", "models": entries("abc"), "parameters": {"epsilon": 0.1}},
    "ramplus_tl": {"base_model": "base", "models": entries("abc"), "parameters": {"epsilon": 0.1}},
}


def encode(tensors):
    return {k: base64.b64encode(v.astype("<f4").tobytes()).decode() for k, v in sorted(tensors.items())}


def main():
    torch.set_num_threads(1)
    golden = {}
    for tied in (False, True):
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            models = make_models(folder, tied)
            case = {"config": config(tied), "shapes": dict(shapes(tied)), "models": {k: encode(v) for k, v in models.items()}, "merges": {}}
            for method, recipe in RECIPES.items():
                # Tied checkpoints differ in which tensors there are, not in how a method computes.
                if tied and method not in ("linear", "ties"):
                    continue
                document = {"merge_method": method, "dtype": "float32", **recipe}
                text = json.dumps(document)
                for name in models:
                    text = text.replace(f'"{name}"', json.dumps(str(folder / name)))
                out = folder / f"out-{method}"
                options = MergeOptions(copy_tokenizer=False, write_model_card=False)
                try:
                    run_merge(MergeConfiguration.model_validate(yaml.safe_load(text)), str(out), options)
                    case["merges"][method] = {"recipe": document, "tensors": encode(load_file(out / "model.safetensors"))}
                except Exception as error:
                    print(method, "fails in mergekit:", type(error).__name__, error)
            golden["tied" if tied else "untied"] = case
    pathlib.Path("test/golden/merging.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
