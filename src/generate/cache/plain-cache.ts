/**
 * The plain layout: a sequence has a slot, with a place for each of its tokens or, in layers with a window, for those that
 * are still seen and some before them. A batch is a run of neighbouring slots.
 */
import { InputError, UsageError } from '../../errors.ts';
import type { Bindings, Engine } from '../../runtime/engine.ts';
import { bindingsOfLayer } from '../frozen/frozen-model.ts';
import { BlockIndex, blockHashes, blockTokens } from './block-index.ts';
import type { CachedSequence, CacheView, KvCache } from './kv-cache.ts';
import { type CachedLayers, type Held, SlotMemory, slotBytes } from './slot-memory.ts';

export interface PlainCacheOptions {
  readonly slots: number;
  /** Tokens of a sequence. */
  readonly capacity: number;
  /**
   * Tokens that a sequence may be taken back by, by `truncate` or by another one that begins alike: of so many, layers
   * with a window keep older keys; all others keep all. Default: 1024.
   */
  readonly rewind?: number;
}

const usualRewind = 1024;

/** Bytes of a cache. */
export const cacheBytes = (layers: CachedLayers, { rewind = usualRewind, ...options }: PlainCacheOptions): number =>
  slotBytes(layers, { ...options, rewind });

interface Slot {
  /** Tokens whose keys and values lie here, of a sequence that is under way or was before. */
  ids: number[];
  /** Of the whole blocks of `ids` that may be shared. */
  hashes: string[];
  /** Tokens at the beginning that may be shared. */
  shared: number;
  /** Keys and values of `ids`. */
  held: Held;
  owner: PlainSequence | undefined;
  /** When it was last given back: the longest ago is taken first. */
  released: number;
}

export class PlainCache implements KvCache {
  readonly capacity: number;
  readonly slots: number;
  readonly bytes: number;
  readonly #engine: Engine;
  readonly #memory: SlotMemory;
  readonly #slots: Slot[];
  readonly #index = new BlockIndex();
  #clock = 0;

  /**
   * @param available bytes of memory that are free
   * @throws UsageError for sizes that are no counts, and where the cache would not fit: it is taken bit by bit, and the
   *   process would end in the middle
   */
  constructor(
    engine: Engine,
    layers: CachedLayers,
    { slots, capacity, rewind = usualRewind }: PlainCacheOptions,
    available = process.availableMemory(),
  ) {
    requireCount('slots', slots);
    requireCount('capacity', capacity);
    requireCount('rewind', rewind);
    this.#engine = engine;
    this.slots = slots;
    this.capacity = capacity;
    this.bytes = cacheBytes(layers, { slots, capacity, rewind });
    if (this.bytes > available) {
      throw new UsageError({
        field: 'slots and capacity',
        found: `${slots} sequences of up to ${capacity} tokens, ${this.bytes} bytes`,
        expected: `at most the ${available} bytes that are free`,
        fix: 'Lower one of them.',
      });
    }
    this.#memory = new SlotMemory(layers, { slots, capacity, rewind });
    this.#slots = Array.from({ length: slots }, () => ({
      ids: [],
      hashes: [],
      shared: 0,
      held: this.#memory.empty,
      owner: undefined,
      released: 0,
    }));
  }

  /** Gives the memory back at once. Nothing may be under way, and no sequence is of any use after. */
  close(): void {
    this.#memory.free();
  }

  get free(): number {
    return this.#slots.filter(({ owner }) => !owner).length;
  }

  open(ids: ArrayLike<number>): CachedSequence | undefined {
    const hashes = blockHashes(Array.from(ids).slice(0, -2));
    const { blocks, slots } = this.#index.longest(hashes, (slot, count) => this.#reaches(slot, count * blockTokens));
    const known = blocks * blockTokens;
    const abandoned = slots.find((slot) => !this.#slots[slot].owner);
    const place = abandoned ?? this.#takeFree();
    if (place === undefined) return undefined;
    if (abandoned === undefined && blocks > 0) this.#copy(slots[0], place, known);
    else this.#forget(place, known);
    return this.#own(place);
  }

  #reaches(place: number, length: number): boolean {
    return this.#memory.reaches(this.#slots[place].held, length);
  }

  #own(place: number): PlainSequence {
    const sequence = new PlainSequence(this, place);
    this.#slots[place].owner = sequence;
    return sequence;
  }

  /** The free slot that was given back longest ago. */
  #takeFree(): number | undefined {
    let oldest: number | undefined;
    this.#slots.forEach((slot, place) => {
      if (!slot.owner && (oldest === undefined || slot.released < this.#slots[oldest].released)) oldest = place;
    });
    return oldest;
  }

  /** @internal */
  idsAt(place: number): readonly number[] {
    return this.#slots[place].ids;
  }

  /** @internal */
  append(place: number, ids: ArrayLike<number>, shared: boolean): void {
    const slot = this.#slots[place];
    if (slot.ids.length + ids.length > this.capacity) {
      throw new InputError({
        field: 'sequence',
        found: `${slot.ids.length + ids.length} tokens`,
        expected: `at most ${this.capacity}, the capacity of the cache`,
        fix: 'Shorten the text, or make the cache larger.',
      });
    }
    this.#note(slot, place, ids, shared);
    slot.held = this.#memory.move(place, slot.held, place, slot.ids.length);
  }

  /** Notes which tokens lie at the end of a slot. */
  #note(slot: Slot, place: number, ids: ArrayLike<number>, shared: boolean): void {
    const continues = shared && slot.shared === slot.ids.length;
    for (let i = 0; i < ids.length; i++) slot.ids.push(ids[i]);
    if (!continues) return;
    slot.shared = slot.ids.length;
    const found = blockHashes(slot.ids, slot.hashes.length, slot.hashes.at(-1));
    for (const hash of found) this.#index.add(hash, place);
    slot.hashes.push(...found);
  }

  /** @internal */
  stepTokens(place: number): number {
    const { length } = this.#slots[place].ids;
    return Math.min(this.capacity - length, this.#memory.stepTokens(length));
  }

  /** @internal Forgets what lies at `length` and beyond. */
  truncate(place: number, length: number): void {
    if (!this.#reaches(place, length)) {
      throw new Error(`${this.#slots[place].ids.length} tokens cannot be taken back to ${length}`);
    }
    this.#forget(place, length);
  }

  #forget(place: number, length: number): void {
    const slot = this.#slots[place];
    if (length === 0) slot.held = this.#memory.empty;
    else if (length < slot.ids.length) slot.held = this.#memory.move(place, slot.held, place, length);
    const blocks = Math.floor(length / blockTokens);
    for (const hash of slot.hashes.splice(blocks)) this.#index.remove(hash, place);
    slot.ids.length = Math.min(slot.ids.length, length);
    slot.shared = Math.min(slot.shared, length);
  }

  /** @internal */
  fork(place: number): CachedSequence | undefined {
    const target = this.#takeFree();
    if (target === undefined) return undefined;
    this.#copy(place, target, this.#slots[place].ids.length);
    return this.#own(target);
  }

  /** @internal */
  release(place: number): void {
    this.#slots[place].owner = undefined;
    this.#slots[place].released = ++this.#clock;
  }

  view(sequences: readonly CachedSequence[]): CacheView {
    const wanted = sequences as readonly PlainSequence[];
    const first = this.#gather(wanted);
    const rows = this.#slots.slice(first, first + wanted.length).map(({ owner }) => owner!);
    const buffers = this.#memory.buffers(this.#engine, first, rows.length);
    const bindings: Bindings = Object.assign(
      {},
      ...Array.from({ length: buffers.length / 2 }, (_, layer) =>
        bindingsOfLayer(layer, buffers[2 * layer], buffers[2 * layer + 1]),
      ),
    );
    return { sequences: rows, bindings, release: () => buffers.map((buffer) => buffer.release()) };
  }

  /** Brings the sequences into neighbouring slots, moving as few as possible, and returns the first of these. */
  #gather(sequences: readonly PlainSequence[]): number {
    const count = sequences.length;
    const places = new Set(sequences.map(({ place }) => place));
    let [first, most] = [0, -1];
    for (let start = 0; start + count <= this.slots; start++) {
      let inside = 0;
      for (let place = start; place < start + count; place++) if (places.has(place)) inside++;
      if (inside > most) [first, most] = [start, inside];
    }
    const outside = sequences.filter(({ place }) => place < first || place >= first + count);
    for (let place = first; place < first + count; place++) {
      if (!places.has(place)) this.#exchange(outside.pop()!.place, place);
    }
    return first;
  }

  /** Moves the sequence at `from` to `to`, and what is at `to`, if it is under way, to `from`. */
  #exchange(from: number, to: number): void {
    const [moved, other] = [this.#slots[from], this.#slots[to]];
    const [owner, displaced] = [moved.owner!, other.owner];
    if (displaced) {
      this.#swap(from, to);
      displaced.place = from;
    } else {
      this.#copy(from, to, moved.ids.length);
    }
    other.owner = owner;
    owner.place = to;
    moved.owner = displaced;
    moved.released = ++this.#clock;
  }

  #swap(a: number, b: number): void {
    const [inA, inB] = [a, b].map((place) => {
      const { ids, shared, held } = this.#slots[place];
      return { ids: [...ids], shared, held };
    });
    this.#memory.swap(a, inA.held, b, inB.held);
    for (const place of [a, b]) this.#forget(place, 0);
    this.#label(a, inB);
    this.#label(b, inA);
  }

  /** Copies the first `length` tokens of a slot to another, which forgets what it held. */
  #copy(from: number, to: number, length: number): void {
    this.#forget(to, 0);
    const { ids, shared, held } = this.#slots[from];
    this.#label(to, { ids: ids.slice(0, length), shared, held: this.#memory.move(from, held, to, length) });
  }

  /** Notes what lies in a slot that was forgotten. */
  #label(
    place: number,
    { ids, shared, held }: Pick<Slot, 'shared' | 'held'> & { readonly ids: readonly number[] },
  ): void {
    const slot = this.#slots[place];
    this.#note(slot, place, ids.slice(0, shared), true);
    this.#note(slot, place, ids.slice(shared), false);
    slot.held = held;
  }
}

class PlainSequence implements CachedSequence {
  readonly #cache: PlainCache;
  place: number;
  #released = false;

  constructor(cache: PlainCache, place: number) {
    this.#cache = cache;
    this.place = place;
  }

  get length(): number {
    return this.#cache.idsAt(this.place).length;
  }

  get stepTokens(): number {
    return this.#cache.stepTokens(this.place);
  }

  append(ids: ArrayLike<number>, { shared = false }: { readonly shared?: boolean } = {}): void {
    this.#assertOpen();
    this.#cache.append(this.place, ids, shared);
  }

  truncate(length: number): void {
    this.#assertOpen();
    this.#cache.truncate(this.place, length);
  }

  fork(): CachedSequence | undefined {
    this.#assertOpen();
    return this.#cache.fork(this.place);
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#cache.release(this.place);
  }

  #assertOpen(): void {
    if (this.#released) throw new Error('the sequence was given back');
  }
}

function requireCount(field: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new UsageError({ field, found: String(value), expected: 'an integer from 1', fix: 'Choose such a number.' });
}
