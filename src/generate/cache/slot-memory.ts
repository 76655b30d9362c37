/**
 * The memory of a cache's slots: for each layer one array of keys and one of values, [slots, heads, places, head size] in
 * float32. It is reserved at once and taken when first written to.
 */
import { type DecoderSizes, type Layers, reachedWindow } from '../../models/decoder.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Engine } from '../../runtime/engine.ts';
import { LayerLayout } from './layer-layout.ts';

/** What a cache has to know of a decoder. */
export interface CachedLayers extends Pick<Layers, 'sizes' | 'kindOfLayer'> {
  readonly layerKinds: readonly Pick<Layers['layerKinds'][number], 'window'>[];
}

export interface SlotOptions {
  readonly slots: number;
  /** Tokens of a sequence. */
  readonly capacity: number;
  /** Tokens that a sequence may be taken back by, whatever its length. */
  readonly rewind: number;
}

/** Keys and values of a sequence in a slot. */
export interface Held {
  /** Tokens for which they are laid out. */
  readonly length: number;
  /** Of each kind of layers the first position whose key is there, all after it being there too. */
  readonly firsts: readonly number[];
}

interface LayerArray {
  readonly kind: number;
  readonly values: Float32Array;
}

const layoutsOf = ({ sizes, layerKinds }: CachedLayers, { capacity, rewind }: SlotOptions): LayerLayout[] =>
  layerKinds.map((kind) => new LayerLayout({ window: reachedWindow(kind, sizes), capacity, rewind }));

/** Bytes of the slots' places. */
export function slotBytes(layers: CachedLayers, options: SlotOptions): number {
  const { keyValueHeads, headSize } = layers.sizes;
  const layouts = layoutsOf(layers, options);
  const places = layers.kindOfLayer.reduce((sum, kind) => sum + layouts[kind].places, 0);
  return 2 * 4 * keyValueHeads * headSize * options.slots * places;
}

/** Memory that is given back when it is asked for, and not when the garbage collector comes, to whom it weighs nothing. */
function returnable(length: number): Float32Array {
  const bytes = Float32Array.BYTES_PER_ELEMENT * length;
  return new Float32Array(new ArrayBuffer(bytes, { maxByteLength: bytes }), 0, length);
}

export class SlotMemory {
  readonly #sizes: DecoderSizes;
  /** Of each kind of layers. */
  readonly #layouts: readonly LayerLayout[];
  /** Keys and values of each layer in turn. */
  readonly #arrays: readonly LayerArray[];

  constructor(layers: CachedLayers, options: SlotOptions) {
    const { keyValueHeads, headSize } = layers.sizes;
    this.#sizes = layers.sizes;
    this.#layouts = layoutsOf(layers, options);
    this.#arrays = layers.kindOfLayer.flatMap((kind) => {
      const { places, before } = this.#layouts[kind];
      // What a step sees of a slot begins behind the places before, so it ends as far behind those of the slot.
      const length = (options.slots * keyValueHeads * places + before) * headSize;
      return [0, 1].map(() => ({ kind, values: returnable(length) }));
    });
  }

  /** Gives the memory back. Nothing of it may be used any more. */
  free(): void {
    for (const { values } of this.#arrays) (values.buffer as ArrayBuffer).resize(0);
  }

  /** Of a slot without tokens. */
  get empty(): Held {
    return { length: 0, firsts: this.#layouts.map(() => 0) };
  }

  /** Whether a sequence can go on from the first `length` tokens of what is held. */
  reaches({ firsts }: Held, length: number): boolean {
    return length === 0 || this.#layouts.every((layout, kind) => firsts[kind] <= layout.firstNeeded(length));
  }

  /** Tokens that a step over a sequence of `length` tokens may append. */
  stepTokens(length: number): number {
    return Math.min(...this.#layouts.map((layout) => layout.stepEnd(length))) - length;
  }

  /**
   * Lays the first `length` tokens of what slot `from` holds out in slot `to`, which may be the same. What steps have
   * written behind `held.length` counts as held, too.
   * @returns what `to` holds then
   */
  move(from: number, held: Held, to: number, length: number): Held {
    const firsts = this.#layouts.map((layout, kind) => Math.max(held.firsts[kind], layout.firstKept(length)));
    const { headSize } = this.#sizes;
    for (const { kind, values } of this.#arrays) {
      const layout = this.#layouts[kind];
      const source = layout.placeOf(firsts[kind], held.length);
      const target = layout.placeOf(firsts[kind], length);
      if (from === to && source === target) continue;
      const count = (length - firsts[kind]) * headSize;
      const starts = this.#headStarts(from, kind);
      for (const [head, toStart] of this.#headStarts(to, kind).entries()) {
        const start = starts[head] + source * headSize;
        values.copyWithin(toStart + target * headSize, start, start + count);
        // Steps read there what no query sees. It is gone, and what lies there may be no number.
        if (target > layout.before) values.fill(0, toStart + layout.before * headSize, toStart + target * headSize);
      }
    }
    return { length, firsts };
  }

  /** Exchanges what two slots hold: memory that no token has taken yet stays untouched. */
  swap(a: number, heldInA: Held, b: number, heldInB: Held): void {
    for (const { kind, values } of this.#arrays) {
      const [ofA, ofB] = [heldInA, heldInB].map((held) => this.#range(kind, held));
      const starts = this.#headStarts(a, kind);
      for (const [head, startOfB] of this.#headStarts(b, kind).entries()) {
        const startOfA = starts[head];
        const kept = values.slice(startOfA + ofA.from, startOfA + ofA.to);
        values.copyWithin(startOfA + ofB.from, startOfB + ofB.from, startOfB + ofB.to);
        values.set(kept, startOfB + ofA.from);
      }
    }
  }

  /** Numbers of a head that are held. */
  #range(kind: number, { length, firsts }: Held): { readonly from: number; readonly to: number } {
    const layout = this.#layouts[kind];
    const [from, to] = [firsts[kind], length].map(
      (position) => layout.placeOf(position, length) * this.#sizes.headSize,
    );
    return { from, to };
  }

  /** Where each head of a slot begins in an array. */
  #headStarts(slot: number, kind: number): number[] {
    const { keyValueHeads, headSize } = this.#sizes;
    return Array.from(
      { length: keyValueHeads },
      (_, head) => (slot * keyValueHeads + head) * this.#layouts[kind].places * headSize,
    );
  }

  /** Keys and values of each layer in turn, of `count` slots from `first` on, as a step reads them. */
  buffers(engine: Engine, first: number, count: number): Buffer[] {
    const { keyValueHeads, headSize } = this.#sizes;
    return this.#arrays.map(({ kind, values }) => {
      const { places, before } = this.#layouts[kind];
      const [slotLength, start] = [keyValueHeads * places * headSize, before * headSize];
      const part = values.subarray(start + first * slotLength, start + (first + count) * slotLength);
      return engine.buffer({ dtype: 'f32', shape: [count, keyValueHeads, places, headSize] }, part);
    });
  }
}
