"""
Figures of task vectors by NumPy, in float64: test/golden/task-vectors.json.

    python scripts/goldens/task_vectors.py

Weights come from a formula of integers over powers of two, so that the tests can make them again, bit for bit; the file
holds the figures only.
"""

import json
from pathlib import Path

import numpy as np

CASES = {"small": (24, 40), "tall": (150, 90), "wide": (80, 130)}
RANK = 4


def lattice(rows, columns, a, b, scale):
    i = np.arange(rows * columns, dtype=np.int64)
    return (((i * a + i * i % 1013 * b) % 4093 - 2046) / scale).reshape(rows, columns)


def leading(rows, columns, steps, scale):
    """A few strong directions, on the same lattice: otherwise the spectrum is flat and its leading subspace arbitrary."""
    u = lattice(rows, RANK, steps[0], steps[1], 2**11)
    v = lattice(columns, RANK, steps[2], steps[3], 2**11)
    strength = np.array([8.0, 4.0, 2.0, 1.0]) / scale
    return (u * strength) @ v.T


def models(rows, columns):
    base = lattice(rows, columns, 7919, 31, 2**12).astype(np.float32)
    a = base + (leading(rows, columns, (101, 7, 211, 3), 2**6) + lattice(rows, columns, 15485863 % 4093, 17, 2**19))
    b = base + (
        leading(rows, columns, (101, 7, 307, 5), 2**7) + lattice(rows, columns, 32452843 % 4093, 13, 2**19)
    )
    return base, a.astype(np.float32), b.astype(np.float32)


def to_bf16(values):
    bits = values.view(np.uint32)
    return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16


def main():
    golden = {}
    for name, (rows, columns) in CASES.items():
        base, wa, wb = models(rows, columns)
        a, b = (wa - base).astype(np.float64), (wb - base).astype(np.float64)
        (ua, sa, va), (ub, sb, vb) = np.linalg.svd(a), np.linalg.svd(b)
        k = RANK
        shares = sa**2 / np.sum(sa**2)
        opposite = a * b < 0
        smaller = np.minimum(abs(a), abs(b))
        dots = np.sum(a * b, axis=1)
        norms = np.linalg.norm(a) * np.linalg.norm(b)
        golden[name] = {
            "rows": rows,
            "columns": columns,
            "norm": np.linalg.norm(a),
            "relative": np.linalg.norm(a) / np.linalg.norm(base.astype(np.float64)),
            "lostBf16": float(np.mean(to_bf16(base)[wa != base] == to_bf16(wa)[wa != base])),
            "lostF16": float(np.mean((base.astype(np.float16) == wa.astype(np.float16))[wa != base])),
            "cosine": np.sum(a * b) / norms,
            "signFlipDeviation": np.sqrt(np.sum(dots**2)) / norms,
            "signConflict": np.sum(opposite) / np.sum(a * b != 0),
            "weightedConflict": np.sum(smaller[opposite]) / np.sum(smaller),
            "singular": sa[:k].tolist(),
            "stableRank": np.sum(sa**2) / sa[0] ** 2,
            "effectiveRank": float(np.exp(-np.sum(shares * np.log(shares)))),
            "leftCosines": np.linalg.svd(ua[:, :k].T @ ub[:, :k])[1].tolist(),
            "rightCosines": np.linalg.svd(va[:k] @ vb[:k].T)[1].tolist(),
            "leadingCosine": np.sum(((ua[:, :k] * sa[:k]) @ va[:k]) * ((ub[:, :k] * sb[:k]) @ vb[:k]))
            / (np.linalg.norm(sa[:k]) * np.linalg.norm(sb[:k])),
        }
    path = Path(__file__).parents[2] / "test" / "golden" / "task-vectors.json"
    path.write_text(json.dumps(golden, indent=1, default=float) + "\n")


if __name__ == "__main__":
    main()
