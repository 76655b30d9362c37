/**
 * Finds several strings at once in text that arrives piece by piece: the automaton of Aho and Corasick (1975) over
 * UTF-16 units. Its state is one number, so that a reader keeps a state and shares the automaton. Reading n units
 * takes at most 2n steps, whatever the strings.
 */
export class StringAutomaton {
  readonly patterns: readonly string[];
  /** By node of the trie: the child for each unit. Node 0 is the root and the initial state. */
  readonly #next: Map<number, number>[] = [new Map()];
  /** The node of the longest proper suffix that is also in the trie. */
  readonly #fallback: number[] = [0];
  readonly #depth: number[] = [0];
  /** A pattern that begins with the node's string. */
  readonly #owner: number[] = [0];
  /** The longest pattern that ends at the node, or -1. */
  readonly #found: number[] = [-1];

  /** `patterns` are not empty; of equal ones the first is found. */
  constructor(patterns: readonly string[]) {
    this.patterns = [...patterns];
    for (const [index, pattern] of this.patterns.entries()) this.#insert(pattern, index);
    this.#linkFallbacks();
  }

  /** The state after one more UTF-16 unit. */
  step(state: number, unit: number): number {
    for (;;) {
      const next = this.#next[state].get(unit);
      if (next !== undefined) return next;
      if (state === 0) return 0;
      state = this.#fallback[state];
    }
  }

  /** Index of the longest pattern that ends here, or -1. */
  found(state: number): number {
    return this.#found[state];
  }

  /** The longest end of what was read that a pattern begins with. */
  beginning(state: number): string {
    return this.patterns[this.#owner[state]]?.slice(0, this.#depth[state]) ?? '';
  }

  /** Length of `beginning(state)`. */
  depth(state: number): number {
    return this.#depth[state];
  }

  #insert(pattern: string, index: number): void {
    let node = 0;
    for (let i = 0; i < pattern.length; i++) {
      const unit = pattern.charCodeAt(i);
      let child = this.#next[node].get(unit);
      if (child === undefined) {
        child = this.#next.length;
        this.#next[node].set(unit, child);
        this.#next.push(new Map());
        this.#fallback.push(0);
        this.#depth.push(i + 1);
        this.#owner.push(index);
        this.#found.push(-1);
      }
      node = child;
    }
    if (this.#found[node] < 0) this.#found[node] = index;
  }

  /** Breadth first: a fallback is shorter than its node, hence done before. */
  #linkFallbacks(): void {
    const queue = [...this.#next[0].values()];
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at];
      if (this.#found[node] < 0) this.#found[node] = this.#found[this.#fallback[node]];
      for (const [unit, child] of this.#next[node]) {
        this.#fallback[child] = this.step(this.#fallback[node], unit);
        queue.push(child);
      }
    }
  }
}
