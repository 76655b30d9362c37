"""What transformers answers with a Hugging Face folder, for `scripts/exported-answers.ts`.

    python scripts/goldens/transformers_answers.py FOLDER < request.json > answer.json

The request is {"texts", "promptTokens", "greedyTokens"}; the answer has {"ids", "greedy"} for each text. Code that is in
the folder is run.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
torch.set_num_threads(1)


@torch.no_grad()
def main() -> None:
    folder = Path(sys.argv[1])
    request = json.load(sys.stdin)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=True)
    model, report = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, trust_remote_code=True, output_loading_info=True
    )
    assert not any(report.values()), f"{folder}: not loaded as written: {report}"
    model.eval().generation_config.eos_token_id = None
    answers = []
    for text in request["texts"]:
        ids = tokenizer.encode(text, add_special_tokens=False)
        prompt = torch.tensor([ids[: request["promptTokens"]]])
        output = model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=request["greedyTokens"],
            do_sample=False,
        )
        answers.append({"ids": ids, "greedy": output[0, prompt.shape[1] :].tolist()})
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
