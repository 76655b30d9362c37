"""Tiny decoder checkpoints and what transformers computes with them, for the parity tests of the model graphs.

    python scripts/goldens/decoders.py [--out DIR] [CASE ...]
    python scripts/goldens/decoders.py --check DIR [CASE ...]

With --check, DIR/<case> are folders that Finery wrote (`finery export test/golden/decoders/<case> --to hf --dtype f32`):
transformers loads each, and the logits must be those of the golden file. Where it does not have the architecture, it runs
the code that is in the folder.

The committed files were made with the versions recorded in each `expected.json` (torch 2.15.0, transformers 5.23.0).

Each case is a Hugging Face folder, `test/golden/decoders/<case>/`, in f32:

    config.json, model.safetensors   the checkpoint; `config.json` is written as published checkpoints write it
    expected.json                    what a reader needs beside numbers, see below
    expected.safetensors             logits                [2, T, vocab]   of `ids`
                                     packed.logits         [P, vocab]      of `packed.ids`
                                     gradient.<parameter>  the parameter's shape: d loss / d parameter

    expected.json: {
      seed, versions,
      ids: [2][T],
      loss: mean cross-entropy over the 2 (T - 1) next tokens,
      packed: {
        ids: [P],            two segments in one row
        lengths: [2],        their lengths, which add up to P; positions start again at 0 in each
        loss: mean cross-entropy over the next tokens inside the segments; none crosses the border
      },
      rounding: { logits, gradients }   greatest absolute difference between two orders of summation (eager and
                                        sdpa attention): what float32 leaves open, a floor for any tolerance
      sensitivity: { feature: ... }     greatest absolute change of the logits when the feature is taken away
    }

The logits of the packed row come from running each segment alone: that is the definition of isolation.
A tied head has no `lm_head.weight`, neither in the checkpoint nor among the gradients.
"""

import argparse
import copy
import json
import tempfile
import zlib
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file
from torch.nn.functional import cross_entropy
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

from golden_files import GOLDEN_ROOT, use_one_exact_thread, versions, write_json, write_tensors

SEED = 20261121

LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_act": "silu",
    "initializer_range": 0.02,
    "rms_norm_eps": 1e-5,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "torch_dtype": "float32",
    "use_cache": True,
}
QWEN2 = {
    **LLAMA,
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "rms_norm_eps": 1e-6,
    "rope_theta": 1000000.0,
    "use_sliding_window": False,
    "sliding_window": 32768,
    "max_window_layers": 2,
}


def shape(hidden: int, intermediate: int, layers: int, heads: int, kv_heads: int, vocab: int) -> dict[str, int]:
    return {
        "hidden_size": hidden,
        "intermediate_size": intermediate,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "vocab_size": vocab,
    }


# What makes each case different stands in its own lines; T is the length of each row, segments split a packed row.
CASES: dict[str, dict] = {
    # No num_key_value_heads and no rope_theta: a first-generation config relies on the defaults.
    "llama2": {
        "config": {
            **LLAMA,
            **{k: v for k, v in shape(32, 88, 2, 4, 4, 96).items() if k != "num_key_value_heads"},
            "max_position_embeddings": 64,
            "tie_word_embeddings": False,
        },
        "length": 48,
        "segments": [20, 27],
    },
    # Wavelengths 6.3, 32.4 and 168 ... tokens against limits 16 and 64: kept, interpolated and slowed frequencies.
    "llama3-scaled": {
        "config": {
            **LLAMA,
            **shape(48, 64, 2, 6, 2, 128),
            "head_dim": 16,
            "max_position_embeddings": 512,
            "rope_theta": 500000.0,
            "rope_scaling": {
                "rope_type": "llama3",
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64,
            },
            "tie_word_embeddings": False,
        },
        "length": 96,
        "segments": [70, 26],
    },
    # The older spelling of the scaling key: `type`. Trained on 32 positions, each row has twice as many.
    "llama-linear": {
        "config": {
            **LLAMA,
            **shape(32, 80, 2, 4, 2, 104),
            "head_dim": 16,
            "max_position_embeddings": 128,
            "rope_theta": 10000.0,
            "rope_scaling": {"type": "linear", "factor": 4.0},
            "tie_word_embeddings": False,
        },
        "length": 64,
        "segments": [33, 31],
    },
    # Keys that the architecture does not use, as SmolLM2's own config has them.
    "smollm2": {
        "config": {
            **LLAMA,
            **shape(48, 96, 3, 6, 2, 160),
            "is_llama_config": True,
            "rope_interleaved": False,
            "rope_scaling": None,
            "max_position_embeddings": 256,
            "rope_theta": 100000.0,
            "attention_bias": False,
            "tie_word_embeddings": True,
        },
        "length": 64,
        "segments": [1, 63],
    },
    "qwen2": {
        "config": {**QWEN2, **shape(48, 88, 2, 6, 2, 144), "max_position_embeddings": 256, "tie_word_embeddings": True},
        "length": 56,
        "segments": [40, 16],
    },
    "qwen2.5-untied": {
        "config": {
            **QWEN2,
            **shape(32, 96, 3, 4, 1, 120),
            "max_position_embeddings": 256,
            "tie_word_embeddings": False,
        },
        "length": 64,
        "segments": [30, 30],
    },
    # The spelling of transformers 5: `rope_parameters` holds theta and scaling, `dtype` replaces `torch_dtype`.
    "llama-biases": {
        "config": {
            **{k: v for k, v in LLAMA.items() if k != "torch_dtype"},
            "dtype": "float32",
            **shape(36, 72, 2, 3, 3, 100),
            "head_dim": 12,
            "max_position_embeddings": 256,
            "rope_parameters": {"rope_type": "default", "rope_theta": 50000.0},
            "attention_bias": True,
            "mlp_bias": True,
            "tie_word_embeddings": False,
        },
        "length": 48,
        "segments": [17, 23],
    },
}

# Below: small enough that a folder takes some tens of KB, with heads of 16 channels, as generation wants them.
TINY = {**shape(16, 24, 2, 2, 1, 48), "max_position_embeddings": 128, "tie_word_embeddings": False}
SPAN = {"length": 40, "segments": [25, 14]}


def family(model_type: str, class_name: str, **fields: object) -> dict[str, object]:
    """
    A tiny configuration of another architecture; a field that is None leaves it out. There is no padding: PyTorch gives
    the embedding of such a token no gradient.
    """
    config = {**LLAMA, **TINY, "model_type": model_type, "architectures": [class_name], **fields}
    return {**{key: value for key, value in config.items() if value is not None}, "pad_token_id": None}


CASES |= {
    "llama": {"config": family("llama", "LlamaForCausalLM", head_dim=16), **SPAN},
    "qwen3": {
        "config": family(
            "qwen3",
            "Qwen3ForCausalLM",
            head_dim=16,
            rope_theta=1000000.0,
            attention_bias=False,
            use_sliding_window=False,
            sliding_window=4096,
            max_window_layers=2,
            tie_word_embeddings=True,
        ),
        **SPAN,
    },
    # The window is crossed by both rows and by the longer segment.
    "mistral": {
        "config": family("mistral", "MistralForCausalLM", head_dim=16, sliding_window=9),
        **SPAN,
        "features": {"sliding_window": {"sliding_window": None}},
    },
    "qwen2.5": {
        "config": family("qwen2", "Qwen2ForCausalLM", hidden_size=32, rope_theta=1000000.0, tie_word_embeddings=True),
        **SPAN,
    },
    "olmo2": {
        "config": family("olmo2", "Olmo2ForCausalLM", hidden_size=32, num_key_value_heads=1, rope_theta=500000.0),
        **SPAN,
    },
}

# Angles that depend on the length are those of the longest text of a batch, so both segments stay within the positions
# trained on, and both rows go beyond: 20 with long-rope, 25 with dynamic scaling.
CASES |= {
    "phi3": {
        "config": family("phi3", "Phi3ForCausalLM", hidden_size=32, sliding_window=11),
        **SPAN,
        "features": {"sliding_window": {"sliding_window": None}},
    },
    "phi3-long": {
        "config": family(
            "phi3",
            "Phi3ForCausalLM",
            hidden_size=64,
            num_attention_heads=2,
            num_key_value_heads=1,
            intermediate_size=16,
            original_max_position_embeddings=20,
            partial_rotary_factor=0.5,
            rope_scaling={
                "type": "longrope",
                "short_factor": [1.0, 1.1, 1.3, 1.6, 2.0, 2.5, 3.0, 3.5],
                "long_factor": [1.0, 1.5, 2.0, 3.0, 4.5, 6.0, 8.0, 10.0],
            },
            tie_word_embeddings=True,
        ),
        "length": 40,
        "segments": [20, 19],
    },
    "llama-yarn": {
        "config": family(
            "llama",
            "LlamaForCausalLM",
            head_dim=16,
            rope_scaling={"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32},
        ),
        **SPAN,
    },
    "llama-dynamic": {
        "config": family(
            "llama",
            "LlamaForCausalLM",
            head_dim=16,
            max_position_embeddings=25,
            rope_scaling={"type": "dynamic", "factor": 3.0},
        ),
        "length": 40,
        "segments": [24, 15],
    },
    "gemma2": {
        "config": family(
            "gemma2",
            "Gemma2ForCausalLM",
            head_dim=16,
            hidden_act="gelu_pytorch_tanh",
            hidden_activation="gelu_pytorch_tanh",
            query_pre_attn_scalar=24,
            sliding_window=9,
            attn_logit_softcapping=2.0,
            final_logit_softcapping=5.0,
            tie_word_embeddings=True,
        ),
        **SPAN,
        "features": {
            "rms_norm_eps": {"rms_norm_eps": 1e-2},
            "attn_logit_softcapping": {"attn_logit_softcapping": None},
            "final_logit_softcapping": {"final_logit_softcapping": None},
            "sliding_window": {"layer_types": ["full_attention"] * 2},
            "query_pre_attn_scalar": {"query_pre_attn_scalar": 16},
        },
    },
    "gemma3": {
        "config": family(
            "gemma3_text",
            "Gemma3ForCausalLM",
            num_hidden_layers=3,
            head_dim=16,
            hidden_act=None,
            hidden_activation="gelu_pytorch_tanh",
            query_pre_attn_scalar=24,
            sliding_window=9,
            sliding_window_pattern=3,
            rope_theta=1000.0,
            rope_local_base_freq=100.0,
            rope_scaling={"rope_type": "linear", "factor": 2.0},
            tie_word_embeddings=True,
        ),
        **SPAN,
        "features": {
            "rms_norm_eps": {"rms_norm_eps": 1e-2},
            "layer_types": {"layer_types": ["sliding_attention"] * 3},
            "query_pre_attn_scalar": {"query_pre_attn_scalar": 16},
        },
    },
    "gpt2": {
        "config": {
            "architectures": ["GPT2LMHeadModel"],
            "model_type": "gpt2",
            "activation_function": "gelu_new",
            "n_embd": 32,
            "n_head": 2,
            "n_layer": 2,
            "n_inner": 24,
            "n_positions": 64,
            "vocab_size": 48,
            "attn_pdrop": 0.1,
            "embd_pdrop": 0.1,
            "resid_pdrop": 0.1,
            "layer_norm_epsilon": 1e-5,
            "summary_type": "cls_index",
            "bos_token_id": 1,
            "eos_token_id": 2,
        },
        **SPAN,
        "features": {"layer_norm_epsilon": {"layer_norm_epsilon": 1e-2}, "activation_function": {"activation_function": "silu"}},
    },
    # Not in transformers: Qwen2 computes the same up to `seq_length`, from the same numbers under other names.
    "qwen": {
        "config": {
            "architectures": ["QWenLMHeadModel"],
            "model_type": "qwen",
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "kv_channels": 16,
            "vocab_size": 48,
            "seq_length": 64,
            "max_position_embeddings": 128,
            "layer_norm_epsilon": 1e-6,
            "rotary_emb_base": 10000,
            "rotary_pct": 1.0,
            "no_bias": True,
            "use_dynamic_ntk": True,
            "use_logn_attn": True,
            "tie_word_embeddings": False,
        },
        "as": family("qwen2", "Qwen2ForCausalLM", hidden_size=32, num_key_value_heads=2, rms_norm_eps=1e-6),
        **SPAN,
    },
    "mixtral": {
        "config": family(
            "mixtral",
            "MixtralForCausalLM",
            head_dim=16,
            num_local_experts=4,
            num_experts_per_tok=2,
            output_router_logits=False,
            router_aux_loss_coef=0.02,
            sliding_window=None,
            rope_theta=1000000.0,
        ),
        **SPAN,
        "features": {"num_experts_per_tok": {"num_experts_per_tok": 1}},
    },
}


def qwen_names(parameters: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Qwen2's parameters under the names of the first Qwen, which has query, key and value in one layer."""
    renamed = {
        "model.embed_tokens.weight": "transformer.wte.weight",
        "model.norm.weight": "transformer.ln_f.weight",
        "lm_head.weight": "lm_head.weight",
    }
    parts = {
        "input_layernorm": "ln_1",
        "self_attn.o_proj": "attn.c_proj",
        "post_attention_layernorm": "ln_2",
        "mlp.gate_proj": "mlp.w2",
        "mlp.up_proj": "mlp.w1",
        "mlp.down_proj": "mlp.c_proj",
    }
    found = {renamed[name]: tensor for name, tensor in parameters.items() if name in renamed}
    layers = {int(name.split(".")[2]) for name in parameters if name.startswith("model.layers.")}
    for layer in sorted(layers):
        old, new = f"model.layers.{layer}", f"transformer.h.{layer}"
        for part, name in parts.items():
            found[f"{new}.{name}.weight"] = parameters[f"{old}.{part}.weight"]
        for kind in ("weight", "bias"):
            rows = [parameters[f"{old}.self_attn.{part}_proj.{kind}"] for part in "qkv"]
            found[f"{new}.attn.c_attn.{kind}"] = torch.cat(rows)
    return found


def mixtral_names(parameters: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The experts of each layer one by one, as checkpoints have them; transformers keeps them in two stacks."""
    found = {}
    for name, tensor in parameters.items():
        if name.endswith("mlp.experts.gate_up_proj"):
            experts = name.replace("mlp.experts.gate_up_proj", "block_sparse_moe.experts")
            for i, expert in enumerate(tensor):
                found[f"{experts}.{i}.w1.weight"], found[f"{experts}.{i}.w3.weight"] = expert.chunk(2)
        elif name.endswith("mlp.experts.down_proj"):
            experts = name.replace("mlp.experts.down_proj", "block_sparse_moe.experts")
            found |= {f"{experts}.{i}.w2.weight": expert for i, expert in enumerate(tensor)}
        else:
            found[name.replace("mlp.gate.", "block_sparse_moe.gate.")] = tensor
    return found


# From the names that parameters have in transformers to those that they have in checkpoints.
STORED = {"qwen": qwen_names, "mixtral": mixtral_names}



def random_parameters(case: str, model: PreTrainedModel) -> dict[str, torch.Tensor]:
    """Every parameter random, at scales where attention is selective and the logits spread by more than one."""
    generator = numpy.random.default_rng([SEED, zlib.crc32(case.encode())])
    tied = model.config.tie_word_embeddings
    offset = 0 if model.config.model_type.startswith("gemma") else 1

    def values(name: str, parameter: torch.Tensor) -> numpy.ndarray:
        noise = generator.standard_normal(tuple(parameter.shape))
        if name.endswith(("norm.weight", "ln_1.weight", "ln_2.weight", "ln_f.weight")):
            return offset + 0.3 * noise
        if name.endswith("bias"):
            return 0.5 * noise
        width = parameter.shape[-1]
        if name.endswith("wpe.weight"):
            return 0.5 * noise / width**0.5
        if "embed_tokens" in name or name.endswith("wte.weight"):
            return noise * (2 / width**0.5 if tied else 1)
        return noise * (2 if "lm_head" in name else 1.4) / width**0.5

    return {name: torch.tensor(values(name, p), dtype=torch.float32) for name, p in model.named_parameters()}


def next_token_loss(logits: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
    """Mean cross-entropy of [B, T, vocab] logits against the next token of each row, in nats."""
    return cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


def load(folder: Path, attention: str = "eager") -> PreTrainedModel:
    model, report = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation=attention,
        output_loading_info=True,
        local_files_only=True,
        trust_remote_code=True,
    )
    assert not any(report.values()), f"{folder}: not loaded as written: {report}"
    return model.eval()


def logits_loss_gradients(model: PreTrainedModel, ids: torch.Tensor):
    """Runs forward and backward on ids [B, T]; the gradients come under their parameters' names."""
    logits = model(input_ids=ids, use_cache=False).logits
    loss = next_token_loss(logits, ids)
    loss.backward()
    gradients = {name: p.grad for name, p in model.named_parameters()}
    return logits.detach(), loss.item(), gradients


def without(folder: Path, change: dict[str, object], parameters: dict[str, torch.Tensor]) -> PreTrainedModel:
    """The same weights under a changed configuration, without the parameters that it no longer has."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    for key, value in change.items():
        setattr(config, key, value)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="eager").eval()
    kept = {name: parameters[name] for name, _ in model.named_parameters()}
    model.load_state_dict(kept, strict=not config.tie_word_embeddings)
    return model


@torch.no_grad()
def sensitivity(
    folder: Path,
    model: PreTrainedModel,
    ids: torch.Tensor,
    logits: torch.Tensor,
    features: dict[str, dict[str, object]],
) -> dict[str, float]:
    """How far the logits move when one feature is taken away: a test that ignores the feature must fail by this."""

    def distance(other: PreTrainedModel) -> float:
        return (other(input_ids=ids, use_cache=False).logits - logits).abs().max().item()

    parameters = dict(model.named_parameters())
    changes = {**features}
    rope = getattr(model.config, "rope_parameters", None)
    if rope and "rope_type" in rope:
        changes["rope_theta"] = {"rope_parameters": {**rope, "rope_theta": rope["rope_theta"] * 1.25}}
        if rope["rope_type"] != "default":
            kept = {key: rope[key] for key in ("rope_theta", "partial_rotary_factor") if key in rope}
            changes["rope_scaling"] = {"rope_parameters": {"rope_type": "default", **kept}}
    elif rope:
        for kind, parameters_of_kind in rope.items():
            changed = {**parameters_of_kind, "rope_theta": parameters_of_kind["rope_theta"] * 1.25}
            changes[f"{kind}.rope_theta"] = {"rope_parameters": {**rope, kind: changed}}
    if hasattr(model.config, "rms_norm_eps"):
        changes.setdefault("rms_norm_eps", {"rms_norm_eps": 1e-3})
    found = {feature: distance(without(folder, change, parameters)) for feature, change in changes.items()}
    for suffix in sorted({name.rsplit(".", 2)[-2] for name in parameters if name.endswith(".bias")}):
        bare = copy.deepcopy(model)
        for name, parameter in bare.named_parameters():
            if name.endswith(f"{suffix}.bias"):
                parameter.zero_()
        found[f"{suffix}.bias"] = distance(bare)
    return found


def make_case(case: str, target: Path) -> None:
    spec = CASES[case]
    if "as" not in spec:
        return fill_case(case, target, target)
    with tempfile.TemporaryDirectory() as other:
        fill_case(case, target, Path(other))


def fill_case(case: str, target: Path, folder: Path) -> None:
    """Writes the files of a case to `target`; `folder` holds the checkpoint that transformers reads."""
    spec = CASES[case]
    length, segments, vocab = spec["length"], spec["segments"], spec["config"]["vocab_size"]
    stored = STORED.get(case, lambda parameters: parameters)

    write_json(target / "config.json", spec["config"])
    if folder != target:
        write_json(folder / "config.json", spec["as"])
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    drawn = random_parameters(case, AutoModelForCausalLM.from_config(config))
    write_tensors(target / "model.safetensors", stored(drawn))
    if folder != target:
        write_tensors(folder / "model.safetensors", drawn)

    generator = numpy.random.default_rng([SEED, zlib.crc32(case.encode()), 1])
    ids = torch.tensor(generator.integers(0, vocab, (2, length)))
    packed = torch.tensor(generator.integers(0, vocab, sum(segments)))

    model = load(folder)
    logits, loss, gradients = logits_loss_gradients(model, ids)
    with torch.no_grad():
        alone = [model(input_ids=segment[None], use_cache=False).logits[0] for segment in packed.split(segments)]
    inside = zip(alone, packed.split(segments), strict=True)
    summed = sum(cross_entropy(scores[:-1], segment[1:], reduction="sum") for scores, segment in inside)
    packed_loss = (summed / (len(packed) - len(segments))).item()

    # Gemma 2 has no other order of summation than that of eager attention; float64 has no rounding to speak of.
    other = load(folder).double() if config.model_type == "gemma2" else load(folder, "sdpa")
    other_logits, _, other_gradients = logits_loss_gradients(other, ids)
    features = sensitivity(folder, model, ids, logits, spec.get("features", {}))

    assert logits.std() >= 1, f"{case}: logits too flat, {logits.std()}"
    for name, gradient in gradients.items():
        assert gradient.abs().max() > 1e-4, f"{case}: {name} hardly matters, a test could not see it"
    assert min(features.values()) > 1e-2, f"{case}: a feature hardly matters: {features}"

    write_tensors(
        target / "expected.safetensors",
        {
            "logits": logits,
            "packed.logits": torch.cat(alone),
            **{f"gradient.{name}": gradient for name, gradient in stored(gradients).items()},
        },
    )
    rounding = {
        "logits": (logits - other_logits).abs().max().item(),
        "gradients": max((gradients[n] - other_gradients[n]).abs().max().item() for n in gradients),
    }
    write_json(
        target / "expected.json",
        {
            "seed": SEED,
            "versions": versions(),
            "ids": ids.tolist(),
            "loss": loss,
            "packed": {
                "ids": packed.tolist(),
                "lengths": segments,
                "loss": packed_loss,
            },
            "rounding": rounding,
            "sensitivity": features,
        },
    )
    size = sum(file.stat().st_size for file in target.iterdir())
    print(
        f"{case}: {sum(p.numel() for p in drawn.values())} parameters, {size} bytes, loss {loss:.4f}, "
        f"logits std {logits.std():.2f}, rounding {rounding}, sensitivity {features}"
    )


@torch.no_grad()
def check_case(case: str, folder: Path) -> None:
    golden = GOLDEN_ROOT / "decoders" / case
    expected = load_file(golden / "expected.safetensors")["logits"]
    ids = torch.tensor(json.loads((golden / "expected.json").read_text())["ids"])
    error = (load(folder)(input_ids=ids, use_cache=False).logits - expected).abs().max().item()
    assert error < 1e-4 * max(1, expected.std().item()), f"{case}: logits differ by {error}"
    print(f"{case}: transformers loads it, logits within {error:.1e}")


def main() -> None:
    arguments = argparse.ArgumentParser(description="Make the decoder golden files.")
    arguments.add_argument("cases", nargs="*", metavar="CASE", help=f"all by default: {', '.join(CASES)}")
    arguments.add_argument("--out", type=Path, default=GOLDEN_ROOT / "decoders")
    arguments.add_argument("--check", type=Path, metavar="DIR", help="judge folders that Finery wrote instead")
    options = arguments.parse_args()
    if unknown := set(options.cases) - set(CASES):
        arguments.error(f"unknown case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    use_one_exact_thread()
    for case in options.cases or CASES:
        if options.check is None:
            make_case(case, options.out / case)
        else:
            check_case(case, options.check / case)


if __name__ == "__main__":
    main()
