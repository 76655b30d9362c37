/** A frozen model: segments with their weights, run on batches of sequences whose keys and values lie in a cache. */
import { type Decoder, reachedWindow } from '../../models/decoder.ts';
import { type AdaptedProduct, cacheNames, type Precision, windowNames } from '../../models/inference-graph.ts';
import type { ValueType } from '../../onnx/encode-model.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Bindings, Call, Engine, Segment } from '../../runtime/engine.ts';
import type { CacheView } from '../cache/kv-cache.ts';
import { firstKeyRead } from '../cache/sliding-window.ts';
import { FrozenAdapter, type LowRankUpdate } from './adapter.ts';
import type { EmbeddingTable } from './embedding-table.ts';

export interface FrozenSegment {
  readonly segment: Segment<ValueType>;
  /** Weights that the runtime reads in place. */
  readonly kept: readonly Buffer[];
  readonly bytes: number;
  readonly adapted: readonly AdaptedProduct[];
}

export interface FrozenParts {
  readonly precision: Precision;
  readonly positions: number;
  readonly segments: readonly FrozenSegment[];
  readonly embedding: EmbeddingTable;
}

export interface StepShape {
  /** New tokens of each sequence. */
  readonly length: number;
  /** Tokens whose logits are wanted, counted through the batch: row * length + place. Default: the last of each sequence. */
  readonly rows?: readonly number[];
  /** Default: none, which a model that was frozen for adapters computes with zeros. */
  readonly adapter?: FrozenAdapter;
}

export class FrozenModel {
  readonly decoder: Decoder;
  readonly precision: Precision;
  /** Positions that sequences may have. */
  readonly positions: number;
  /** Of the weights. */
  readonly bytes: number;
  readonly #engine: Engine;
  readonly #segments: readonly FrozenSegment[];
  readonly #embedding: EmbeddingTable;
  #none: FrozenAdapter | undefined;

  constructor(engine: Engine, decoder: Decoder, { precision, positions, segments, embedding }: FrozenParts) {
    this.decoder = decoder;
    this.precision = precision;
    this.positions = positions;
    this.bytes = segments.reduce((sum, { bytes }) => sum + bytes, embedding.bytes);
    this.#engine = engine;
    this.#segments = segments;
    this.#embedding = embedding;
  }

  /** Whether it was frozen for adapters. */
  get takesAdapters(): boolean {
    return this.#segments.some(({ adapted }) => adapted.length > 0);
  }

  /** A step over the sequences of `view`, to be run any number of times while the view stands. */
  prepare(view: CacheView, shape: StepShape): FrozenStep {
    const adapter = shape.adapter ?? this.#noAdapter();
    return new FrozenStep(this.#engine, this.decoder, this.#segments, this.#embedding, view, { ...shape, adapter });
  }

  /**
   * A LoRA adapter for the steps of this model, which must have been frozen for adapters.
   * @param updates by the name of the parameter that they update
   * @throws UsageError for a parameter that takes no updates, or shapes that do not fit it
   */
  adapter(updates: ReadonlyMap<string, LowRankUpdate>): FrozenAdapter {
    const products = this.#segments.flatMap(({ adapted }) => adapted);
    return new FrozenAdapter(this.#engine, products, updates);
  }

  #noAdapter(): FrozenAdapter {
    this.#none ??= this.adapter(new Map());
    return this.#none;
  }

  /** Frees the segments. No step may be under way. */
  release(): void {
    this.#none?.release();
    for (const { segment, kept } of this.#segments) {
      this.#engine.release(segment);
      for (const buffer of kept) buffer.release();
    }
  }
}

/** What a step tells a kind of layers about the keys in the cache, by how far they see. */
interface KeyCounts {
  readonly window: number | undefined;
  /** Of each sequence the place of the last new key. */
  readonly last: Int32Array;
  /** Keys of the longest sequence. */
  readonly longest: Int32Array;
}

/** One forward pass: reads new tokens, extends the cache by them, and gives logits. */
export class FrozenStep {
  readonly batch: number;
  readonly length: number;
  /** [rows, vocabulary]; valid until the next run. */
  readonly logits: Float32Array;
  readonly #embedding: EmbeddingTable;
  readonly #hidden: Float32Array;
  readonly #keyCounts: readonly KeyCounts[];
  readonly #positions: Int32Array;
  readonly #buffers: Buffer[] = [];
  readonly #calls: readonly Call[];

  constructor(
    engine: Engine,
    decoder: Decoder,
    segments: readonly FrozenSegment[],
    embedding: EmbeddingTable,
    view: CacheView,
    { length, rows, adapter }: StepShape,
  ) {
    const { hidden: width, vocabulary } = decoder.sizes;
    const batch = view.sequences.length;
    this.batch = batch;
    this.length = length;
    this.#embedding = embedding;
    const buffer = (dtype: 'f32' | 'i32', shape: readonly number[], array?: Int32Array): Buffer => {
      const made = engine.buffer({ dtype, shape }, array);
      this.#buffers.push(made);
      return made;
    };
    const wanted = rows ?? Array.from({ length: batch }, (_, row) => (row + 1) * length - 1);
    const states = [batch, length, width];
    const first = buffer('f32', states);
    // Two buffers take turns between the segments.
    const turns = segments.length > 1 ? [buffer('f32', states), first] : [];
    const lengths = (window?: number) => ({ window, last: buffer('i32', [batch]), longest: buffer('i32', []) });
    const all = lengths();
    const ofKinds = decoder.layerKinds.flatMap((kind, index) => {
      const window = reachedWindow(kind, decoder.sizes);
      return window === undefined ? [] : [{ names: windowNames(index), ...lengths(window) }];
    });
    const ofWindows = ofKinds.map(({ names, last, longest }) => ({ [names.last]: last, [names.longest]: longest }));
    const positions = buffer('i32', [batch, length]);
    const logits = buffer('f32', [wanted.length, vocabulary]);
    const rowsBuffer = buffer('i32', [wanted.length], Int32Array.from(wanted));
    const { last, longest } = all;
    const counts: Bindings = Object.assign({ last, longest, positions }, ...ofWindows);
    const shared: Bindings = { ...adapter?.bindings, ...counts, logits, rows: rowsBuffer };
    let input = first;
    this.#calls = segments.map(({ segment }, i) => {
      const output = turns[i % 2];
      const call = segment.tie({ ...shared, ...view.bindings, hidden: input, output });
      input = output;
      return call;
    });
    this.#hidden = first.f32;
    this.#keyCounts = [all, ...ofKinds].map(({ window, ...of }) => {
      return { window, last: of.last.i32, longest: of.longest.i32 };
    });
    this.#positions = positions.i32;
    this.logits = logits.f32;
  }

  /**
   * @param ids [batch * length] the new tokens
   * @param before [batch] tokens that each sequence has in the cache already
   */
  async run(ids: ArrayLike<number>, before: ArrayLike<number>): Promise<void> {
    const { length } = this;
    for (let i = 0; i < this.#positions.length; i++) this.#positions[i] = before[Math.floor(i / length)] + (i % length);
    this.#embedding.lookUp(ids, (i) => this.#positions[i], this.#hidden);
    for (const counts of this.#keyCounts) this.#count(counts, before);
    for (const call of this.#calls) await call.run();
  }

  #count({ window, last, longest }: KeyCounts, before: ArrayLike<number>): void {
    longest[0] = 0;
    for (let row = 0; row < this.batch; row++) {
      const first = firstKeyRead(before[row], window);
      if (firstKeyRead(before[row] + this.length - 1, window) !== first) {
        throw new Error(`a step over ${this.length} tokens after ${before[row]} leaves its cell`);
      }
      const count = before[row] - first + this.length;
      last[row] = count - 1;
      longest[0] = Math.max(longest[0], count);
    }
  }

  release(): void {
    for (const call of this.#calls) call.release();
    for (const buffer of this.#buffers) buffer.release();
  }
}

/** Names under which a cache offers the keys and values of a layer to the graph. */
export const bindingsOfLayer = (layer: number, key: Buffer, value: Buffer): Bindings => {
  const { past, present } = cacheNames(layer);
  return { [past[0]]: key, [past[1]]: value, [present[0]]: key, [present[1]]: value };
};
