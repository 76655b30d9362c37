/**
 * `freeze`: a model as it generates. Its weights go into the sessions of a few segments, in the precision asked for;
 * what the runtime packs for itself is handed over segment by segment, so that no second copy of the model exists.
 */

import { UsageError } from '../../errors.ts';
import type { Decoder } from '../../models/decoder.ts';
import {
  InferenceGraph,
  type InferenceModel,
  type InferenceWeight,
  type Precision,
  rotaryNames,
  scalesOf,
} from '../../models/inference-graph.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Engine } from '../../runtime/engine.ts';
import { ArrayPool } from './array-pool.ts';
import { EmbeddingTable } from './embedding-table.ts';
import { FrozenModel, type FrozenSegment } from './frozen-model.ts';
import { matrixBuffers } from './matrix-buffers.ts';
import { packsMatrices } from './packs-matrices.ts';

export interface FreezeOptions {
  /** Default: f32. In each of them a request gives the same tokens whatever else is in its batch. */
  readonly precision?: Precision;
  /**
   * Positions to make rotary tables for. Default: those of the model or, where its rotary angles depend on the length of
   * the text, those up to which they do not; with more of them, angles are those of a text that fills them.
   */
  readonly positions?: number;
  /**
   * Whether steps take LoRA adapters (`FrozenModel.adapter`). Then a row's last bits may depend on the other rows of its
   * batch: the products of adapters are not packed. Default: false.
   */
  readonly adapters?: boolean;
}

/** What is frozen. The parameters are read during the call only. */
export interface FreezableModel {
  readonly decoder: Decoder;
  readonly parameters: ReadonlyMap<string, { readonly weight: Float32Array }>;
}

/** Of heads, and of their rotated channels, in the operator GroupQueryAttention. */
export const headSizeStep = 16;

/**
 * Weights per segment, counted in float32: while one is compiled its matrices exist twice, and each has a session that
 * takes memory of its own. Between 64 and 128 MB both are small (`bench/generate.ts --only freezing`).
 */
const segmentBytes = 96 << 20;

/** @throws UsageError for a head size, or a part of it that is rotated, that the runtime cannot generate with */
export function freeze(engine: Engine, model: FreezableModel, options: FreezeOptions = {}): FrozenModel {
  const { decoder, parameters } = model;
  const { precision = 'f32', positions = decoder.settledPositions, adapters = false } = options;
  requireWidths(decoder);
  const pool = new ArrayPool();
  const rotary = decoder.layerKinds.map((kind) => kind.rotaryTables(positions));
  const segments = layersOfSegments(decoder).map(([from, to]): FrozenSegment => {
    const inference = segmentGraph(decoder, { precision, positions, rotary, adapters, from, to }).encode(
      (name) => parameters.get(name)!.weight.length,
    );
    return compile(engine, `frozen.${from}`, inference, { parameters, precision, pool });
  });
  return new FrozenModel(engine, decoder, {
    precision,
    positions,
    segments,
    embedding: new EmbeddingTable(decoder, parameters, precision),
  });
}

function requireWidths({ sizes, layerKinds }: Decoder): void {
  const widths = [['head size', sizes.headSize], ...layerKinds.map((kind) => ['rotated channels', kind.rotaryWidth])];
  for (const [field, width] of widths as [string, number][]) {
    if (width % headSizeStep === 0) continue;
    throw new UsageError({
      field,
      found: String(width),
      expected: `a multiple of ${headSizeStep}, as the runtime's attention over a cache wants it`,
      fix: 'Choose hidden_size, num_attention_heads, head_dim or partial_rotary_factor accordingly.',
    });
  }
}

/** Ranges of layers with about as many bytes each. */
function layersOfSegments({ sizes, blockParameters }: Decoder): [from: number, to: number][] {
  const layerBytes = Object.values(blockParameters).reduce(
    (sum, shape) => sum + 4 * shape.reduce((a, b) => a * b, 1),
    0,
  );
  const perSegment = Math.max(1, Math.floor(segmentBytes / layerBytes));
  const count = Math.ceil(sizes.layers / perSegment);
  const border = (i: number) => Math.round((i * sizes.layers) / count);
  return Array.from({ length: count }, (_, i) => [border(i), border(i + 1)]);
}

interface SegmentRange {
  readonly precision: Precision;
  readonly positions: number;
  /** Tables of each kind of layers. */
  readonly rotary: readonly ReturnType<Decoder['layerKinds'][number]['rotaryTables']>[];
  readonly adapters: boolean;
  readonly from: number;
  readonly to: number;
}

/** Layers from `from` up to `to`, and the head after the last. */
function segmentGraph(
  decoder: Decoder,
  { precision, positions, rotary, adapters, from, to }: SegmentRange,
): InferenceGraph {
  const { sizes } = decoder;
  const graph = new InferenceGraph({ precision, adapters });
  const states = ['batch', 'length', sizes.hidden];
  graph.input('last', 'i32', ['batch']);
  graph.input('longest', 'i32', []);
  const kinds = new Set(decoder.kindOfLayer.slice(from, to));
  for (const [kind, tables] of rotary.entries()) {
    if (!tables || !kinds.has(kind)) continue;
    const { cos, sin } = rotaryNames(kind);
    const shape = [positions, decoder.layerKinds[kind].rotaryWidth / 2];
    graph.constant(cos, shape, tables.cos);
    graph.constant(sin, shape, tables.sin);
  }
  let stream = { base: graph.input('hidden', 'f32', states) };
  for (let layer = from; layer < to; layer++) stream = decoder.inferenceBlock(graph, layer, stream);
  if (to < sizes.layers) {
    graph.output(graph.sum(stream), 'output', states);
  } else {
    const rows = graph.input('rows', 'i32', ['rows']);
    const last = graph.pick(graph.sum(stream), rows, sizes.hidden);
    graph.output(decoder.inferenceHead(graph, { base: last }), 'logits', ['rows', sizes.vocabulary]);
  }
  return graph;
}

interface Source {
  readonly parameters: FreezableModel['parameters'];
  readonly precision: Precision;
  readonly pool: ArrayPool;
}

function compile(engine: Engine, name: string, model: InferenceModel, source: Source): FrozenSegment {
  const buffers = new Map<string, Buffer>();
  for (const weight of model.weights) {
    for (const [key, buffer] of weightBuffers(engine, weight, source)) buffers.set(key, buffer);
  }
  const segment = engine.compile(name, model, buffers);
  // Those of matrices the runtime holds in a layout of its own, so that ours may go.
  const packed = packsMatrices(engine, source.precision) ? matrixNames(model) : new Set();
  const kept = new Map([...buffers].filter(([key]) => !packed.has(key)));
  for (const [key, buffer] of buffers) {
    if (kept.has(key)) continue;
    buffer.release();
    source.pool.give(buffer.array as Float32Array | Uint8Array);
  }
  // The segments share what follows from the configuration.
  const own = model.weights.filter(({ kind }) => kind !== 'constant').map(({ name }) => name);
  const bytes = own.reduce((sum, name) => sum + bytesOf(buffers, name), 0);
  return { segment, kept: [...kept.values()], bytes, adapted: model.adapted };
}

const bytesOf = (buffers: ReadonlyMap<string, Buffer>, name: string): number =>
  [name, scalesOf(name)].reduce((sum, key) => sum + (buffers.get(key)?.array.byteLength ?? 0), 0);

const matrixNames = ({ weights }: InferenceModel): Set<string> =>
  new Set(weights.flatMap(({ kind, name }) => (kind === 'matrix' ? [name, scalesOf(name)] : [])));

function weightBuffers(
  engine: Engine,
  weight: InferenceWeight,
  { parameters, precision, pool }: Source,
): [string, Buffer][] {
  const { name } = weight;
  if (weight.kind === 'constant') {
    return [[name, engine.buffer({ dtype: 'f32', shape: weight.shape }, weight.values)]];
  }
  const values = weight.parameters.map((parameter) => parameters.get(parameter)!.weight);
  if (weight.kind === 'vector') {
    const joined = concatenate(values);
    return [[name, engine.buffer({ dtype: 'f32', shape: [joined.length] }, joined)]];
  }
  return matrixBuffers(engine, name, values, { shape: weight.shape, precision, pool });
}

function concatenate(arrays: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
}
