"""Adapters made by PEFT on a tiny decoder, and the judgement of adapters that Finery saved.

    python scripts/goldens/adapters.py [--out DIR]
    python scripts/goldens/adapters.py --check FOLDER EXPECTED.json

The first form starts from the checkpoint `test/golden/decoders/qwen2` (run decoders.py first) and writes, for each of
lora, rslora and dora, to `test/golden/adapters/<method>/`:

    adapter_config.json, adapter_model.safetensors     as PEFT saves them, with every number drawn at random
    expected.json        { versions, ids [2][T], loss, rounding }
    expected.safetensors                               logits, and gradient.<tensor> of the mean next-token loss

`rounding` is the greatest difference of a logit between eager and sdpa attention, at equal arithmetic.

The second form loads FOLDER, an adapter of that checkpoint, into PEFT and prints the greatest difference to the logits
in EXPECTED.json, `{ ids [rows][T], logits [rows * T * vocabulary] }`; exit code 1 where it is above 1e-4.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import peft
import torch
from decoders import load, next_token_loss
from golden_files import GOLDEN_ROOT, use_one_exact_thread, versions, write_json, write_tensors
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict

SEED = 20261121
CHECKPOINT = GOLDEN_ROOT / "decoders" / "qwen2"
ROWS, LENGTH = 2, 20
CASES = {
    "lora": {"r": 3, "lora_alpha": 6, "target_modules": "all-linear"},
    "rslora": {"r": 5, "lora_alpha": 7, "target_modules": ["q_proj", "down_proj"], "use_rslora": True},
    "dora": {"r": 4, "lora_alpha": 8, "target_modules": "all-linear", "use_dora": True},
}


def randomize(model: PeftModel, generator: torch.Generator) -> None:
    """A, B and magnitudes that all leave their mark, as after training."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue
            noise = torch.randn(parameter.shape, generator=generator)
            if "magnitude" in name:
                parameter.mul_(1 + 0.2 * noise)
            else:
                parameter.copy_(noise * (0.3 if "lora_B" in name else parameter.shape[1] ** -0.5))


def logits_of(folder: Path, ids: torch.Tensor, attention: str) -> torch.Tensor:
    with torch.no_grad():
        return PeftModel.from_pretrained(load(CHECKPOINT, attention), folder).eval()(ids).logits


def make(method: str, folder: Path) -> None:
    generator = torch.Generator().manual_seed(SEED)
    model = get_peft_model(load(CHECKPOINT), LoraConfig(task_type="CAUSAL_LM", **CASES[method])).eval()
    randomize(model, generator)
    ids = torch.randint(0, model.config.vocab_size, (ROWS, LENGTH), generator=generator)
    logits = model(ids).logits
    loss = next_token_loss(logits, ids)
    loss.backward()
    # The state dictionary has the names of the file, and the parameters' own gradients under the same keys.
    gradients = {name: p.grad for name, p in model.named_parameters() if p.requires_grad}
    named = get_peft_model_state_dict(model, state_dict=gradients)
    with torch.no_grad():
        moved = (logits - load(CHECKPOINT)(ids).logits).abs().max().item()
    assert moved > 0.5, f"{method}: the adapter moves the logits by {moved} only"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    (folder / "adapter_model.safetensors").chmod(0o644)
    config = json.loads((folder / "adapter_config.json").read_text())
    # A set, in any order; and no path of the machine that wrote it.
    config["target_modules"] = sorted(config["target_modules"])
    config["base_model_name_or_path"] = None
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
    write_tensors(
        folder / "expected.safetensors",
        {"logits": logits, **{f"gradient.{name}": g for name, g in named.items()}},
    )
    rounding = (logits_of(folder, ids, "sdpa") - logits).abs().max().item()
    write_json(
        folder / "expected.json",
        {"versions": {**versions(), "peft": peft.__version__}, "ids": ids.tolist(), "loss": loss.item(), "rounding": rounding},
    )


def check(folder: Path, expected: Path) -> None:
    golden = json.loads(expected.read_text())
    found = logits_of(folder, torch.tensor(golden["ids"]), "eager")
    difference = (found.flatten() - torch.tensor(golden["logits"])).abs().max().item()
    print(json.dumps({"logits_max_difference": difference}))
    sys.exit(0 if difference <= 1e-4 else 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=GOLDEN_ROOT / "adapters")
    parser.add_argument("--check", type=Path, nargs=2, metavar=("FOLDER", "EXPECTED"))
    arguments = parser.parse_args()
    use_one_exact_thread()
    if arguments.check:
        check(*arguments.check)
    for method in CASES:
        make(method, arguments.out / method)


if __name__ == "__main__":
    main()
