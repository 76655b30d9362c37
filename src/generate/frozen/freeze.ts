/**
 * `freeze`: a model as it generates. Its weights go into the sessions of a few segments, in the precision asked for;
 * what the runtime packs for itself is handed over segment by segment, so that no second copy of the model exists.
 */

import type { Decoder } from '../../models/decoder.ts';
import {
  InferenceGraph,
  type InferenceModel,
  type InferenceWeight,
  type Precision,
  scalesOf,
} from '../../models/inference-graph.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Engine } from '../../runtime/engine.ts';
import { EmbeddingTable } from './embedding-table.ts';
import { FrozenModel, type FrozenSegment } from './frozen-model.ts';
import { quantize } from './quantize.ts';

export interface FreezeOptions {
  /** Default: f32, in which a request gives the same tokens whatever else is in its batch. */
  readonly precision?: Precision;
  /** Positions to make rotary tables for. Default and at most: those of the model. */
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

/** Weights per segment: while one is compiled its matrices exist twice. */
const segmentBytes = 96 << 20;

export function freeze(engine: Engine, model: FreezableModel, options: FreezeOptions = {}): FrozenModel {
  const { decoder, parameters } = model;
  const { precision = 'f32', positions = decoder.sizes.positions, adapters = false } = options;
  const segments = layersOfSegments(decoder).map(([from, to]): FrozenSegment => {
    const inference = segmentGraph(decoder, { precision, positions, adapters, from, to }).encode(
      (name) => parameters.get(name)!.weight.length,
    );
    return compile(engine, `frozen.${from}`, inference, { parameters, precision });
  });
  const { weight: embedding } = parameters.get(decoder.names.embedding)!;
  return new FrozenModel(engine, decoder, {
    precision,
    positions,
    segments,
    embedding: new EmbeddingTable(embedding, decoder.sizes.hidden, precision),
  });
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
  readonly adapters: boolean;
  readonly from: number;
  readonly to: number;
}

/** Layers from `from` up to `to`, and the head after the last. */
function segmentGraph(decoder: Decoder, { precision, positions, adapters, from, to }: SegmentRange): InferenceGraph {
  const { sizes } = decoder;
  const graph = new InferenceGraph({ precision, adapters });
  const states = ['batch', 'length', sizes.hidden];
  graph.input('last', 'i32', ['batch']);
  graph.input('longest', 'i32', []);
  const { cos, sin } = decoder.rotaryTables(positions);
  graph.constant('rotary.cos', [positions, sizes.headSize / 2], cos);
  graph.constant('rotary.sin', [positions, sizes.headSize / 2], sin);
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
}

function compile(engine: Engine, name: string, model: InferenceModel, source: Source): FrozenSegment {
  const buffers = new Map<string, Buffer>();
  for (const weight of model.weights) {
    for (const [key, buffer] of weightBuffers(engine, weight, source)) buffers.set(key, buffer);
  }
  const segment = engine.compile(name, model, buffers);
  const kept = new Map([...buffers].filter(([key]) => !isPacked(key, model, source.precision)));
  for (const [key, buffer] of buffers) if (!kept.has(key)) buffer.release();
  const bytes = [...buffers.values()].reduce((sum, { array }) => sum + array.byteLength, 0);
  return { segment, kept: [...kept.values()], bytes, adapted: model.adapted };
}

/** Whether the runtime holds a copy of its own in another layout, so that ours may go. */
function isPacked(name: string, { weights }: InferenceModel, precision: Precision): boolean {
  return precision === 'f32' && weights.some((weight) => weight.kind === 'matrix' && weight.name === name);
}

function weightBuffers(engine: Engine, weight: InferenceWeight, { parameters, precision }: Source): [string, Buffer][] {
  const { name } = weight;
  if (weight.kind === 'constant') {
    return [[name, engine.buffer({ dtype: 'f32', shape: weight.shape }, weight.values)]];
  }
  const values = weight.parameters.map((parameter) => parameters.get(parameter)!.weight);
  if (weight.kind === 'vector') {
    const joined = concatenate(values);
    return [[name, engine.buffer({ dtype: 'f32', shape: [joined.length] }, joined)]];
  }
  const [out, input] = weight.shape;
  if (precision === 'f32') {
    const transposed = transpose(values, out, input);
    return [[name, engine.buffer({ dtype: 'f32', shape: [input, out] }, transposed)]];
  }
  const { data, scales } = quantize(values.length === 1 ? values[0] : concatenate(values), input, precision);
  const blocks = scales.length / out;
  return [
    [name, engine.buffer({ dtype: 'u8', shape: [out, blocks, data.length / scales.length] }, data)],
    [scalesOf(name), engine.buffer({ dtype: 'f32', shape: [scales.length] }, scales)],
  ];
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

/** Side of the squares that are transposed at once, so that both sides of the copy stay in the cache. */
const tile = 32;

/** Rows of several matrices [*, input], `out` in all -> [input, out]. */
function transpose(parts: readonly Float32Array[], out: number, input: number): Float32Array {
  const result = new Float32Array(out * input);
  let first = 0;
  for (const rows of parts) {
    const count = rows.length / input;
    for (let row = 0; row < count; row += tile) {
      for (let column = 0; column < input; column += tile) {
        const rowEnd = Math.min(row + tile, count);
        const columnEnd = Math.min(column + tile, input);
        for (let c = column; c < columnEnd; c++) {
          for (let r = row; r < rowEnd; r++) result[c * out + first + r] = rows[r * input + c];
        }
      }
    }
    first += count;
  }
  return result;
}
