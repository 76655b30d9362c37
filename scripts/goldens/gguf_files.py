"""Writes test/golden/gguf.json: blocks of every element type and a small file, by llama.cpp's `gguf` package.

    pip install gguf
    python scripts/goldens/gguf_files.py

blocks:    random bytes with finite scales, and what the package makes of them in float32
quantized: blocks that the package makes of given values, for the types whose rule is fixed
file:      one file of its writer, with every type of metadata and tensors of three shapes
split:     a model in three files of its writer, by name
"""

import base64
import json
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFWriter, GGMLQuantizationType, quants
from gguf.constants import GGML_QUANT_SIZES

random = np.random.default_rng(7)
GOLDEN = Path(__file__).resolve().parents[2] / "test" / "golden" / "gguf.json"

# Where each type keeps numbers in half precision, in bytes from the start of a block.
HALVES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}


def text(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def blocks(name: str) -> dict[str, str]:
    kind = GGMLQuantizationType[name]
    _, size = GGML_QUANT_SIZES[kind]
    raw = random.integers(0, 256, (3, size), dtype=np.uint8)
    for at in HALVES[name]:
        raw[:, at : at + 2] = random.normal(0, 0.01, (3, 1)).astype(np.float16).view(np.uint8)
    values = quants.dequantize(raw, kind).astype(np.float32)
    assert np.isfinite(values).all() and values.std() > 0
    return {"bytes": text(raw), "values": text(values)}


def quantized(name: str) -> dict[str, str]:
    values = random.normal(0, 0.02, (4, 64)).astype(np.float32)
    # A row of zeros, a single outlier, and ties between the largest magnitudes of either sign.
    values[1] = 0
    values[2, 5] = -3
    values[3, 7], values[3, 9] = 0.5, -0.5
    return {"values": text(values), "bytes": text(quants.quantize(values, GGMLQuantizationType[name]))}


def file() -> dict[str, object]:
    matrix = random.normal(0, 1, (3, 64)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.gguf"
        writer = GGUFWriter(path, "llama")
        writer.add_uint8("a.u8", 255)
        writer.add_int8("a.i8", -128)
        writer.add_uint16("a.u16", 65535)
        writer.add_int16("a.i16", -32768)
        writer.add_uint32("a.u32", 2**32 - 1)
        writer.add_int32("a.i32", -(2**31))
        writer.add_float32("a.f32", 0.1)
        writer.add_bool("a.bool", True)
        writer.add_string("a.string", "Größe €")
        writer.add_array("a.strings", ["", "Ġthe", "x"])
        writer.add_array("a.numbers", [1, -2, 3])
        writer.add_uint64("a.u64", 2**53 - 1)
        writer.add_int64("a.i64", -(2**53))
        writer.add_float64("a.f64", 0.1)
        writer.add_tensor("vector", np.arange(5, dtype=np.float32))
        writer.add_tensor("matrix", quants.quantize(matrix, GGMLQuantizationType.Q8_0), raw_dtype=GGMLQuantizationType.Q8_0)
        writer.add_tensor("cube", np.arange(24, dtype=np.float16).reshape(2, 3, 4))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        matrix_again = quants.dequantize(next(t for t in GGUFReader(path).tensors if t.name == "matrix").data, GGMLQuantizationType.Q8_0)
        return {"base64": base64.b64encode(path.read_bytes()).decode(), "matrix": text(matrix_again.astype(np.float32))}


def split() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        writer = GGUFWriter(Path(folder) / "small.gguf", "llama", split_max_tensors=2)
        writer.add_string("general.name", "split")
        for i in range(5):
            writer.add_tensor(f"tensor.{i}", np.arange(3 * i, 3 * i + 3, dtype=np.float32))
        writer.write_header_to_file(Path(folder) / "small.gguf")
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return {path.name: base64.b64encode(path.read_bytes()).decode() for path in sorted(Path(folder).iterdir())}


golden = {
    "gguf": version("gguf"),
    "blocks": {name: blocks(name) for name in HALVES},
    "quantized": {name: quantized(name) for name in ["Q4_0", "Q5_0", "Q8_0", "BF16"]},
    "file": file(),
    "split": split(),
}
GOLDEN.write_text(json.dumps(golden, indent=1) + "\n")
