"""Writes test/golden/evaluation/metrics.json: scikit-learn, rouge-score, seqeval and lm-evaluation-harness on small data.

    python scripts/goldens/evaluation_metrics.py > test/golden/evaluation/metrics.json

For the tests in src/eval/metrics. Needs scripts/goldens/requirements-evaluation.txt.
"""

import itertools
import json
import math
import sys

import numpy
import sklearn
from lm_eval.api import metrics as harness
from rouge_score.rouge_scorer import RougeScorer
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2
from sklearn import metrics
from sklearn.calibration import calibration_curve

random = numpy.random.default_rng(21)


def floats(values) -> list[float]:
    return [float(value) for value in values]


def nullable(values) -> list[float | None]:
    return [None if math.isnan(value) else float(value) for value in values]


def classification() -> dict:
    """A class that nobody has nor predicts, one never predicted, and answers without a label."""
    labels = ["positive", "negative", "neutral", "mixed", "absent"]
    gold = random.choice(labels[:4], 120, p=[0.5, 0.2, 0.25, 0.05])
    noise = random.choice([*labels[:3], "unparsed"], 120)
    predicted = numpy.where(random.random(120) < 0.6, gold, noise)
    predicted[predicted == "mixed"] = "neutral"
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        gold, predicted, labels=labels, zero_division=numpy.nan
    )

    def averaged(average):
        return float(metrics.f1_score(gold, predicted, labels=labels, average=average, zero_division=numpy.nan))

    return {
        "labels": labels,
        "gold": gold.tolist(),
        "predicted": predicted.tolist(),
        "precision": nullable(precision),
        "recall": nullable(recall),
        "f1": nullable(f1),
        "macro": averaged("macro"),
        "weighted": averaged("weighted"),
        "mcc": float(metrics.matthews_corrcoef(gold, predicted)),
        "balanced": float(metrics.recall_score(gold, predicted, labels=labels[:4], average="macro")),
    }


def exact_matches() -> list:
    """Every combination of the flags that are off by default."""
    pairs = [
        ("Yes.", "yes"),
        ("$1,250", "1250"),
        ("12 %", "%"),
        ("Profit rose 3 percent", "Profit rose percent"),
        ("ÉTÉ", "été"),
        ("A-B", "ab"),
        ("[a_b]`~{c}", "abc"),
        ("。yes", "yes"),
        ("same", "same"),
        ("", ""),
    ]
    cases = []
    for case, punctuation, numbers in itertools.product([False, True], repeat=3):
        flags = {"ignore_case": case, "ignore_punctuation": punctuation, "ignore_numbers": numbers}
        for patterns in (None, [r"[$,]", r"\s+"]):
            scores = [
                int(harness.exact_match_hf_evaluate([p], [r], regexes_to_ignore=patterns, **flags)["exact_match"])
                for p, r in pairs
            ]
            cases.append({"flags": flags, "patterns": patterns, "scores": scores})
    return [pairs, cases]


def rouges() -> list:
    words = "margin revenue fell rose sharply the of 12 per-cent Operating costs in 2023's quarter a".split()

    def text(length):
        pieces = random.choice(words, length)
        ends = random.choice([" ", " ", " ", ".\n", ", "], length)
        return "".join(piece + end for piece, end in zip(pieces, ends))

    pairs = [(text(n), text(m)) for n, m in ((5, 9), (30, 24), (60, 80), (1, 40), (12, 12))]
    pairs += [
        ("Net income grew.\nCash fell.", "Cash fell.\nNet income grew."),
        ("the the the", "the cat the"),
        ("Rückstellung für Café", "rückstellung, cafe"),
        ("", "something"),
        ("...", "!!!"),
        ("1,234.5", "1 234 5"),
        ("a b\n\nc d", "a c\nb d\na b c d"),
    ]
    kinds = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
    scorer = RougeScorer(kinds)
    result = []
    for prediction, reference in pairs:
        scores = scorer.score(reference, prediction)
        result.append({"prediction": prediction, "reference": reference, **{k: floats(scores[k]) for k in kinds}})
    return result


def entities() -> dict:
    """Documents as tags; spans are inclusive of the first and exclusive of the last token."""
    tags = ["O", "O", "O", "B-ORG", "B-PER", "B-LOC"]

    def document():
        result, before = [], "O"
        for _ in range(14):
            inside = before != "O" and random.random() < 0.5
            before = f"I-{before[2:]}" if inside else str(random.choice(tags))
            result.append(before)
        return result

    gold = [document() for _ in range(12)]
    predicted = [one if random.random() < 0.4 else [t if random.random() < 0.85 else "O" for t in one] for one in gold]
    report = classification_report(gold, predicted, mode="strict", scheme=IOB2, output_dict=True, zero_division=0)

    def spans(document):
        found = []
        for i, tag in enumerate(document):
            if tag.startswith("B-"):
                end = i + 1
                while end < len(document) and document[end] == f"I-{tag[2:]}":
                    end += 1
                found.append({"type": tag[2:], "start": i, "end": end})
        return found

    names = {"ORG", "PER", "LOC"} & set(report)
    return {
        "gold": [spans(one) for one in gold],
        "predicted": [spans(one) for one in predicted],
        "micro": floats([report["micro avg"][k] for k in ("precision", "recall", "f1-score")]),
        "types": {name: float(report[name]["f1-score"]) for name in sorted(names)},
    }


def perplexities() -> dict:
    items = [(-120.5, 40), (-33.25, 12), (-510.0, 190)]
    texts = ["one two", " lead and trail ", "", "tab\tand\x1cseparator", "no\u00a0break", "zero\ufeffwidth"]
    import re

    return {
        "items": items,
        "perplexity": float(harness.perplexity([-1.5, -0.25, -2.0])),
        "weighted": float(harness.weighted_perplexity(items)),
        "bitsPerByte": float(harness.bits_per_byte(items)),
        "words": [[text, len(re.split(r"\s+", text))] for text in texts],
    }


def probabilities() -> dict:
    confidence = random.beta(3, 1.5, 60).round(6)
    correct = (random.random(60) < confidence**2).astype(int)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=10, strategy="uniform")
    counts = numpy.histogram(confidence, bins=numpy.linspace(0, 1, 11))[0]
    counts = counts[counts > 0]
    # 60 answers of different confidence: six to a bin.
    order = numpy.argsort(confidence).reshape(10, 6)
    logits = random.normal(size=(25, 4))
    options = numpy.exp(logits) / numpy.exp(logits).sum(1, keepdims=True)
    gold = random.integers(0, 4, 25)
    tied = random.integers(0, 6, 80) / 5
    positive = (random.random(80) < 0.3 + 0.4 * tied).astype(int)
    return {
        "confidence": floats(confidence),
        "correct": correct.tolist(),
        "table": [[int(n), float(c), float(a)] for n, c, a in zip(counts, mean, accuracy)],
        "equalWidth": float((counts / 60 * abs(accuracy - mean)).sum()),
        "equalMass": float(abs(correct[order].mean(1) - confidence[order].mean(1)).mean()),
        "options": [floats(row) for row in options],
        "logits": [floats(row) for row in logits],
        "gold": gold.tolist(),
        "brier": float(harness.brier_score([(g, row.tolist()) for g, row in zip(gold, options)])),
        "logLoss": float(metrics.log_loss(gold, options, labels=range(4))),
        "scores": floats(tied),
        "positive": positive.tolist(),
        "auc": float(metrics.roc_auc_score(positive, tied)),
    }


def rankings() -> list:
    cases = [([3, 2, 0, 1, 0], None), ([0, 0, 1, 2, 3], 3), ([1, 0, 0, 0], 2), ([0, 5, 1], 1)]
    return [
        [gains, k, float(metrics.ndcg_score([gains], [list(range(len(gains), 0, -1))], k=k))] for gains, k in cases
    ]


def regression() -> dict:
    gold = floats(random.uniform(-1, 1, 20).round(3))
    predicted = floats(random.uniform(-1, 1, 20).round(3))
    return {"gold": gold, "predicted": predicted, "rmse": float(metrics.root_mean_squared_error(gold, predicted))}


json.dump(
    {
        "versions": {
            "scikit-learn": sklearn.__version__,
            "rouge_score": "0.1.2",
            "seqeval": "1.2.2",
            "lm_eval": "0.4.13",
        },
        "classification": classification(),
        "exactMatch": exact_matches(),
        "rouge": rouges(),
        "entities": entities(),
        "perplexity": perplexities(),
        "probabilities": probabilities(),
        "ndcg": rankings(),
        "regression": regression(),
    },
    sys.stdout,
    indent=1,
)
print()
