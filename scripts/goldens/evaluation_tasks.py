"""Writes test/golden/evaluation/tasks.json: tasks as lm-evaluation-harness understands them.

    python scripts/goldens/evaluation_tasks.py > test/golden/evaluation/tasks.json

For the tests in src/eval/tasks: prompts, requests, filtered answers and scores of small tasks on invented data; samples of
Python's random numbers, matches of its regular expressions, its literals, and templates rendered by Jinja2. Needs
scripts/goldens/requirements-evaluation.txt and `datasets`.
"""

import ast
import json
import logging
import random
import re
import sys
import tempfile
from pathlib import Path

import lm_eval
from jinja2 import UndefinedError
from lm_eval.api.task import ConfigurableTask
from lm_eval.utils import apply_template

logging.disable(logging.CRITICAL)

SPLITS = {
    "test": [
        {"id": f"t{i}", "text": text, "label": i % 3, "choices": choices, "answer": answer, "gap": i % 2}
        for i, (text, choices, answer) in enumerate(
            [
                ("Orders rose.", ["up", "down", "flat"], "4"),
                ("Costs fell sharply ", ["better", "worse than before", "same"], "17"),
                ("Nothing new.", ["no", "yes", "perhaps"], "0"),
                ("利益が増えた。", ["上がる", "下がる", "同じ"], "1,250"),
                ("A loss of (12)", ["gain", "loss", "neither of both"], "-12"),
            ]
        )
    ],
    "train": [
        {"id": f"e{i}", "text": f"Example {i}", "label": (2 * i) % 3, "choices": [f"a{i}", f"b {i}", f"c{i}"],
         "answer": str(i * i), "gap": i % 2}
        for i in range(12)
    ],
}

BASE = {"dataset_path": "json", "test_split": "test"}

CASES = {
    "choice, examples drawn": {
        "output_type": "multiple_choice", "fewshot_split": "train", "num_fewshot": 3,
        "description": "Which way?\n\n", "doc_to_text": "News: {{text}}\nMove:", "doc_to_target": "label",
        "doc_to_choice": ["up", "down", "flat"],
        "metric_list": [{"metric": name, "aggregation": "mean", "higher_is_better": True}
                        for name in ["acc", "acc_norm", "acc_bytes", "acc_mutual_info", "exact_match"]],
    },
    "choice, options of the document": {
        "output_type": "multiple_choice", "fewshot_split": "train", "num_fewshot": 2,
        "fewshot_config": {"sampler": "first_n"}, "doc_to_text": "text", "doc_to_target": "{{label}}",
        "doc_to_choice": "choices", "fewshot_delimiter": "\n--\n", "target_delimiter": " => ",
        "metric_list": [{"metric": "acc"}, {"metric": "acc_norm"}, {"metric": "acc_bytes"}],
    },
    "choice, options written by a template": {
        "output_type": "multiple_choice", "num_fewshot": 0, "doc_to_text": "{{text.strip()}} It is",
        "doc_to_target": "{{choices[label] ~ (\"'s\" if label == 1 else '')}}",
        "doc_to_choice": "{{[choices[0], choices[1] ~ \"'s\", choices[2]]}}",
        "metric_list": [{"metric": "acc"}],
    },
    "choice, examples of the same split": {
        "output_type": "multiple_choice", "fewshot_split": "test", "num_fewshot": 2,
        "doc_to_text": "{{text}}", "doc_to_target": "label", "doc_to_choice": ["up", "down", "flat"],
        "metric_list": [{"metric": "acc"}],
    },
    "choice with a prefix": {
        "output_type": "multiple_choice", "fewshot_split": "train", "num_fewshot": 1, "gen_prefix": "Answer: it is",
        "description": "{{id}}: ", "doc_to_text": "{{text}}", "doc_to_target": "label",
        "doc_to_choice": ["up", "down", "flat"], "metric_list": [{"metric": "acc"}],
    },
    "gap": {
        "output_type": "multiple_choice", "fewshot_split": "train", "num_fewshot": 1, "doc_to_text": "gap",
        "doc_to_target": "{{text}}", "doc_to_choice": "{{[choices[0] ~ ' then', choices[1] ~ ' then']}}",
        "metric_list": [{"metric": "acc"}],
    },
    "continuation": {
        "output_type": "loglikelihood", "num_fewshot": 0, "doc_to_text": "{{text}}", "doc_to_target": " {{answer}}",
        "metric_list": [{"metric": "perplexity"}, {"metric": "acc"}],
    },
    "whole texts": {
        "output_type": "loglikelihood_rolling", "num_fewshot": 0, "doc_to_text": "", "doc_to_target": "{{text}}",
        "metric_list": [{"metric": "word_perplexity"}, {"metric": "byte_perplexity"}, {"metric": "bits_per_byte"}],
    },
    "written, examples drawn": {
        "output_type": "generate_until", "fewshot_split": "train", "num_fewshot": 4,
        "doc_to_text": "Question: {{text}}\nAnswer:", "doc_to_target": "answer",
        "generation_kwargs": {"until": ["\n", "Question:"], "max_gen_toks": 32},
        "filter_list": [
            {"name": "strict-match", "filter": [
                {"function": "regex", "regex_pattern": "The answer is (\\-?[0-9\\.\\,]+)"}, {"function": "take_first"}]},
            {"name": "flexible-extract", "filter": [
                {"function": "regex", "group_select": -1, "regex_pattern": "(-?[$0-9.,]{2,})|(-?[0-9]+)"},
                {"function": "take_first"}]},
        ],
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True, "ignore_case": True,
                         "ignore_punctuation": False, "regexes_to_ignore": [",", "\\$", "\\.$"]}],
    },
    "written, several answers": {
        "output_type": "generate_until", "num_fewshot": 0, "repeats": 3, "doc_to_text": "{{text}} Q:",
        "doc_to_target": "{{choices[label]}}", "generation_kwargs": {"until": ["\n"], "do_sample": True, "temperature": 0.5},
        "filter_list": [{"name": "maj", "filter": [
            {"function": "remove_whitespace"}, {"function": "lowercase"}, {"function": "majority_vote"},
            {"function": "take_first"}]}],
        "metric_list": [{"metric": "exact_match"}],
    },
    "written, with a prefix": {
        "output_type": "generate_until", "fewshot_split": "train", "num_fewshot": 2, "gen_prefix": "Result:",
        "description": "Do it.\n", "doc_to_text": "{{text}}", "doc_to_target": "{{choices}}", "target_delimiter": "\n",
        "generation_kwargs": {"until": ["\n\n"]}, "metric_list": [{"metric": "exact_match"}],
    },
}

ANSWERS = [
    "The answer is 4.", "I think 17, or rather 18", " UP", "No number here", "Because of (12) it is -12",
    "The answer is 1,250", "$0.00", "42.5", "up", "NO ", "利益は１２３円", "loss", "",
]


def task_of(config: dict, folder: Path) -> ConfigurableTask:
    files = {split: str(folder / f"{split}.jsonl") for split in SPLITS}
    return ConfigurableTask(config={"task": "case", **BASE, "dataset_kwargs": {"data_files": files}, **config})


def contexts(task: ConfigurableTask, docs: list, shots: int, **settings) -> list:
    """Prompts of all documents in order, as a run makes them: the sampler goes on from one to the next."""
    if hasattr(task, "sampler"):
        task.set_fewshot_seed(seed=1234)
    written = []
    for doc in docs:
        written.append(task.fewshot_context(
            doc, shots, gen_prefix=task.doc_to_prefix(doc),
            chat_template=(lambda messages, add_generation_prompt=True: messages) if settings else None, **settings))
    return written


def case(config: dict, folder: Path) -> dict:
    task = task_of(config, folder)
    docs = list(task.eval_docs)
    shots = config["num_fewshot"]
    plain = contexts(task, docs, shots)
    result = {"config": config, "prompts": plain}
    if config["output_type"] not in ("loglikelihood", "loglikelihood_rolling"):
        result["chat"] = contexts(task, docs, shots, apply_chat_template=True, fewshot_as_multiturn=False)
        result["turns"] = contexts(task, docs, shots, apply_chat_template=True, fewshot_as_multiturn=True,
                                   system_instruction="Be brief.")
    numbers = random.Random(5)
    requests, scores = [], []
    for doc, context in zip(docs, plain):
        built = task.construct_requests(doc, context, metadata=("case", 0, 1))
        built = built if isinstance(built, list) else [built]
        if config["output_type"] == "generate_until":
            answers = [numbers.choice(ANSWERS) for _ in range(config.get("repeats", 1))]
            requests.append({"until": built[0].args[1]["until"], "answers": answers})
            filtered = {}
            for ensemble in task._filters:
                responses = [answers]
                for filter_ in ensemble.filters:
                    responses = list(filter_().apply(responses, [doc]))
                filtered[ensemble.name] = {"text": responses[0], **task.process_results(doc, responses)}
            scores.append(filtered)
        else:
            likelihoods = [(-round(numbers.uniform(0.5, 9), 3), numbers.random() < 0.4) for _ in built]
            if config["output_type"] == "loglikelihood_rolling":
                requests.append({"arguments": [list(request.args) for request in built],
                                 "likelihoods": [value for value, _ in likelihoods]})
                scores.append({"none": task.process_results(doc, [likelihoods[0][0]])})
            else:
                requests.append({"arguments": [list(request.args) for request in built], "likelihoods": likelihoods})
                scores.append({"none": task.process_results(doc, likelihoods)})
    return {**result, "requests": requests, "scores": scores}


def cases() -> dict:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for split, rows in SPLITS.items():
            (folder / f"{split}.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        return {title: case(config, folder) for title, config in CASES.items()}


def samples() -> list:
    sizes = [(10, 3), (100, 5), (21, 5), (22, 5), (30, 6), (85, 6), (86, 6), (1000, 8), (5000, 25), (3, 3), (1, 1), (4, 0)]
    drawn = []
    for seed in (1234, 0, 7, 2**32 - 1, 2**32, 2**53 - 1):
        generator = random.Random(seed)
        drawn.append({"seed": seed, "samples": [[n, k, generator.sample(range(n), k)] for n, k in sizes]})
    return drawn


PATTERNS = {
    r"#### (\-?[0-9\.\,]+)": ["#### 12,000\n", "#### -3.5 #### 4", "none"],
    r"(-?[$0-9.,]{2,})|(-?[0-9]+)": ["is 5 or $10.00", "-12"],
    r"\d+": ["٣٤ and 56", "１２"],
    r"\w+": ["naïve 中文 a_b"],
    r"[\w'-]+": ["it's naïve-ish"],
    r"\s+": ["a\u00a0b\u2003c\n"],
    r"(?i)answer:\s*(.+)": ["ANSWER:  yes\nno"],
    r"(?P<letter>[A-D])\b": ["A) B, Cats"],
    r"[^\d]+": ["a1b22"],
    r"\D": ["1a２b"],
    r"[]x]": ["a]x"],
    r"x*": ["axxb"],
    r"\\boxed\{([^}]*)\}": ["\\boxed{42} \\boxed{}"],
    r"end\Z": ["the end", "end\n"],
    r"\$([0-9]+)": ["$5 and $60"],
    r"^b": ["a\nb", "b"],
    r"(a)(b)?": ["abaa"],
    r".": ["a\nb"],
}

LITERALS = [
    "['a', 'b']", "['it\\'s', \"say \\\"x\\\"\"]", "[1, -2.5, 3e2, True, None]", "('a', 'b',)", "('a')", "[]", "[['a'], []]",
    "['\\u4e2d', '\\x41', '\\n']", "['a' 'b']", "[ 'a' , ]", "'plain'", "12", "['a' 'b', 'c']", "[a, b]", "['a'", "['a'] x",
    "[,]", "['a',, 'b']", "__import__('os')", "", "['a\nb']", "[1_000]", "{'a': 1}", "['\\q']", "(1)",
]

TEMPLATES = [
    ["{{ text }}", {"text": "a\n"}], ["a\n", {}], ["{% if a %}\n  x\n{% endif %}\n", {"a": True}],
    ["{{ missing }}", {}], ["{{ a.b }}", {"a": {}}], ["{{ a['b'] }}", {"a": {"b": 1}}], ["{{ a[3] }}", {"a": [1]}],
    ["{% if missing %}x{% endif %}", {}], ["{% for x in missing %}x{% endfor %}", {}],
    ["{{ missing | default('d') }}", {}], ["{{ missing is defined }}", {}], ["{{ 'x' if false }}", {}],
    ["{{ choices }}", {"choices": ["a", "it's", 1, None, True, 2.5]}], ["{{ n }}", {"n": 1000000}],
    ["{% for c in choices %}{{ loop.index }}. {{ c }}{% if not loop.last %}, {% endif %}{% endfor %}", {"choices": ["x", "y"]}],
    ["{{ text.strip().split(' ')[0] | upper }}", {"text": " one two "}], ["{{ text[2:5] }}", {"text": "abcdefg"}],
    ["{{ choices | join(', ') }}", {"choices": ["x", "y"]}], ["{{ range(3) | list }}", {}],
    ["{%- set x = 2 -%}\n{{ x * 3 }}", {}], ["{{ 'ABCD'[i] }}", {"i": 2}], ["{{ text | length }}", {"text": "中文"}],
    ["  {{- text -}}  ", {"text": "a"}], ["{# nothing #}x", {}], ["{{ a ~ 1 }}", {"a": "n"}], ["{{ none }}", {"none": "field"}],
    ["{{ '%.2f' }}", {}], ["{{ text.replace('a', 'b') }}", {"text": "banana"}], ["{{ not a }}", {"a": 0}],
    ["{{ namespace }}", {"namespace": "field"}], ["{% set ns = namespace(n=0) %}{% for i in [1,2] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", {}],
]


def rendered(template: str, document: dict) -> str | None:
    try:
        return apply_template(template, document)
    except UndefinedError:
        return None


def literal(text: str):
    try:
        value = ast.literal_eval(text.lstrip(" \t"))
    except (SyntaxError, ValueError):
        return {"ok": False}
    return {"ok": not isinstance(value, dict), "value": value}


def main() -> None:
    golden = {
        "versions": {"lm_eval": lm_eval.__version__, "python": sys.version.split()[0]},
        "splits": SPLITS,
        "cases": cases(),
        "samples": samples(),
        "patterns": [[pattern, text, re.findall(pattern, text)] for pattern, texts in PATTERNS.items() for text in texts],
        "literals": [[text, literal(text)] for text in LITERALS],
        "templates": [[template, document, rendered(template, document)] for template, document in TEMPLATES],
    }
    print(json.dumps(golden, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
