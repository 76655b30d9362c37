"""The peer of Finery's generation: transformers' decoder in PyTorch on the CPU, in float32, one sequence.

    python bench/peers/transformers_decode.py --config 135m --measure decode [--prompt 128] [--tokens 64]
    python bench/peers/transformers_decode.py --config 135m --measure prefill [--prompt 512]

`decode`: `generate`, the likeliest token each time. `prefill`: one forward pass with the logits of the last token. A first
round is not measured. Prints one JSON object: `seconds`, the median time between two tokens, or that of the pass, and the
settings and versions that make the number reproducible.
"""

import argparse
import itertools
import json
import statistics
import time

import torch
import transformers
from train_step import config_path, positive
from transformers import AutoConfig, AutoModelForCausalLM, PreTrainedModel
from transformers.generation.streamers import BaseStreamer


class Clock(BaseStreamer):
    """Notes when each token comes; the prompt comes first, and is none."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def put(self, value: torch.Tensor) -> None:
        self.times.append(time.perf_counter())

    def end(self) -> None:
        pass


def intervals(model: PreTrainedModel, ids: torch.Tensor, tokens: int) -> list[float]:
    clock = Clock()
    model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        do_sample=False,
        min_new_tokens=tokens,
        max_new_tokens=tokens,
        pad_token_id=0,
        streamer=clock,
    )
    times = clock.times[1:]
    return [after - before for before, after in itertools.pairwise(times)]


def pass_time(model: PreTrainedModel, ids: torch.Tensor) -> list[float]:
    start = time.perf_counter()
    model(input_ids=ids, use_cache=True, logits_to_keep=1)
    return [time.perf_counter() - start]


def main() -> None:
    arguments = argparse.ArgumentParser(description="Time transformers' generation on the CPU.")
    arguments.add_argument("--config", default="135m", type=config_path)
    arguments.add_argument("--measure", choices=["decode", "prefill"], required=True)
    arguments.add_argument("--prompt", type=positive, default=128, help="tokens of the prompt")
    arguments.add_argument("--tokens", type=positive, default=64, help="tokens of the answer")
    arguments.add_argument("--threads", type=positive, default=2)
    arguments.add_argument("--repeats", type=positive, default=3)
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    config = AutoConfig.for_model(**json.loads(options.config.read_text()))
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32, attn_implementation="sdpa").eval()
    seconds: list[float] = []
    with torch.inference_mode():
        for repeat in range(options.repeats + 1):
            ids = torch.randint(config.vocab_size, (1, options.prompt))
            found = intervals(model, ids, options.tokens) if options.measure == "decode" else pass_time(model, ids)
            if repeat > 0:
                seconds += found
    result = {
        "seconds": statistics.median(seconds),
        **{name: getattr(options, name) for name in ("measure", "prompt", "tokens", "threads", "repeats")},
        "config": options.config.stem,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
