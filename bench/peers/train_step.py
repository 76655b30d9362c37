"""The peer of Finery's training step: transformers' decoder in PyTorch on the CPU, AdamW, clipped gradients.

    python bench/peers/train_step.py --config 4m --batch 8 --length 256 [--mode compile] [--optimizer foreach]

Tokens are random, and so are the weights: speed does not depend on them. A step is forward, mean next-token loss,
backward, clip to norm 1, AdamW and clearing the gradients, in float32. The warm-up steps, with the compilation, come
before the clock. Prints one JSON object on one line:

    tokens_per_second, gflops          from the median step
    step_seconds { median, min }
    peak_rss_bytes                     greatest resident memory of the process, compilers it started not counted
    import_rss_bytes                   of that, what Python and its libraries took before a model existed
    parameters, loss                   loss of the last step, to see that training happened
    warmup_seconds                     the warm-up steps, with compilation where there is one
    and the settings and versions that make the number reproducible

Floating-point operations of a step are counted, not measured: 6 x (entries of all linear weights, the head included,
embedding lookup and norms not) x tokens for the products with weights, forward and backward, plus
6 x layers x attention width x T x tokens for causal attention, half of the full square. What an implementation
computes twice (recomputation) or in vain (masked halves) does not count.
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
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel

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


def counted_flops(model: PreTrainedModel, tokens: int, length: int) -> int:
    """Operations of one training step over `tokens` in rows of `length`, as the head of this file counts them."""
    linear = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    config = model.config
    head_width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    width = head_width * config.num_attention_heads
    products = sum(module.weight.numel() for module in linear)
    return 6 * tokens * (products + config.num_hidden_layers * width * length)


def main() -> None:
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    import_rss = peak_rss_bytes()

    config = AutoConfig.for_model(**json.loads(options.config.read_text()))
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="sdpa").train()
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr=3e-4, betas=(0.9, 0.95), weight_decay=0.1, **{options.optimizer: True})
    tokens = options.batch * options.length

    def loss_of(ids: torch.Tensor) -> torch.Tensor:
        logits = model(input_ids=ids, use_cache=False).logits
        # The last position has no target: ignoring it is cheaper than copying the logits of the others.
        targets = pad(ids[:, 1:], (0, 1), value=-100)
        return cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)

    forward = torch.compile(loss_of) if options.mode == "compile" else loss_of

    def step() -> float:
        ids = torch.randint(config.vocab_size, (options.batch, options.length))
        loss = forward(ids)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return loss.item()

    def timed_step() -> tuple[float, float]:
        start = time.perf_counter()
        loss = step()
        return time.perf_counter() - start, loss

    warmup_seconds = sum(timed_step()[0] for _ in range(options.warmup))
    timings = [timed_step() for _ in range(options.steps)]
    seconds = [duration for duration, _ in timings]
    median = statistics.median(seconds)
    result = {
        "tokens_per_second": round(tokens / median, 1),
        "gflops": round(counted_flops(model, tokens, options.length) / median / 1e9, 2),
        "step_seconds": {"median": round(median, 4), "min": round(min(seconds), 4)},
        "peak_rss_bytes": peak_rss_bytes(),
        "import_rss_bytes": import_rss,
        "parameters": sum(p.numel() for p in parameters),
        "loss": round(timings[-1][1], 4),
        "warmup_seconds": round(warmup_seconds, 2),
        **{name: getattr(options, name) for name in ("batch", "length", "threads", "steps", "mode", "optimizer")},
        "config": options.config.stem,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
