"""What lm-evaluation-harness makes of stored answers, with its own task files of GSM8K and BBH.

    python scripts/lm-eval-stored-outputs.py WORK

`WORK` holds `data/*.jsonl` and `outputs/*.jsonl` from scripts/lm-eval-stored-outputs.ts. The task files of the installed
package are copied to `WORK/tasks`, with the path of the data as the only change, and the samples of each task and filter go
to `WORK/samples/TASK.jsonl`. No model is loaded: the answers are those that are stored.
"""

import json
import shutil
import sys
from pathlib import Path

import lm_eval
from lm_eval.api.model import LM
from lm_eval.tasks import TaskManager

PACKAGE = Path(lm_eval.__file__).parent / "tasks"
GSM8K = ["gsm8k", "gsm8k-cot", "gsm8k-cot-zeroshot"]
BBH = ["zeroshot", "cot_zeroshot", "fewshot", "cot_fewshot"]


class StoredAnswers(LM):
    """Answers the requests in their order, as the documents are."""

    def __init__(self, answers):
        super().__init__()
        self.answers = answers

    def generate_until(self, requests, disable_tqdm=False):
        return [self.answers[request.doc_id] for request in requests]

    def loglikelihood(self, requests, disable_tqdm=False):
        raise NotImplementedError

    def loglikelihood_rolling(self, requests, disable_tqdm=False):
        raise NotImplementedError


def with_local_data(source: Path, target: Path, files: dict[str, str]) -> None:
    """The task file with its data taken from local files; every other line stays as it is."""
    kept = [line for line in source.read_text().splitlines() if not line.startswith(("dataset_path:", "dataset_name:", '"dataset_name"'))]
    data = ["dataset_path: json", f"dataset_kwargs: {json.dumps({'data_files': files})}"]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n".join(kept + data) + "\n")


def copied_tasks(work: Path) -> dict[str, str]:
    """Copies the task files. Returns for each task the name of its stored answers."""
    tasks = {}
    for name in GSM8K:
        files = {split: str(work / f"data/gsm8k-{split}.jsonl") for split in ("train", "test")}
        with_local_data(PACKAGE / f"gsm8k/{name}.yaml", work / f"tasks/gsm8k/{name}.yaml", files)
        tasks[name.replace("-", "_")] = "gsm8k"
    for variant in BBH:
        folder = work / f"tasks/bbh/{variant}"
        for subtask in sorted(path.stem for path in (work / "outputs").glob("*.jsonl") if path.stem != "gsm8k"):
            files = {"test": str(work / f"data/{subtask}.jsonl")}
            with_local_data(PACKAGE / f"bbh/{variant}/{subtask}.yaml", folder / f"{subtask}.yaml", files)
            tasks[f"bbh_{variant}_{subtask}"] = subtask
        for shared in [*(PACKAGE / f"bbh/{variant}").glob("_*_template_yaml"), *(PACKAGE / f"bbh/{variant}").glob("utils.py")]:
            shutil.copy(shared, folder)
    return tasks


def main(work: Path) -> None:
    tasks = copied_tasks(work)
    manager = TaskManager(include_path=str(work / "tasks"), include_defaults=False)
    (work / "samples").mkdir(exist_ok=True)
    for task, stored in tasks.items():
        answers = [json.loads(line)["text"] for line in (work / f"outputs/{stored}.jsonl").read_text().splitlines()]
        try:
            result = lm_eval.simple_evaluate(
                StoredAnswers(answers), tasks=[task], task_manager=manager, limit=len(answers), log_samples=True, bootstrap_iters=0, verbosity="ERROR"
            )
        except Exception as error:  # What upstream cannot do is a finding, not an end.
            print(f"{task}: upstream fails: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        lines = [
            json.dumps(
                {
                    "doc_id": sample["doc_id"],
                    "filter": sample["filter"],
                    "prompt": sample["arguments"][0][0],
                    "filtered": sample["filtered_resps"][0],
                    "exact_match": sample["exact_match"],
                },
                ensure_ascii=False,
            )
            for sample in result["samples"][task]
        ]
        (work / f"samples/{task}.jsonl").write_text("\n".join(lines) + "\n")


main(Path(sys.argv[1]).resolve())
