/**
 * A binary heap of symbol pairs: the most frequent first; among equals the pair whose left symbol, then right symbol,
 * is older. Entries keep the count with which they were pushed, so that the owner can tell stale ones.
 */
export class MergeQueue {
  readonly #pairs: number[] = [];
  readonly #counts: number[] = [];
  readonly #isOlder: (pair: number, other: number) => boolean;

  constructor(isOlder: (pair: number, other: number) => boolean) {
    this.#isOlder = isOlder;
  }

  push(pair: number, count: number): void {
    let at = this.#pairs.length;
    this.#pairs.push(pair);
    this.#counts.push(count);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(pair, count, parent)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#pairs[at] = pair;
    this.#counts[at] = count;
  }

  /** Takes the first entry; undefined when empty. */
  pop(): { readonly pair: number; readonly count: number } | undefined {
    if (this.#pairs.length === 0) return undefined;
    const top = { pair: this.#pairs[0], count: this.#counts[0] };
    const pair = this.#pairs.pop()!;
    const count = this.#counts.pop()!;
    const size = this.#pairs.length;
    if (size > 0) {
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && this.#isBefore(this.#pairs[child + 1], this.#counts[child + 1], child)) child++;
        if (!this.#isBefore(this.#pairs[child], this.#counts[child], -1, pair, count)) break;
        this.#move(child, at);
        at = child;
      }
      this.#pairs[at] = pair;
      this.#counts[at] = count;
    }
    return top;
  }

  #isBefore(pair: number, count: number, at: number, other = this.#pairs[at], otherCount = this.#counts[at]): boolean {
    return count !== otherCount ? count > otherCount : this.#isOlder(pair, other);
  }

  #move(from: number, to: number): void {
    this.#pairs[to] = this.#pairs[from];
    this.#counts[to] = this.#counts[from];
  }
}
