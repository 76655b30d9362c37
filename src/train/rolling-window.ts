/** The last values of a series, and robust figures of them: half of the values may be outliers. */

export interface RobustFigures {
  readonly median: number;
  /** 1.4826 times the median absolute deviation, which is the standard deviation of normal values. */
  readonly deviation: number;
}

export class RollingWindow {
  readonly size: number;
  readonly #values: number[];

  /** @param values the last ones of a series that goes on, oldest first */
  constructor(size: number, values: readonly number[] = []) {
    this.size = size;
    this.#values = values.slice(-size);
  }

  /** Oldest first. */
  get values(): readonly number[] {
    return this.#values;
  }

  push(value: number): void {
    this.#values.push(value);
    if (this.#values.length > this.size) this.#values.shift();
  }

  figures(): RobustFigures {
    const center = median(this.#values);
    return { median: center, deviation: 1.4826 * median(this.#values.map((value) => Math.abs(value - center))) };
  }
}

/** NaN of no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2;
}
