"""Writes test/golden/quantized-weights.json: one small layer in each quantised form, and the weight that its own library reads.

    pip install --no-deps auto-gptq==0.7.1 autoawq==0.2.9 bitsandbytes==0.50.2 compressed-tensors==0.20.0 loguru
    python scripts/goldens/quantized_weights.py

A case has `quantization_config`, the tensors as they are stored, and the weight [out, in] in float32.
GPTQ is packed and read by AutoGPTQ's layer (the `gptq_v2` case has GPTQModel's rule applied to the same zero points),
AWQ by AutoAWQ's functions, LLM.int8() and the 4-bit forms by bitsandbytes, fp8 with blocks by transformers, the others by
compressed-tensors.
"""

import base64
import importlib.util
import json
import types
from importlib.metadata import version

import torch
from golden_files import GOLDEN_ROOT, write_json

OUT, IN, GROUP = 32, 32, 16
BLOCK = 16
torch.manual_seed(11)
WEIGHT = torch.randn(OUT, IN) * 0.05

DTYPES = {
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.float8_e4m3fn: "F8_E4M3",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int8: "I8",
    torch.uint8: "U8",
}


def text(tensor: torch.Tensor) -> str:
    return base64.b64encode(tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes()).decode()


def case(config: dict, tensors: dict[str, torch.Tensor], weight: torch.Tensor) -> dict:
    assert weight.shape == (OUT, IN) and torch.isfinite(weight).all()
    error = float((weight - WEIGHT).norm() / WEIGHT.norm())
    assert error < 0.2, error
    stored = {n: {"dtype": DTYPES[t.dtype], "shape": list(t.shape), "data": text(t)} for n, t in tensors.items()}
    return {"quantization_config": config, "tensors": stored, "weight": text(weight.float())}


def alone(name: str) -> types.ModuleType:
    """A module of a package whose own imports are too old for this transformers."""
    package = importlib.util.find_spec(name.split(".")[0]).submodule_search_locations[0]
    path = package + "/" + "/".join(name.split(".")[1:]) + ".py"
    spec = importlib.util.spec_from_file_location(name.replace(".", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def affine(bits: int, g_idx: torch.Tensor = torch.arange(IN) // GROUP) -> tuple[torch.Tensor, torch.Tensor]:
    """Scales and zero points [out, groups] of an asymmetric grid; no zero point is 0, which format `gptq` cannot store."""
    groups = torch.stack([WEIGHT[:, g_idx == group] for group in range(IN // GROUP)], 1)
    low, high = groups.amin(2), groups.amax(2)
    scales = ((high - low) / (2**bits - 1)).half().float()
    return scales, torch.round(-low / scales).clamp(1, 2**bits - 1)


def gptq(bits: int, order: torch.Tensor | None = None, v2: bool = False) -> dict:
    layers = alone("auto_gptq.nn_modules.qlinear.qlinear_cuda")
    linear = torch.nn.Linear(IN, OUT, bias=False)
    linear.weight.data = WEIGHT.clone()
    g_idx = torch.arange(IN) // GROUP
    if order is not None:
        g_idx = g_idx[order]
    scales, zeros = affine(bits, g_idx)
    layer = layers.QuantLinear(bits, GROUP, IN, OUT, bias=False, weight_dtype=torch.float32)
    layer.pack(linear, scales.clone(), zeros.clone(), g_idx.clone().int())
    weight = layer(torch.eye(IN)).T
    zeros = layer.qzeros
    if v2:
        zeros = zeros + int("1".rjust(bits // 4, "0") * (32 // bits), 16)
    config = {
        "quant_method": "gptq",
        "bits": bits,
        "group_size": GROUP,
        "desc_act": order is not None,
        "sym": False,
        "checkpoint_format": "gptq_v2" if v2 else "gptq",
        "damp_percent": 0.01,
    }
    tensors = {"qweight": layer.qweight, "qzeros": zeros, "scales": layer.scales.half(), "g_idx": layer.g_idx.int()}
    return case(config, tensors, weight)


def awq() -> dict:
    packing = alone("awq.utils.packing_utils")
    scales, zeros = affine(4)
    columns = scales.repeat_interleave(GROUP, 1)
    integers = (torch.round(WEIGHT / columns) + zeros.repeat_interleave(GROUP, 1)).clamp(0, 15).int()

    def packed(values: torch.Tensor) -> torch.Tensor:
        words = values.T.contiguous().view(values.shape[1], -1, 8)[:, :, packing.AWQ_ORDER]
        return (words << torch.arange(0, 32, 4)).sum(2).to(torch.int32)

    tensors = {"qweight": packed(integers), "qzeros": packed(zeros.int()), "scales": scales.T.half().contiguous()}
    weight = packing.dequantize_gemm(tensors["qweight"], tensors["qzeros"], tensors["scales"].float(), 4, GROUP).T
    config = {"quant_method": "awq", "bits": 4, "group_size": GROUP, "version": "gemm", "zero_point": True}
    return case(config, tensors, weight)


def llm_int8() -> dict:
    import bitsandbytes.functional as functional

    values, largest, _ = functional.int8_vectorwise_quant(WEIGHT.half())
    weight = functional.int8_vectorwise_dequant(values, largest)
    tensors = {"weight": values, "SCB": largest, "weight_format": torch.tensor(0, dtype=torch.uint8)}
    return case({"quant_method": "bitsandbytes", "load_in_8bit": True, "load_in_4bit": False}, tensors, weight)


def four_bit(quant_type: str, nested: bool, blocksize: int = 64, storage: torch.dtype = torch.uint8) -> dict:
    """By the library's own reference: its CPU kernel takes wrong scales where a block is longer than a row."""
    import bitsandbytes.functional as functional
    from bitsandbytes.backends.default.ops import _dequantize_4bit_compute

    settings = {"quant_type": quant_type, "compress_statistics": nested, "blocksize": blocksize, "quant_storage": storage}
    values, state = functional.quantize_4bit(WEIGHT, **settings)
    absmax = functional.dequantize_blockwise(state.absmax, state.state2) + state.offset if nested else state.absmax
    packed = values.view(torch.uint8).reshape(-1)
    weight = _dequantize_4bit_compute(packed, absmax, state.code, blocksize, state.shape, torch.float32)
    parts = {f"weight.{name}": tensor for name, tensor in state.as_dict(packed=True).items()}
    config = {
        "quant_method": "bitsandbytes",
        "load_in_8bit": False,
        "load_in_4bit": True,
        "bnb_4bit_quant_type": quant_type,
        "bnb_4bit_use_double_quant": nested,
        "bnb_4bit_compute_dtype": "bfloat16",
        "bnb_4bit_quant_storage": str(storage).removeprefix("torch."),
    }
    return case(config, {"weight": values, **parts}, weight)


def fp8_blocks() -> dict:
    from transformers.integrations.finegrained_fp8 import Fp8Dequantize

    blocks = WEIGHT.view(OUT // BLOCK, BLOCK, IN // BLOCK, BLOCK)
    scales = blocks.abs().amax((1, 3)) / 448
    values = (blocks / scales[:, None, :, None]).to(torch.float8_e4m3fn).reshape(OUT, IN)
    reader = Fp8Dequantize(types.SimpleNamespace(quantization_config=types.SimpleNamespace(weight_block_size=[BLOCK] * 2)))
    weight = reader._dequantize_one(values, scales, output_dtype=torch.float32)
    config = {"quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [BLOCK, BLOCK], "activation_scheme": "dynamic"}
    return case(config, {"weight": values, "weight_scale_inv": scales}, weight)


def compressed(form: str, **settings: object) -> dict:
    from compressed_tensors.compressors.naive_quantized.base import NaiveQuantizationCompressor
    from compressed_tensors.compressors.pack_quantized.base import PackedQuantizationCompressor
    from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
    from compressed_tensors.quantization.utils import calculate_qparams

    args = QuantizationArgs(**settings)
    scheme = QuantizationScheme(targets=["Linear"], weights=args)
    if args.strategy == "tensor":
        blocks = WEIGHT.reshape(1, -1)
    elif args.strategy == "block":
        rows, columns = args.block_structure
        padded = torch.nn.functional.pad(WEIGHT, (0, -IN % columns, 0, -OUT % rows))
        blocks = padded.view(padded.shape[0] // rows, rows, -1, columns).transpose(1, 2).flatten(2)
    else:
        blocks = WEIGHT.view(OUT, -1, args.group_size if args.strategy == "group" else IN)
    scale, zero = calculate_qparams(blocks.amin(-1), blocks.amax(-1), args)
    if args.strategy == "block":
        scale, zero = scale.view(blocks.shape[:2]), zero.view(blocks.shape[:2])
    scale = scale.to(torch.bfloat16).float()
    state = {"weight": WEIGHT, "weight_scale": scale, "weight_zero_point": zero}
    compressor = PackedQuantizationCompressor if form == "pack-quantized" else NaiveQuantizationCompressor
    tensors = compressor.compress(state, scheme)
    weight = compressor.decompress(tensors, scheme)["weight"]
    config = {
        "quant_method": "compressed-tensors",
        "format": form,
        "quantization_status": "compressed",
        "config_groups": {"group_0": {"targets": ["Linear"], "weights": json.loads(args.model_dump_json())}},
        "ignore": ["lm_head"],
    }
    stored = {name: tensor for name, tensor in tensors.items() if isinstance(tensor, torch.Tensor)}
    stored["weight_scale"] = stored["weight_scale"].to(torch.bfloat16)
    return case(config, stored, weight)


if __name__ == "__main__":
    torch.set_num_threads(1)
    order = torch.randperm(IN, generator=torch.Generator().manual_seed(3))
    integers = {"type": "int", "symmetric": True}
    cases = {
        "gptq-4": gptq(4),
        "gptq-8": gptq(8),
        "gptq-4-v2": gptq(4, v2=True),
        "gptq-8-v2": gptq(8, v2=True),
        "gptq-4-order": gptq(4, order=order),
        "awq": awq(),
        "llm-int8": llm_int8(),
        "nf4": four_bit("nf4", nested=False),
        "nf4-nested": four_bit("nf4", nested=True, storage=torch.bfloat16),
        "fp4": four_bit("fp4", nested=False, blocksize=128),
        "fp4-nested": four_bit("fp4", nested=True),
        "fp8-blocks": fp8_blocks(),
        "int8-tensor": compressed("int-quantized", num_bits=8, strategy="tensor", **integers),
        "int8-channel": compressed("int-quantized", num_bits=8, strategy="channel", **integers),
        "int8-asymmetric": compressed("int-quantized", num_bits=8, strategy="channel", type="int", symmetric=False),
        "fp8-tensor": compressed("float-quantized", num_bits=8, strategy="tensor", type="float", symmetric=True),
        "fp8-channel": compressed("float-quantized", num_bits=8, strategy="channel", type="float", symmetric=True),
        "fp8-block": compressed(
            "naive-quantized", num_bits=8, strategy="block", type="float", symmetric=True, block_structure=[16, 24]
        ),
        "packed-4": compressed("pack-quantized", num_bits=4, strategy="group", group_size=GROUP, **integers),
        "packed-4-asymmetric": compressed(
            "pack-quantized", num_bits=4, strategy="group", group_size=GROUP, type="int", symmetric=False
        ),
        "packed-8": compressed("pack-quantized", num_bits=8, strategy="channel", **integers),
    }
    packages = ["torch", "transformers", "auto-gptq", "autoawq", "bitsandbytes", "compressed-tensors"]
    made = {name: version(name) for name in packages}
    write_json(GOLDEN_ROOT / "quantized-weights.json", {"versions": made, "out": OUT, "in": IN, "cases": cases})
