"""Judges a checkpoint that Finery wrote by what others make of it: transformers, and llama.cpp's `gguf` package.

    python scripts/goldens/check_checkpoint.py FOLDER EXPECTED.json [--tolerance 2e-5] [--no-tokenizer] [--no-gguf]

EXPECTED.json holds what Finery computed from the same folder:

    { "ids": [T] or [B][T],  "logits": [T][vocab] or [B][T][vocab],
      "texts": [{ "text": "...", "ids": [..] }] }          texts are optional: encodings without special tokens

Prints one JSON object with a verdict per check and exits with 0 when all hold, else with 1:

    weights     AutoModelForCausalLM loads the folder in f32: no tensor missing, left over or of another shape
    logits      greatest absolute error <= tolerance x max(1, greatest absolute logit); float32 sums in another order
                differ by about 1e-6 of that in two layers and 1e-5 in thirty
    tokenizer   AutoTokenizer loads it; decode(encode(text)) is the text, for texts of many kinds; ids of `texts` agree
    gguf        what llama.cpp's converter asks of a folder, as far as its package knows: the architecture, every tensor
                name mapped and every tensor of the architecture there, vocabulary gapless and inside the embedding,
                merges found, special tokens in range. NOT covered: the converter recognises pre-tokenizers by a table
                of its own, outside the package, and refuses tokenizers it has never seen.

Reads only the two paths given; no code from the folder is run and nothing is fetched.
"""

import argparse
import json
import re
from collections.abc import Callable
from pathlib import Path

import gguf
import torch
from safetensors import safe_open
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel

from golden_files import versions

# Spaces, line ends, digits, currency, accents (composed and not), other scripts, emoji with joiners, the empty text.
TEXTS = [
    "Revenue rose 12.5% to $1,234.5 million (2023: $1,097.3 million); EPS was €0.87.",
    "  two leading spaces, a tab\t, trailing spaces   ",
    "line one\nline two\r\n\n\n    indented\n",
    "Société Générale, Münchener Rück, Žižkov, cafe\u0301",
    "营业收入同比增长百分之十二。 株式会社みずほ銀行 الأرباح прибыль",
    "👩‍💼📈 naïve ½ ≈ ∑ \u00a0\u200b",
    "1234567890123 00042 -3e-05",
    "def f(x):\n    return {'a': [x ** 2 for _ in range(3)]}  # comment",
    "",
]

GGUF_ARCHITECTURES = {
    "LlamaForCausalLM": gguf.MODEL_ARCH.LLAMA,
    "MistralForCausalLM": gguf.MODEL_ARCH.LLAMA,
    "Qwen2ForCausalLM": gguf.MODEL_ARCH.QWEN2,
}
GLOBAL_TENSORS = ["token_embd.weight", "output_norm.weight"]
BLOCK_TENSORS = [
    f"{name}.weight"
    for name in ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")
]


class Failed(Exception):
    """A check that does not hold; `facts` say by how much."""

    def __init__(self, reason: str, **facts: object):
        super().__init__(reason)
        self.facts = facts


def check_weights(folder: Path) -> tuple[PreTrainedModel, dict]:
    model, report = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation="eager",
        output_loading_info=True,
        local_files_only=True,
        trust_remote_code=False,
    )
    if wrong := {kind: sorted(map(str, names)) for kind, names in report.items() if names}:
        raise Failed("tensors do not match the architecture", **wrong)
    return model.eval(), {"class": type(model).__name__, "parameters": sum(p.numel() for p in model.parameters())}


@torch.no_grad()
def check_logits(model: PreTrainedModel, expected: dict, tolerance: float) -> dict:
    ids = torch.tensor(expected["ids"])
    found = torch.tensor(expected["logits"], dtype=torch.float32)
    if ids.dim() == 1:
        ids, found = ids[None], found[None]
    reference = model(input_ids=ids, use_cache=False).logits
    if found.shape != reference.shape:
        raise Failed("logits of another shape", found=list(found.shape), expected=list(reference.shape))
    if reference.std() < 1e-3:
        raise Failed("the model's logits are flat, agreement would prove nothing", std=reference.std().item())
    error = (found - reference).abs()
    facts = {
        "max_abs_error": error.max().item(),
        "mean_abs_error": error.mean().item(),
        "allowed": tolerance * max(1.0, reference.abs().max().item()),
        "max_abs_logit": reference.abs().max().item(),
    }
    # Written so that NaN fails.
    if not facts["max_abs_error"] <= facts["allowed"]:
        raise Failed("logits differ", **facts)
    return facts


def check_tokenizer(folder: Path, expected: dict) -> dict:
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)

    def encode(text: str) -> list[int]:
        return tokenizer.encode(text, add_special_tokens=False)

    def decode(ids: list[int]) -> str:
        return tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False)

    encodings = expected.get("texts", [])
    texts = TEXTS + [entry["text"] for entry in encodings]
    if lost := [{"text": text, "became": decode(encode(text))} for text in texts if decode(encode(text)) != text]:
        raise Failed("texts do not survive encoding and decoding", texts=lost)
    if other := [
        {"text": entry["text"], "found": entry["ids"], "expected": encode(entry["text"])}
        for entry in encodings
        if entry["ids"] != encode(entry["text"])
    ]:
        raise Failed("texts are encoded differently", texts=other)
    return {
        "class": type(tokenizer).__name__,
        "tokens": len(tokenizer),
        "texts": len(texts),
        "compared_encodings": len(encodings),
        "special_tokens": dict(tokenizer.special_tokens_map),
    }


def tensor_names(folder: Path) -> list[str]:
    names: list[str] = []
    for file in sorted(folder.glob("model*.safetensors")):
        with safe_open(file, framework="pt") as tensors:
            names.extend(tensors.keys())
    return names


def check_gguf_tensors(folder: Path) -> dict:
    config = json.loads((folder / "config.json").read_text())
    architecture = config["architectures"][0]
    if architecture not in GGUF_ARCHITECTURES:
        raise Failed("architecture not among those checked", found=architecture, expected=sorted(GGUF_ARCHITECTURES))
    layers = config["num_hidden_layers"]
    mapping = gguf.get_tensor_name_map(GGUF_ARCHITECTURES[architecture], layers)
    mapped = {name: mapping.get_name(name, try_suffixes=(".weight", ".bias")) for name in tensor_names(folder)}
    if unknown := [name for name, target in mapped.items() if target is None]:
        raise Failed("tensor names that llama.cpp does not know", names=unknown)
    required = GLOBAL_TENSORS + [f"blk.{layer}.{name}" for layer in range(layers) for name in BLOCK_TENSORS]
    if not config.get("tie_word_embeddings", False):
        required.append("output.weight")
    if missing := sorted(set(required) - set(mapped.values())):
        raise Failed("tensors that llama.cpp needs are not there", names=missing)
    return {"architecture": architecture, "tensors": len(mapped)}


def check_gguf_vocabulary(folder: Path) -> dict:
    config = json.loads((folder / "config.json").read_text())
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    reader = gguf.LlamaHfVocab if model.get("byte_fallback") else gguf.BpeVocab
    vocabulary = reader(folder)
    rows = config["vocab_size"]
    if vocabulary.vocab_size > rows:
        raise Failed("more tokens than rows of the embedding", tokens=vocabulary.vocab_size, rows=rows)
    tokens = list(vocabulary.all_tokens())  # a gap among the ids raises here
    special = gguf.SpecialVocab(folder, load_merges=True, n_vocab=rows)
    if len(special.merges) != len(model["merges"]):
        raise Failed("merges lost", found=len(special.merges), expected=len(model["merges"]))
    if "eos" not in special.special_token_ids:
        raise Failed("no end-of-sequence token in range", found=special.special_token_ids)
    return {
        "kind": vocabulary.tokenizer_model,
        "tokens": len(tokens),
        "rows": rows,
        "merges": len(special.merges),
        "special_token_ids": special.special_token_ids,
        "chat_template": special.chat_template is not None,
        "pre_tokenizer": "not checked",
    }


def attempt(check: Callable[[], dict]) -> dict:
    """Turns whatever goes wrong in a check, the libraries' own errors included, into its verdict."""
    try:
        return {"ok": True, **check()}
    except Failed as failure:
        return {"ok": False, "reason": str(failure), **failure.facts}
    except Exception as error:
        message = re.sub(r"\s+", " ", str(error))
        return {"ok": False, "reason": f"{type(error).__name__}: {message}"}


def main() -> None:
    arguments = argparse.ArgumentParser(description="Check a saved checkpoint against transformers and gguf.")
    arguments.add_argument("folder", type=Path, metavar="FOLDER")
    arguments.add_argument("expected", type=Path, metavar="EXPECTED.json")
    arguments.add_argument("--tolerance", type=float, default=2e-5, help="of the greatest logit; default %(default)s")
    arguments.add_argument("--no-tokenizer", action="store_true", help="the folder has no tokenizer, on purpose")
    arguments.add_argument("--no-gguf", action="store_true", help="leave llama.cpp out")
    options = arguments.parse_args()
    for path, exists in ((options.folder, options.folder.is_dir()), (options.expected, options.expected.is_file())):
        if not exists:
            arguments.error(f"{path} does not exist")
    expected = json.loads(options.expected.read_text())

    checks: dict[str, dict] = {}
    loaded: list[PreTrainedModel] = []

    def weights() -> dict:
        model, facts = check_weights(options.folder)
        loaded.append(model)
        return facts

    checks["weights"] = attempt(weights)
    if loaded:
        checks["logits"] = attempt(lambda: check_logits(loaded[0], expected, options.tolerance))
    if not options.no_tokenizer:
        checks["tokenizer"] = attempt(lambda: check_tokenizer(options.folder, expected))
    if not options.no_gguf:
        checks["gguf_tensors"] = attempt(lambda: check_gguf_tensors(options.folder))
        if not options.no_tokenizer:
            checks["gguf_vocabulary"] = attempt(lambda: check_gguf_vocabulary(options.folder))

    ok = all(check["ok"] for check in checks.values())
    print(json.dumps({"ok": ok, "checks": checks, "versions": versions()}, indent=2, ensure_ascii=False))
    raise SystemExit(0 if ok else 1)


if __name__ == "__main__":
    main()
