"""The peer of Finery's fine-tuning step: PEFT's LoRA on transformers' decoder in PyTorch on the CPU, AdamW, clipped gradients.

    python bench/peers/lora_step.py --config qwen2.5-0.5b --batch 1 --length 512 [--method dora] [--checkpointing]

Weights are random, tokens come from 512 of the vocabulary's ids. A step is forward, mean next-token loss, backward,
clip to norm 1, AdamW and clearing the gradients, in float32; A and B of all linear layers of the blocks are trained.
Prints one JSON object on one line, with the fields of train_step.py and

    trainable      parameters of the adapter
    losses         of each step, the warm-up included
    cpu_seconds    processor time of the median step: with one thread it says what a busy machine hides

Operations are counted: 4 x (entries of all linear weights of the base, the head included) x tokens, because no
derivative by them is needed, 6 x (parameters of the adapter) x tokens, and 6 x layers x attention width x T x tokens.
"""

import argparse
import json
import statistics
import time

import peft
import torch
import transformers
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy, pad
from train_step import config_path, peak_rss_bytes, positive
from transformers import AutoConfig, AutoModelForCausalLM


def parse_arguments() -> argparse.Namespace:
    arguments = argparse.ArgumentParser(description="Time PEFT's fine-tuning step on the CPU.")
    arguments.add_argument("--config", default="qwen2.5-0.5b", type=config_path)
    arguments.add_argument("--method", choices=["lora", "rslora", "dora"], default="lora")
    arguments.add_argument("--r", type=positive, default=16)
    arguments.add_argument("--batch", type=positive, default=1, help="rows per step")
    arguments.add_argument("--length", type=positive, default=512, help="tokens per row")
    arguments.add_argument("--threads", type=positive, default=2)
    arguments.add_argument("--steps", type=positive, default=10, help="timed steps")
    arguments.add_argument("--warmup", type=positive, default=1, help="steps before the clock")
    arguments.add_argument("--checkpointing", action="store_true", help="keep the inputs of blocks only")
    return arguments.parse_args()


def main() -> None:
    options = parse_arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    import_rss = peak_rss_bytes()

    config = AutoConfig.for_model(**json.loads(options.config.read_text()))
    base = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="sdpa").train()
    linear = sum(module.weight.numel() for module in base.modules() if isinstance(module, torch.nn.Linear))
    if options.checkpointing:
        base.gradient_checkpointing_enable()
        base.enable_input_require_grads()
    adapter = LoraConfig(
        r=options.r,
        lora_alpha=2 * options.r,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
        use_rslora=options.method == "rslora",
        use_dora=options.method == "dora",
    )
    model = get_peft_model(base, adapter)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=2e-4, weight_decay=0.0, fused=True)
    tokens = options.batch * options.length
    trainable = sum(p.numel() for p in parameters)
    width = config.num_attention_heads * (config.hidden_size // config.num_attention_heads)
    flops = tokens * (4 * linear + 6 * trainable + 6 * config.num_hidden_layers * width * options.length)

    def step() -> tuple[float, float, float]:
        start, busy = time.perf_counter(), time.process_time()
        ids = torch.randint(512, (options.batch, options.length))
        logits = model(input_ids=ids, use_cache=False).logits
        # The last position has no target: ignoring it is cheaper than copying the logits of the others.
        targets = pad(ids[:, 1:], (0, 1), value=-100)
        loss = cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        return time.perf_counter() - start, loss.item(), time.process_time() - busy

    timings = [step() for _ in range(options.warmup + options.steps)]
    seconds = [duration for duration, _, _ in timings[options.warmup :]]
    median = statistics.median(seconds)
    result = {
        "tokens_per_second": round(tokens / median, 1),
        "gflops": round(flops / median / 1e9, 2),
        "step_seconds": {"median": round(median, 4), "min": round(min(seconds), 4)},
        "peak_rss_bytes": peak_rss_bytes(),
        "import_rss_bytes": import_rss,
        "parameters": sum(p.numel() for p in model.parameters()) - trainable,
        "trainable": trainable,
        "losses": [round(loss, 4) for _, loss, _ in timings],
        "cpu_seconds": round(statistics.median(busy for _, _, busy in timings[options.warmup :]), 4),
        "warmup_seconds": round(sum(duration for duration, _, _ in timings[: options.warmup]), 2),
        **{name: getattr(options, name) for name in ("method", "r", "batch", "length", "threads", "steps")},
        "checkpointing": options.checkpointing,
        "config": options.config.stem,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
