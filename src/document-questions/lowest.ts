/**
 * Keeps the values with the lowest keys, and as many at most as it is told: with hashes as keys a uniform draw of a stream of
 * unknown length, whatever its order, of which adding to the stream moves as little as can be.
 */
export class Lowest<T> {
  readonly #most: number;
  readonly #kept = new Map<string, T>();
  /** No key from here on can be among the lowest any more. */
  #border: string | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  has(key: string): boolean {
    return this.#kept.has(key);
  }

  /** Whether a value under this key could be among the lowest. */
  wants(key: string): boolean {
    return this.#border === undefined || key < this.#border;
  }

  add(key: string, value: T): void {
    if (!this.wants(key)) return;
    this.#kept.set(key, value);
    // Sorted now and then, not with every value.
    if (this.#kept.size >= 2 * this.#most + 1) this.#prune();
  }

  /** In the order of their keys. */
  entries(): readonly (readonly [key: string, value: T])[] {
    this.#prune();
    return [...this.#kept];
  }

  #prune(): void {
    const sorted = [...this.#kept].sort(([a], [b]) => (a < b ? -1 : 1));
    this.#kept.clear();
    for (const [key, value] of sorted.slice(0, this.#most)) this.#kept.set(key, value);
    if (sorted.length > this.#most) this.#border = sorted[this.#most][0];
  }
}
