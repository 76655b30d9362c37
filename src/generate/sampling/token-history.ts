/** Which tokens were seen, in the prompt or in the answer, and how often in the answer: what the penalties need. */
export class TokenHistory {
  /** Distinct ids, in the order in which they came. */
  readonly #ids: number[] = [];
  /** How often each of them is in the answer. */
  readonly #counts: number[] = [];
  readonly #places = new Map<number, number>();

  get ids(): readonly number[] {
    return this.#ids;
  }

  get counts(): readonly number[] {
    return this.#counts;
  }

  addPrompt(ids: Iterable<number>): void {
    for (const id of ids) this.#place(id);
  }

  add(id: number): void {
    this.#counts[this.#place(id)]++;
  }

  #place(id: number): number {
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    const place = this.#ids.push(id) - 1;
    this.#counts.push(0);
    this.#places.set(id, place);
    return place;
  }
}
