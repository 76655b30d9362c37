"""Writes a Llama model of given shapes with random weights in llama.cpp's format, to time it.

    python bench/peers/random_gguf.py --config 135m --format f32|q8_0|q4_0 --out FILE

Matrices, the embedding table among them, are in the format asked for, norms in float32. Where the head reads the
embedding table, so it does here. The vocabulary is made up: tokens have the names that a byte-level vocabulary needs.
Needs the package gguf. Prints one JSON object: bytes of the file.
"""

import argparse
import json
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
FORMATS = {
    "f32": (GGMLQuantizationType.F32, LlamaFileType.ALL_F32),
    "q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
    "q4_0": (GGMLQuantizationType.Q4_0, LlamaFileType.MOSTLY_Q4_0),
}


def tensors(config: dict) -> dict[str, tuple[int, ...]]:
    """Shapes by llama.cpp's names."""
    width, inner, vocabulary = config["hidden_size"], config["intermediate_size"], config["vocab_size"]
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    kv_width = width // heads * kv_heads
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (vocabulary, width), "output_norm.weight": (width,)}
    if not config["tie_word_embeddings"]:
        shapes["output.weight"] = (vocabulary, width)
    for layer in range(config["num_hidden_layers"]):
        block = {
            "attn_norm": (width,),
            "attn_q": (width, width),
            "attn_k": (kv_width, width),
            "attn_v": (kv_width, width),
            "attn_output": (width, width),
            "ffn_norm": (width,),
            "ffn_gate": (inner, width),
            "ffn_up": (inner, width),
            "ffn_down": (width, inner),
        }
        shapes.update({f"blk.{layer}.{name}.weight": shape for name, shape in block.items()})
    return shapes


def add_vocabulary(writer: GGUFWriter, size: int) -> None:
    """256 bytes as byte-level vocabularies spell them, then names without a meaning; one merge, for there must be some."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    names = [chr(byte) for byte in printable] + [chr(256 + place) for place in range(len(others))]
    names += ["ab", *(f"<{index}>" for index in range(257, size))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(names)
    writer.add_token_types([TokenType.NORMAL] * size)
    writer.add_token_merges(["a b"])


def main() -> None:
    arguments = argparse.ArgumentParser(description="Write a random model for llama.cpp.")
    arguments.add_argument("--config", required=True, choices=sorted(file.stem for file in CONFIGS.glob("*.json")))
    arguments.add_argument("--format", required=True, choices=FORMATS)
    arguments.add_argument("--out", required=True, type=Path)
    options = arguments.parse_args()
    config = json.loads((CONFIGS / f"{options.config}.json").read_text())
    kind, file_type = FORMATS[options.format]

    writer = GGUFWriter(options.out, "llama")
    writer.add_file_type(file_type)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_rope_dimension_count(config["hidden_size"] // config["num_attention_heads"])
    writer.add_vocab_size(config["vocab_size"])
    add_vocabulary(writer, config["vocab_size"])
    random = np.random.default_rng(0)
    for name, shape in tensors(config).items():
        if len(shape) == 1:
            writer.add_tensor(name, np.ones(shape, np.float32))
            continue
        values = random.normal(0, 0.02, shape).astype(np.float32)
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(json.dumps({"bytes": options.out.stat().st_size}))


if __name__ == "__main__":
    main()
