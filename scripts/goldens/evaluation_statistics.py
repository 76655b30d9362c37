"""Writes test/golden/evaluation/statistics.json: scipy, statsmodels and lm-evaluation-harness on small seeded data.

    python scripts/goldens/evaluation_statistics.py > test/golden/evaluation/statistics.json

For the tests in src/eval/statistics. Needs scripts/goldens/requirements-evaluation.txt.
"""

import json
import sys

import numpy
import scipy
import statsmodels
import statsmodels.api
from lm_eval.api import metrics as harness
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_confint

random = numpy.random.default_rng(20)


def floats(values) -> list[float]:
    return [float(value) for value in values]


def distributions() -> dict:
    normal = [-30, -8.5, -5, -3.0001, -2.9999, -1.96, -0.3, 0, 0.001, 1, 2.5, 3, 6]
    shares = [1e-12, 1e-4, 0.025, 0.2, 0.5, 0.8, 0.975, 0.9999]
    student = [(t, df) for t in (-40, -4, -1.3, 0, 0.2, 2.1, 12) for df in (1, 2.5, 9, 59, 1000)]
    binomial = [(k, n) for n in (1, 2, 7, 30, 400, 20000) for k in (0, n // 4, n // 2, n - 1, n)]
    return {
        "normal": [[x, float(stats.norm.cdf(x))] for x in normal],
        "normalQuantile": [[p, float(stats.norm.ppf(p))] for p in shares],
        "student": [[t, df, float(stats.t.cdf(t, df))] for t, df in student],
        "studentQuantile": [[p, df, float(stats.t.ppf(p, df))] for p in shares[1:] for df in (1, 4, 30, 500)],
        "binomial": [
            [k, n, float(stats.binom.cdf(k, n, 0.5)), float(stats.binom.pmf(k, n, 0.5))] for k, n in binomial
        ],
    }


def standard_errors() -> dict:
    """The mean is a regression on a constant; a ratio of sums is one on the denominators, weighted by their inverse."""
    groups = random.integers(0, 9, 40)
    values = random.normal(size=40) + 0.8 * groups % 3
    denominators = random.uniform(0.5, 4, 40)
    clustered = {"cov_type": "cluster", "cov_kwds": {"groups": groups, "use_correction": True}}
    mean = statsmodels.api.OLS(values, numpy.ones(40)).fit(**clustered)
    ratio = statsmodels.api.WLS(values, denominators, weights=1 / denominators).fit(**clustered)
    return {
        "values": floats(values),
        "denominators": floats(denominators),
        "clusters": [f"document {group}" for group in groups],
        "mean": float(stats.sem(values)),
        "clusteredMean": float(mean.bse[0]),
        "ratio": float(ratio.params[0]),
        "clusteredRatio": float(ratio.bse[0]),
    }


def intervals() -> dict:
    """Percentile and BCa intervals of one stored distribution of a skewed statistic, so that no draw has to agree."""
    values = random.exponential(size=30)
    options = {"axis": -1, "confidence_level": 0.9, "random_state": 5}

    def spread(sample, axis=-1):
        return numpy.var(sample, axis=axis)

    drawn = stats.bootstrap((values,), spread, n_resamples=400, method="percentile", **options)
    again = stats.bootstrap((values,), spread, n_resamples=0, method="BCa", bootstrap_result=drawn, **options)
    return {
        "values": floats(values),
        "distribution": floats(numpy.sort(drawn.bootstrap_distribution)),
        "standardError": float(drawn.standard_error),
        "percentile": floats(drawn.confidence_interval),
        "bca": floats(again.confidence_interval),
    }


def sign_flips() -> dict:
    """All 2^n patterns, by differences and by the sums of clusters of two."""
    first = random.normal(size=12)
    second = first + random.normal(0.5, 1, size=12)
    differences = second - first

    def exact(sample):
        test = stats.permutation_test((sample,), numpy.sum, permutation_type="samples", n_resamples=numpy.inf)
        return float(test.pvalue)

    return {
        "first": floats(first),
        "second": floats(second),
        "p": exact(differences),
        "clusteredP": exact(differences.reshape(6, 2).sum(1)),
    }


def discordance() -> list:
    tables = [(0, 0), (1, 0), (0, 5), (4, 4), (3, 9), (10, 31), (120, 160), (2000, 2100)]
    result = []
    for only_first, only_second in tables:
        exact = mcnemar([[7, only_first], [only_second, 9]], exact=True).pvalue
        fewer, total = min(only_first, only_second), only_first + only_second
        mid = 2 * (stats.binom.cdf(fewer - 1, total, 0.5) + stats.binom.pmf(fewer, total, 0.5) / 2)
        result.append([only_first, only_second, float(exact), float(mid)])
    return result


def several() -> dict:
    p_values = [0.04, 0.001, 0.2, 0.012, 0.012, 0.9, 0.03]
    return {"p": p_values, "adjusted": floats(multipletests(p_values, method="holm")[1])}


def shares() -> list:
    cases = [(0, 10, 0.95), (1, 10, 0.95), (37, 90, 0.95), (90, 90, 0.99), (412, 1000, 0.8)]
    return [[k, n, c, *floats(proportion_confint(k, n, 1 - c, method="wilson"))] for k, n, c in cases]


def power() -> list:
    """Smallest standardized difference of two means of n each."""
    cases = [(90, 0.05, 0.8), (1000, 0.01, 0.9), (500, 0.05, 0.5)]
    solve = NormalIndPower().solve_power
    return [[n, a, p, float(solve(nobs1=n, alpha=a, power=p))] for n, a, p in cases]


def groups() -> dict:
    values, errors, sizes = [0.5, 0.9, 0.25], [0.05, 0.01, 0.11], [100, 900, 16]
    return {
        "parts": [{"value": v, "stderr": e, "n": n} for v, e, n in zip(values, errors, sizes)],
        "weighted": float(harness.aggregate_subtask_metrics(values, sizes)),
        "pooled": float(harness.pooled_sample_stderr(errors, sizes)),
        "unweighted": float(harness.aggregate_subtask_metrics(values, sizes, weight_by_size=False)),
        "unweightedError": float(harness.unweighted_mean_stderr(errors)),
    }


json.dump(
    {
        "versions": {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "lm_eval": "0.4.13"},
        "distributions": distributions(),
        "standardErrors": standard_errors(),
        "intervals": intervals(),
        "signFlips": sign_flips(),
        "mcnemar": discordance(),
        "holm": several(),
        "wilson": shares(),
        "power": power(),
        "groups": groups(),
    },
    sys.stdout,
    indent=1,
)
print()
