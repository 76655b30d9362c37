"""The peer of Finery's evaluation: lm-evaluation-harness on transformers in PyTorch, on the CPU, in float32.

    python bench/peers/lm_eval_scoring.py --model FOLDER --requests FILE.jsonl --batch 8 [--threads 2]

Each line of the file is `{"prompt", "continuations"}`. A first request is not measured. Prints one JSON object: `seconds`,
`scores` (for each line, log-probability and greediness of each continuation), and versions.
"""

import argparse
import json
import time
from importlib.metadata import version

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM


def main() -> None:
    arguments = argparse.ArgumentParser(description="Time lm-evaluation-harness' log-likelihoods on the CPU.")
    arguments.add_argument("--model", required=True)
    arguments.add_argument("--requests", required=True)
    arguments.add_argument("--batch", type=int, default=1)
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)

    with open(options.requests, encoding="utf-8") as file:
        questions = [json.loads(line) for line in file]
    model = HFLM(pretrained=options.model, device="cpu", dtype="float32", batch_size=options.batch)

    def instances(part: list[dict]) -> list[Instance]:
        return [
            Instance("loglikelihood", {}, (question["prompt"], continuation), place)
            for place, question in enumerate(part)
            for continuation in question["continuations"]
        ]

    model.loglikelihood(instances(questions[:1]), disable_tqdm=True)
    start = time.perf_counter()
    found = iter(model.loglikelihood(instances(questions), disable_tqdm=True))
    seconds = time.perf_counter() - start
    scores = [[list(next(found)) for _ in question["continuations"]] for question in questions]
    versions = {name: version(name) for name in ("lm_eval", "torch", "transformers")}
    print(json.dumps({"seconds": seconds, "scores": scores, "batch": options.batch, "versions": versions}))


if __name__ == "__main__":
    main()
