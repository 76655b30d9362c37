/**
 * Packing for a stream that has no end: a bounded number of pieces wait, and each row starts with the piece that has waited
 * longest and is filled up with the longest that still fit. So no piece waits for more rows than the buffer holds pieces,
 * the mixture's order is kept to within the buffer, and rows are almost full. The pieces in the order that they came are the
 * whole state.
 */

import { LengthSet } from './length-set.ts';
import type { Piece } from './pieces.ts';

export class PackingBuffer {
  readonly #capacity: number;
  /** By arrival: a Map goes through its entries in the order of insertion. */
  readonly #waiting = new Map<number, Piece>();
  /** For each length, the arrival numbers of its pieces, oldest first. */
  readonly #byLength: (ArrivalQueue | undefined)[] = [];
  readonly #lengths: LengthSet;
  #arrivals = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#lengths = new LengthSet(capacity + 1);
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** The waiting pieces, oldest first: adding them to an empty buffer restores this one. */
  pending(): Piece[] {
    return [...this.#waiting.values()];
  }

  add(piece: Piece): void {
    if (piece.length < 1 || piece.length > this.#capacity) {
      throw new Error(`a piece of ${piece.length} tokens for rows of ${this.#capacity}`);
    }
    const arrival = this.#arrivals++;
    this.#waiting.set(arrival, piece);
    this.#byLength[piece.length] ??= new ArrivalQueue();
    this.#byLength[piece.length]?.push(arrival);
    this.#lengths.add(piece.length);
  }

  /** The pieces of the next row; empty if none wait. */
  takeRow(): Piece[] {
    const [oldest] = this.#waiting.values();
    const row: Piece[] = [];
    let room = this.#capacity;
    for (let length = oldest?.length ?? -1; length > 0; length = this.#lengths.atMost(room)) {
      row.push(this.#take(length));
      room -= length;
    }
    return row;
  }

  /** The oldest piece of a length. */
  #take(length: number): Piece {
    const queue = this.#byLength[length];
    const arrival = queue?.shift();
    const piece = arrival === undefined ? undefined : this.#waiting.get(arrival);
    if (queue === undefined || arrival === undefined || piece === undefined)
      throw new Error(`no piece of ${length} waits`);
    this.#waiting.delete(arrival);
    if (queue.size === 0) this.#lengths.delete(length);
    return piece;
  }
}

/** First in, first out, without moving what waits at every step. */
class ArrivalQueue {
  #items: number[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(arrival: number): void {
    this.#items.push(arrival);
  }

  shift(): number | undefined {
    const arrival = this.#items[this.#head++];
    if (this.#head > 32 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return arrival;
  }
}
