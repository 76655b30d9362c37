"""Tiny T5 models and what transformers computes with them, and the tokenizer of ByT5, for the parity tests.

    python scripts/goldens/encoder_decoders.py [--out DIR] [CASE ...]
    python scripts/goldens/encoder_decoders.py --check DIR

With --check, DIR is a folder that Finery wrote: transformers loads it with its tokenizer and prints, for each text of the
JSON list on stdin, its ids, what they decode to and the ids that the model answers with.

Each case is a Hugging Face folder, `test/golden/encoder-decoders/<case>/`, in f32, every parameter random:

    config.json, model.safetensors, of ByT5 also tokenizer_config.json
    expected.json          seed, versions, inputs: ids of each text, targets: ids of each answer, loss: mean over all labels,
                           answers: ids that greedy search writes for each input, without the first,
                           buckets: by direction, for distances from -300 to 300
    expected.safetensors   logits [rows, target length, vocabulary], gradient.<parameter> of the loss
    expected-tokenizer.json, of ByT5: texts and their ids, ids and their texts with and without special tokens
"""

import argparse
import json
import shutil
import sys
import zlib
from pathlib import Path

import numpy
import torch
from transformers import AutoTokenizer, ByT5Tokenizer, T5Config, T5ForConditionalGeneration
from transformers.models.t5.modeling_t5 import T5Attention

from golden_files import GOLDEN_ROOT, use_one_exact_thread, versions, write_json, write_tensors

SEED = 20261122

T5 = {
    "architectures": ["T5ForConditionalGeneration"],
    "model_type": "t5",
    "is_encoder_decoder": True,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "decoder_start_token_id": 0,
    "dropout_rate": 0.0,
    "initializer_factor": 1.0,
    "layer_norm_epsilon": 1e-6,
    "use_cache": True,
    "torch_dtype": "float32",
}

# Input lengths reach past the largest distance of the buckets; the second input of each case is shorter: padding.
CASES: dict[str, dict] = {
    "byt5": {
        "config": {
            **T5,
            "vocab_size": 384,
            "d_model": 20,
            "d_kv": 8,
            "d_ff": 28,
            "num_heads": 3,
            "num_layers": 3,
            "num_decoder_layers": 2,
            "feed_forward_proj": "gated-gelu",
            "relative_attention_num_buckets": 32,
            "relative_attention_max_distance": 128,
            "tie_word_embeddings": False,
            "tokenizer_class": "ByT5Tokenizer",
        },
        "inputs": [150, 9],
        "targets": [37, 21],
    },
    # The first version: one projection, ReLU, a tied head over scaled states; every copy of the table under its name.
    "t5": {
        "config": {
            **T5,
            "vocab_size": 90,
            "d_model": 24,
            "d_kv": 12,
            "d_ff": 40,
            "num_heads": 2,
            "num_layers": 2,
            "feed_forward_proj": "relu",
            "relative_attention_num_buckets": 12,
            "relative_attention_max_distance": 30,
            "n_positions": 64,
            "output_past": True,
            "task_specific_params": {"summarization": {"prefix": "summarize: "}},
        },
        "inputs": [50, 17],
        "targets": [44, 8],
        "aliases": True,
    },
    # As transformers 5 writes T5 1.1: called tied, with a head that is not, and the scale in a field of its own.
    "t5-transformers5": {
        "config": {
            **T5,
            "vocab_size": 60,
            "d_model": 16,
            "d_kv": 10,
            "d_ff": 24,
            "num_heads": 2,
            "num_layers": 1,
            "num_decoder_layers": 3,
            "feed_forward_proj": "gated-silu",
            "is_gated_act": True,
            "dense_act_fn": "silu",
            "relative_attention_num_buckets": 8,
            "relative_attention_max_distance": 20,
            "tie_word_embeddings": True,
            "scale_decoder_outputs": False,
            "classifier_dropout": 0.0,
            "is_decoder": False,
        },
        "inputs": [31, 30],
        "targets": [25, 3],
        "own_head": True,
    },
}

TEXTS = [
    "",
    "Net income rose 4.2% to $1.3bn.",
    "¿Cuál fue la pérdida? 金融 ☃ 🂡",
    "a </s> b<pad>c <extra_id_0>x<extra_id_124>\t\n",
    "\x00\x7f\u0080\uffff",
]
IDS = [
    [75, 104, 111, 111, 114, 1],
    [0, 0, 75, 1, 0, 2],
    [259, 75, 383, 76, 258, 257, 78],
    [0xE9 + 3, 0x87 + 3, 75, 0xE9 + 3, 0x87 + 3, 0x91 + 3],
    [0xC0 + 3, 0x80 + 3, 0xED + 3, 0xA0 + 3, 0x80 + 3, 0xF4 + 3, 0x90 + 3, 0x80 + 3, 0x80 + 3, 80],
    [0xF0 + 3, 0x9F + 3, 0x82 + 3, 0xF0 + 3, 0x9F + 3, 0x82 + 3, 0xA1 + 3],
]


def randomise(case: str, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Every parameter random, at scales where attention is selective and the bias of positions decides."""
    generator = numpy.random.default_rng([SEED, zlib.crc32(case.encode())])
    result = {}
    for name, tensor in state.items():
        noise = generator.standard_normal(tuple(tensor.shape))
        if name.endswith("norm.weight"):
            values = 1 + 0.3 * noise
        elif name.endswith("relative_attention_bias.weight"):
            values = 1.5 * noise
        elif name == "shared.weight":
            values = noise
        elif name.endswith((".q.weight", ".k.weight")):
            values = 0.8 * noise / tensor.shape[-1] ** 0.5
        else:
            values = 1.4 * noise / tensor.shape[-1] ** 0.5
        result[name] = torch.tensor(values, dtype=torch.float32)
    return result


def make_folder(case: str, folder: Path) -> T5ForConditionalGeneration:
    settings = CASES[case]
    config = settings["config"]
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    blank = T5ForConditionalGeneration(T5Config(**{key: value for key, value in config.items() if key != "model_type"}))
    state = {name: tensor for name, tensor in blank.state_dict().items() if "embed_tokens" not in name}
    weights = randomise(case, state)
    untied = settings.get("own_head") or config.get("tie_word_embeddings") is False
    if not untied:
        weights.pop("lm_head.weight")
    if settings.get("aliases"):
        for alias in ("encoder.embed_tokens.weight", "decoder.embed_tokens.weight", "lm_head.weight"):
            weights[alias] = weights["shared.weight"].clone()
        # Published with the first version, where nothing reads it.
        weights["decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"] = torch.ones(12, 2)
    write_tensors(folder / "model.safetensors", weights)
    model = T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    is_shared = model.lm_head.weight is model.shared.weight
    assert is_shared != bool(untied) and model.config.scale_decoder_outputs != bool(untied)
    return model


def make_case(case: str, folder: Path) -> None:
    settings = CASES[case]
    shutil.rmtree(folder, ignore_errors=True)
    model = make_folder(case, folder)
    vocabulary = settings["config"]["vocab_size"]
    generator = numpy.random.default_rng([SEED, 7, zlib.crc32(case.encode())])
    draw = lambda lengths: [[*generator.integers(3, vocabulary, length - 1).tolist(), 1] for length in lengths]
    inputs, targets = draw(settings["inputs"]), draw(settings["targets"])

    longest = max(map(len, inputs))
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in inputs])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in inputs])
    length = max(map(len, targets))
    labels = torch.tensor([row + [-100] * (length - len(row)) for row in targets])
    output = model(input_ids=ids, attention_mask=mask, labels=labels)
    output.loss.backward()
    tensors = {"logits": output.logits}
    for name, parameter in model.named_parameters():
        tensors[f"gradient.{name}"] = parameter.grad
    write_tensors(folder / "expected.safetensors", tensors)

    # Its cache has as many layers as the encoder, of which there may be fewer.
    with torch.no_grad():
        written = model.generate(ids, attention_mask=mask, max_new_tokens=40, do_sample=False, num_beams=1, use_cache=False)
    attention = {"encoder": True, "decoder": False}
    distances = torch.arange(-300, 301)
    config = model.config
    rule = {"num_buckets": config.relative_attention_num_buckets, "max_distance": config.relative_attention_max_distance}
    write_json(
        folder / "expected.json",
        {
            "seed": SEED,
            "versions": versions(),
            "inputs": inputs,
            "targets": targets,
            "loss": output.loss.item(),
            "answers": written[:, 1:].tolist(),
            "buckets": {
                side: T5Attention._relative_position_bucket(distances, bidirectional=both, **rule).tolist()
                for side, both in attention.items()
            },
        },
    )
    if case == "byt5":
        make_tokenizer(folder)
    print(case, sum(path.stat().st_size for path in folder.iterdir()), "bytes, loss", output.loss.item())


def make_tokenizer(folder: Path) -> None:
    tokenizer = ByT5Tokenizer()
    tokenizer.save_pretrained(folder)
    decode = lambda ids, skip: tokenizer.decode(ids, skip_special_tokens=skip, clean_up_tokenization_spaces=False)
    write_json(
        folder / "expected-tokenizer.json",
        {
            "texts": [{"text": text, "ids": tokenizer(text).input_ids} for text in TEXTS],
            "ids": [{"ids": ids, "text": decode(ids, False), "plain": decode(ids, True)} for ids in IDS],
        },
    )


def check(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    answers = []
    for text in json.load(sys.stdin):
        ids = tokenizer(text, return_tensors="pt").input_ids
        with torch.no_grad():
            written = model.generate(ids, max_new_tokens=40, do_sample=False, num_beams=1)[0, 1:].tolist()
        answers.append({"ids": ids[0].tolist(), "text": tokenizer.decode(ids[0], skip_special_tokens=True), "answer": written})
    print(json.dumps(answers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES])
    parser.add_argument("--out", type=Path, default=GOLDEN_ROOT / "encoder-decoders")
    parser.add_argument("--check", type=Path)
    arguments = parser.parse_args()
    use_one_exact_thread()
    if arguments.check:
        check(arguments.check)
        return
    for case in arguments.cases or CASES:
        make_case(case, arguments.out / case)


if __name__ == "__main__":
    main()
