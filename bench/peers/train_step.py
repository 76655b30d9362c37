"""The peer of Finery's training step: transformers' decoder in PyTorch on the CPU, AdamW, clipped gradients.

    python bench/peers/train_step.py --config 4m --batch 8 --length 256 [--mode compile] [--optimizer foreach]
    python bench/peers/train_step.py --config qwen2.5-0.5b --batch 1 --length 512 --adapter lora [--r 16] [--checkpointing]

Tokens are random, and so are the weights: speed does not depend on them. A step is forward, mean next-token loss,
backward, clip to norm 1, AdamW and clearing the gradients, in float32. With `--adapter` PEFT freezes the weights, A and
B of all linear layers of the blocks are trained, and tokens come from 512 of the vocabulary's ids, so that there is
something to learn. The warm-up steps, with the compilation, come before the clock. Prints one JSON object on one line:

    tokens_per_second, gflops          from the median step
    step_seconds { median, min }
    cpu_seconds                        processor time of the median step: with one thread it says what a busy machine hides
    peak_rss_bytes                     greatest resident memory of the process, compilers it started not counted
    import_rss_bytes                   of that, what Python and its libraries took before a model existed
    parameters, trainable              of the base, and of those and the adapter's what is trained
    losses                             of each step, the warm-up included, to see that training happened
    warmup_seconds                     the warm-up steps, with compilation where there is one
    and the settings and versions that make the number reproducible

Floating-point operations of a step are counted, not measured: 6 x (entries of all linear weights, the head included,
embedding lookup and norms not) x tokens for the products with weights, forward and backward, plus
6 x layers x attention width x T x tokens for causal attention, half of the full square. A frozen weight counts 4,
because no derivative by it is needed. What an implementation computes twice (recomputation) or in vain (masked halves)
does not count.
"""

import argparse
import json
import resource
import statistics
import time
from pathlib import Path

import torch
import transformers
from torch.nn.functional import cross_entropy, pad
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedConfig, PreTrainedModel

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


def parse_arguments() -> argparse.Namespace:
    known = sorted(file.stem for file in CONFIGS.glob("*.json"))
    arguments = argparse.ArgumentParser(description="Time PyTorch's training step on the CPU.")
    arguments.add_argument("--config", default="4m", type=config_path, help=f"{', '.join(known)} or a path to a .json")
    arguments.add_argument("--batch", type=positive, default=8, help="rows per step")
    arguments.add_argument("--length", type=positive, default=256, help="tokens per row")
    arguments.add_argument("--threads", type=positive, default=2)
    arguments.add_argument("--steps", type=positive, default=10, help="timed steps")
    arguments.add_argument("--warmup", type=positive, default=2, help="steps before the clock")
    arguments.add_argument("--mode", choices=["eager", "compile"], default="eager")
    arguments.add_argument("--optimizer", choices=["fused", "foreach"], default="fused", help="AdamW's implementation")
    arguments.add_argument("--adapter", choices=["lora", "rslora", "dora"], help="train this over frozen weights")
    arguments.add_argument("--r", type=positive, default=16, help="rank of the adapter")
    arguments.add_argument("--dropout", type=float, default=0.0, help="of what the adapter reads")
    arguments.add_argument("--checkpointing", action="store_true", help="keep the inputs of blocks only")
    return arguments.parse_args()


def config_path(text: str) -> Path:
    path = Path(text) if text.endswith(".json") else CONFIGS / f"{text}.json"
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{path} is no file")
    return path


def positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive whole number")
    return value


def peak_rss_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux counts in KiB


def counted_flops(model: torch.nn.Module, config: PreTrainedConfig, tokens: int, length: int) -> int:
    """Operations of one training step over `tokens` in rows of `length`, as the head of this file counts them."""
    linear = [module.weight for module in model.modules() if type(module) is torch.nn.Linear]
    head_width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    width = head_width * config.num_attention_heads
    products = sum((6 if weight.requires_grad else 4) * weight.numel() for weight in linear)
    return tokens * (products + 6 * config.num_hidden_layers * width * length)


def adapted(base: PreTrainedModel, options: argparse.Namespace) -> torch.nn.Module:
    from peft import LoraConfig, get_peft_model

    method = LoraConfig(
        r=options.r,
        lora_alpha=2 * options.r,
        target_modules="all-linear",
        lora_dropout=options.dropout,
        task_type="CAUSAL_LM",
        use_rslora=options.adapter == "rslora",
        use_dora=options.adapter == "dora",
    )
    return get_peft_model(base, method)


def main() -> None:
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    import_rss = peak_rss_bytes()

    config = AutoConfig.for_model(**json.loads(options.config.read_text()))
    # Scaled dot-product attention where the architecture has it: not where it caps scores (Gemma 2).
    base = AutoModelForCausalLM.from_config(config, dtype=torch.float32).train()
    base_parameters = sum(p.numel() for p in base.parameters())
    if options.checkpointing:
        base.gradient_checkpointing_enable()
        base.enable_input_require_grads()
    model = adapted(base, options) if options.adapter else base
    parameters = [p for p in model.parameters() if p.requires_grad]
    whole, tuned = {"lr": 3e-4, "betas": (0.9, 0.95), "weight_decay": 0.1}, {"lr": 2e-4, "weight_decay": 0.0}
    settings = tuned if options.adapter else whole
    optimizer = torch.optim.AdamW(parameters, **settings, **{options.optimizer: True})
    vocabulary = 512 if options.adapter else config.vocab_size
    tokens = options.batch * options.length

    def loss_of(ids: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=ids, use_cache=False).logits
        # The last position has no target: ignoring it is cheaper than copying the logits of the others.
        targets = pad(ids[:, 1:], (0, 1), value=-100)
        return cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)

    forward = torch.compile(loss_of) if options.mode == "compile" else loss_of

    def step() -> tuple[float, float, float]:
        start, busy = time.perf_counter(), time.process_time()
        loss = forward(torch.randint(vocabulary, (options.batch, options.length)))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return time.perf_counter() - start, time.process_time() - busy, loss.item()

    steps = [step() for _ in range(options.warmup + options.steps)]
    timed = steps[options.warmup :]
    seconds = [duration for duration, _, _ in timed]
    median = statistics.median(seconds)
    result = {
        "tokens_per_second": round(tokens / median, 1),
        "gflops": round(counted_flops(model, config, tokens, options.length) / median / 1e9, 2),
        "step_seconds": {"median": round(median, 4), "min": round(min(seconds), 4)},
        "cpu_seconds": round(statistics.median(busy for _, busy, _ in timed), 4),
        "peak_rss_bytes": peak_rss_bytes(),
        "import_rss_bytes": import_rss,
        "parameters": base_parameters,
        "trainable": sum(p.numel() for p in parameters),
        "losses": [round(loss, 4) for _, _, loss in steps],
        "warmup_seconds": round(sum(duration for duration, _, _ in steps[: options.warmup]), 2),
        **{name: getattr(options, name) for name in ("batch", "length", "threads", "steps", "mode", "optimizer")},
        **{name: getattr(options, name) for name in ("adapter", "r", "dropout", "checkpointing")},
        "config": options.config.stem,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
