"""Adapters made by PEFT on tiny T5 models, and the judgement of adapters that Finery saved.

    python scripts/goldens/encoder_decoder_adapters.py [--out DIR]
    python scripts/goldens/encoder_decoder_adapters.py --check BASE FOLDER EXPECTED.json

The first form starts from the checkpoints of encoder_decoders.py (run it first) and writes, for each of lora, rslora and
dora, to `test/golden/encoder-decoder-adapters/<method>/`:

    adapter_config.json, adapter_model.safetensors     as PEFT saves them, with every number drawn at random
    expected.json        { versions, base, inputs, targets: ids of each text, loss: mean over all labels }
    expected.safetensors logits [rows, target length, vocabulary], and gradient.<tensor> of the loss

The second form loads FOLDER, an adapter of the checkpoint BASE, into PEFT and prints the greatest difference to the logits
in EXPECTED.json, `{ inputs, targets, logits [rows * length * vocabulary] }`; exit code 1 where it is above 1e-4.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import peft
import torch
from adapters import randomize
from golden_files import GOLDEN_ROOT, use_one_exact_thread, versions, write_json, write_tensors
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from transformers import T5ForConditionalGeneration

SEED = 20261122
CHECKPOINTS = GOLDEN_ROOT / "encoder-decoders"
CASES = {
    "lora": ("t5-transformers5", {"r": 3, "lora_alpha": 6, "target_modules": "all-linear"}),
    "rslora": ("t5", {"r": 5, "lora_alpha": 7, "target_modules": ["q", "EncDecAttention.v", "wo"], "use_rslora": True}),
    "dora": ("t5-transformers5", {"r": 2, "lora_alpha": 4, "target_modules": "all-linear", "use_dora": True}),
}
INPUTS, TARGETS = [23, 9], [12, 5]


def load(folder: Path) -> T5ForConditionalGeneration:
    return T5ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def padded(rows: list[list[int]], value: int) -> torch.Tensor:
    length = max(map(len, rows))
    return torch.tensor([row + [value] * (length - len(row)) for row in rows])


def answer(model: PeftModel, inputs: list[list[int]], targets: list[list[int]]):
    mask = padded([[1] * len(row) for row in inputs], 0)
    return model(input_ids=padded(inputs, 0), attention_mask=mask, labels=padded(targets, -100))


def make(method: str, folder: Path) -> None:
    base, settings = CASES[method]
    generator = torch.Generator().manual_seed(SEED)
    model = get_peft_model(load(CHECKPOINTS / base), LoraConfig(task_type="SEQ_2_SEQ_LM", **settings)).eval()
    randomize(model, generator)
    draw = lambda lengths: [
        [*torch.randint(3, model.config.vocab_size, (length - 1,), generator=generator).tolist(), 1] for length in lengths
    ]
    inputs, targets = draw(INPUTS), draw(TARGETS)
    output = answer(model, inputs, targets)
    output.loss.backward()
    gradients = {name: p.grad for name, p in model.named_parameters() if p.requires_grad}
    named = get_peft_model_state_dict(model, state_dict=gradients)
    with torch.no_grad():
        moved = (output.logits - answer(load(CHECKPOINTS / base), inputs, targets).logits).abs().max().item()
    assert moved > 0.5, f"{method}: the adapter moves the logits by {moved} only"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    (folder / "adapter_model.safetensors").chmod(0o644)
    config = json.loads((folder / "adapter_config.json").read_text())
    # A set, in any order; and no path of the machine that wrote it.
    if isinstance(config["target_modules"], list):
        config["target_modules"] = sorted(config["target_modules"])
    config["base_model_name_or_path"] = None
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
    write_tensors(
        folder / "expected.safetensors",
        {"logits": output.logits, **{f"gradient.{name}": g for name, g in named.items()}},
    )
    write_json(
        folder / "expected.json",
        {
            "versions": {**versions(), "peft": peft.__version__},
            "base": base,
            "inputs": inputs,
            "targets": targets,
            "loss": output.loss.item(),
        },
    )
    print(method, "moves logits by", moved, "loss", output.loss.item())


def check(base: Path, folder: Path, expected: Path) -> None:
    golden = json.loads(expected.read_text())
    with torch.no_grad():
        found = answer(PeftModel.from_pretrained(load(base), folder).eval(), golden["inputs"], golden["targets"]).logits
    difference = (found.flatten() - torch.tensor(golden["logits"])).abs().max().item()
    print(json.dumps({"logits_max_difference": difference}))
    sys.exit(0 if difference <= 1e-4 else 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=GOLDEN_ROOT / "encoder-decoder-adapters")
    parser.add_argument("--check", type=Path, nargs=3, metavar=("BASE", "FOLDER", "EXPECTED"))
    arguments = parser.parse_args()
    use_one_exact_thread()
    if arguments.check:
        check(*arguments.check)
    for method in CASES:
        make(method, arguments.out / method)


if __name__ == "__main__":
    main()
