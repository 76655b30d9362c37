"""Five AdamW steps in PyTorch on a tiny decoder, for the parity tests of optimizer, clipping and schedule together.

    python scripts/goldens/train_steps.py [--out DIR]

Starts from the checkpoint `test/golden/decoders/llama3-scaled` (run decoders.py first) and writes, to
`test/golden/train-steps/`, with the versions recorded inside (torch 2.15.0, transformers 5.23.0):

    expected.json: {
      seed, versions,
      checkpoint: folder of the initial weights, relative to test/golden,
      optimizer: { beta1, beta2, epsilon, weightDecay, maxGradientNorm },
      schedule: { peak, floor, warmupSteps, totalSteps },
      steps: [5] of {
        ids: [2][T],                next tokens are the targets, all of them count
        learningRate,
        loss,                       mean cross-entropy in nats, before the update
        gradientNorm,               global L2 norm before clipping
        parameterNorm               global L2 norm after the update
      },
      rounding: greatest absolute difference of a final parameter between eager and sdpa attention, at equal arithmetic
      undecayed: [name]             the 1-D parameters (norms), which take no weight decay
    }
    expected.safetensors            every parameter after the last step, under its own name

One step, with g the gradient of the mean loss and t = 1, 2, ...:

    c  = min(1, maxGradientNorm / (|g| + 1e-6));  g' = c g        torch.nn.utils.clip_grad_norm_
    p  = p - lr weightDecay p                                     2-D parameters only
    m  = beta1 m + (1 - beta1) g';  v = beta2 v + (1 - beta2) g'^2
    p  = p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)

    lr(t) = peak t / warmupSteps                                                          while t <= warmupSteps
            floor + (peak - floor) (1 + cos(pi (t - warmupSteps) / (totalSteps - warmupSteps))) / 2     after that
"""

import argparse
import math
from pathlib import Path

import numpy
import torch

from decoders import SEED, load, next_token_loss
from golden_files import GOLDEN_ROOT, use_one_exact_thread, versions, write_json, write_tensors

CHECKPOINT = "decoders/llama3-scaled"
STEPS, ROWS, LENGTH = 5, 2, 40
# Few of the tokens occur, so that there is something to learn and most embedding rows see a gradient of exactly zero.
ALPHABET = 24
# A large rate and a strong decay: a slip in either must show above rounding within five steps.
OPTIMIZER = {"beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weightDecay": 0.1, "maxGradientNorm": 1.0}
SCHEDULE = {"peak": 0.01, "floor": 0.001, "warmupSteps": 2, "totalSteps": STEPS}


def learning_rate(t: int) -> float:
    peak, floor, warmup, total = SCHEDULE.values()
    if t <= warmup:
        return peak * t / warmup
    return floor + (peak - floor) * (1 + math.cos(math.pi * (t - warmup) / (total - warmup))) / 2


def global_norm(tensors: list[torch.Tensor]) -> float:
    return math.sqrt(sum(tensor.double().square().sum().item() for tensor in tensors))


def train(batches: torch.Tensor, attention: str, settings: dict = OPTIMIZER):
    """Runs the steps over batches [steps, rows, T]; returns the record of each step and the final parameters."""
    model = load(GOLDEN_ROOT / CHECKPOINT, attention).train()
    parameters = dict(model.named_parameters())
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in parameters.values() if p.dim() > 1], "weight_decay": settings["weightDecay"]},
            {"params": [p for p in parameters.values() if p.dim() == 1], "weight_decay": 0.0},
        ],
        betas=(settings["beta1"], settings["beta2"]),
        eps=settings["epsilon"],
        foreach=False,
    )
    steps = []
    for t, ids in enumerate(batches, start=1):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(t)
        optimizer.zero_grad()
        loss = next_token_loss(model(input_ids=ids, use_cache=False).logits, ids)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(parameters.values(), settings["maxGradientNorm"])
        optimizer.step()
        steps.append(
            {
                "ids": ids.tolist(),
                "learningRate": learning_rate(t),
                "loss": loss.item(),
                "gradientNorm": norm.item(),
                "parameterNorm": global_norm([p.detach() for p in parameters.values()]),
            }
        )
    return steps, {name: p.detach().clone() for name, p in parameters.items()}


def greatest_difference(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> float:
    return max((a[name] - b[name]).abs().max().item() for name in a)


def main() -> None:
    arguments = argparse.ArgumentParser(description="Make the golden file of five training steps.")
    arguments.add_argument("--out", type=Path, default=GOLDEN_ROOT / "train-steps")
    options = arguments.parse_args()
    use_one_exact_thread()

    generator = numpy.random.default_rng([SEED, STEPS])
    alphabet = generator.permutation(load(GOLDEN_ROOT / CHECKPOINT).config.vocab_size)[:ALPHABET]
    batches = torch.tensor(generator.choice(alphabet, (STEPS, ROWS, LENGTH)))
    steps, final = train(batches, "eager")
    rounding = greatest_difference(final, train(batches, "sdpa")[1])

    # Each setting must leave a mark far above rounding, or a test could not tell that it was ignored.
    for ignored in ({"maxGradientNorm": 1e9}, {"weightDecay": 0.0}, {"beta1": 0.8}, {"beta2": 0.99}, {"epsilon": 1e-5}):
        mark = greatest_difference(final, train(batches, "eager", {**OPTIMIZER, **ignored})[1])
        print(f"with {ignored}: parameters differ by {mark:.2e} (rounding {rounding:.2e})")
        assert mark > 20 * rounding, f"{ignored} hardly matters"

    write_tensors(options.out / "expected.safetensors", final)
    write_json(
        options.out / "expected.json",
        {
            "seed": SEED,
            "versions": versions(),
            "checkpoint": CHECKPOINT,
            "optimizer": OPTIMIZER,
            "schedule": SCHEDULE,
            "steps": steps,
            "rounding": rounding,
            "undecayed": [name for name, p in final.items() if p.dim() == 1],
        },
    )
    for step in steps:
        print({key: value for key, value in step.items() if key != "ids"})


if __name__ == "__main__":
    main()
