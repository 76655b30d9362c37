/** What inputs of linear layers are multiplied with while layers with dropout are trained, in buffers that segments read. */
import type { Layers } from '../../models/decoder.ts';
import { drawDropoutFactors } from '../../random/dropout-factors.ts';
import type { RandomStream } from '../../random/stream.ts';
import type { Buffer, BufferType } from '../../runtime/buffer.ts';
import type { Bindings } from '../../runtime/engine.ts';
import { type BatchShape, factorsName } from './graphs.ts';

/**
 * Random numbers for what a linear layer leaves out of a batch. They are asked for again in the backward pass and must be
 * the same then, so that the factors of one layer only are held.
 */
export type DropoutStreams = (layer: number, module: string) => RandomStream;

interface Factors {
  readonly bindings: Bindings;
  /** What is to be done before a segment that is bound to them is run. */
  readonly drawing: readonly (() => Promise<void>)[];
}

const none: Factors = { bindings: {}, drawing: [] };

export class InputFactors {
  readonly #layers: Pick<Layers, 'inputDropout' | 'sizes'>;
  readonly #bufferOf: (width: number) => Buffer;
  /** By linear layer: layers take turns in these. */
  #shared?: ReadonlyMap<string, Buffer>;
  #streams: DropoutStreams | undefined;
  /** The layer whose factors are in the shared buffers. */
  #drawn = -1;

  constructor(
    layers: Pick<Layers, 'inputDropout' | 'sizes'>,
    { rows, length }: BatchShape,
    bufferOf: (type: BufferType) => Buffer,
  ) {
    this.#layers = layers;
    this.#bufferOf = (width) => bufferOf({ dtype: 'f32', shape: [rows * length, width] });
  }

  /** From now on factors are those of another batch. */
  follow(streams: DropoutStreams | undefined): void {
    this.#streams = streams;
    this.#drawn = -1;
  }

  /** For the segments of a layer, one layer after the other. */
  ofLayer(layer: number): Factors {
    if (!this.#layers.inputDropout) return none;
    this.#shared ??= this.#buffers();
    const shared = this.#shared;
    const draw = async () => {
      if (this.#drawn !== layer) this.#draw(layer, shared);
      this.#drawn = layer;
    };
    return { bindings: named(shared), drawing: [draw] };
  }

  /** For one segment of all layers. */
  ofStep(): Factors {
    if (!this.#layers.inputDropout) return none;
    const layers = Array.from({ length: this.#layers.sizes.layers }, () => this.#buffers());
    const bindings = Object.assign({}, ...layers.map((buffers, layer) => named(buffers, layer)));
    const draw = async () => {
      for (const [layer, buffers] of layers.entries()) this.#draw(layer, buffers);
    };
    return { bindings, drawing: [draw] };
  }

  #buffers(): ReadonlyMap<string, Buffer> {
    const widths = Object.entries(this.#layers.inputDropout!.widths);
    return new Map(widths.map(([module, width]) => [module, this.#bufferOf(width)]));
  }

  #draw(layer: number, buffers: ReadonlyMap<string, Buffer>): void {
    const streams = this.#streams;
    if (streams === undefined) throw new Error('layers with dropout are trained without streams to draw from');
    const { probability } = this.#layers.inputDropout!;
    for (const [module, { f32 }] of buffers) drawDropoutFactors(f32, probability, streams(layer, module));
  }
}

const named = (buffers: ReadonlyMap<string, Buffer>, layer?: number): Bindings =>
  Object.fromEntries([...buffers].map(([module, buffer]) => [factorsName(module, layer), buffer]));
