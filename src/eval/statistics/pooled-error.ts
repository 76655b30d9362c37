/** Scores of groups of tasks, as lm-evaluation-harness makes them of the tasks' scores alone. */

export interface GroupPart {
  readonly value: number;
  readonly stderr: number;
  /** Items behind the value. */
  readonly n: number;
}

export interface GroupScore {
  readonly value: number;
  /** Null where it is undefined: weighted, with a single item in every task. */
  readonly stderr: number | null;
}

/**
 * Mean over all items: sizes weigh. Its error pools the variances inside the tasks,
 * sqrt(Σ (n_i - 1) n_i se_i² / (Σ n_i - k) / Σ n_i) for k tasks; how far tasks differ from each other is no part of it.
 */
export function weightedGroupScore(parts: readonly GroupPart[]): GroupScore {
  const sum = (of: (part: GroupPart) => number) => parts.reduce((total, part) => total + of(part), 0);
  const items = sum(({ n }) => n);
  const freedom = items - parts.length;
  const squares = sum(({ n, stderr }) => (n - 1) * n * stderr * stderr);
  return {
    value: sum(({ value, n }) => value * n) / items,
    stderr: freedom > 0 ? Math.sqrt(squares / freedom / items) : null,
  };
}

/** Mean over tasks, large or small; they are independent, so its error is sqrt(Σ se_i²) / k. */
export function unweightedGroupScore(parts: readonly GroupPart[]): GroupScore {
  return {
    value: parts.reduce((total, { value }) => total + value, 0) / parts.length,
    stderr: Math.hypot(...parts.map(({ stderr }) => stderr)) / parts.length,
  };
}
