/** Names, shapes and first values of a model's parameters, in checkpoint order. */
import type { Shape } from '../../graph/tensor.ts';
import type { ParameterSpec } from '../decoder.ts';
import type { DecoderDescription, EncoderDescription, LayersDescription } from './description.ts';
import { blockParameterName, everyExpert } from './names.ts';

/** What a parameter is for, which decides its first value. `residual` matrices write to the residual stream. */
type Role = 'norm' | 'bias' | 'matrix' | 'residual';

interface Entry {
  readonly name: string;
  readonly shape: Shape;
  readonly role: Role;
}

/** Rows of query, key and value. */
export function projectionRows({ sizes }: Pick<LayersDescription, 'sizes'>): readonly [number, number, number] {
  const keys = sizes.keyValueHeads * sizes.headSize;
  return [sizes.heads * sizes.headSize, keys, keys];
}

function linear(name: string, shape: readonly [number, number], bias: boolean, role: Role = 'matrix'): Entry[] {
  const weight: Entry = { name: `${name}.weight`, shape, role };
  return bias ? [weight, { name: `${name}.bias`, shape: [shape[0]], role: 'bias' }] : [weight];
}

/** Layers that read one input of `width`: each of its own, or one with the rows of all. */
function linears(names: readonly string[], rows: readonly number[], width: number, bias: boolean): Entry[] {
  const all = rows.reduce((sum, count) => sum + count, 0);
  return names.flatMap((name, i) => linear(name, [names.length === 1 ? all : rows[i], width], bias));
}

function norm(name: string | undefined, width: number, { norm: { kind } }: LayersDescription): Entry[] {
  if (name === undefined) return [];
  const weight: Entry = { name: `${name}.weight`, shape: [width], role: 'norm' };
  return kind === 'layer' ? [weight, { name: `${name}.bias`, shape: [width], role: 'bias' }] : [weight];
}

function feedForward(description: LayersDescription): Entry[] {
  const { sizes, names, biases, experts, gated = true } = description;
  const { hidden, intermediate } = sizes;
  const { block } = names;
  const rows = gated ? [intermediate, intermediate] : [intermediate];
  const layers = experts ? everyExpert(block, experts.count) : [block];
  return [
    ...(experts ? linear(block.router!, [experts.count, hidden], false) : []),
    ...layers.flatMap((layer) => [
      ...linears(layer.feedForward, rows, hidden, biases.feedForward),
      ...linear(layer.down, [hidden, intermediate], biases.feedForward, 'residual'),
    ]),
  ];
}

function blockEntries(description: LayersDescription): Entry[] {
  const { sizes, names, biases, queryNormOver = 'head' } = description;
  const { hidden, headSize } = sizes;
  const { block } = names;
  const rows = projectionRows(description);
  const [queryWidth, keyWidth] = queryNormOver === 'head' ? [headSize, headSize] : rows;
  return [
    ...norm(block.attentionNorm, hidden, description),
    ...linears(block.projections, rows, hidden, biases.query),
    ...norm(block.queryNorm, queryWidth, description),
    ...norm(block.keyNorm, keyWidth, description),
    ...linear(block.output, [hidden, rows[0]], biases.output, 'residual'),
    ...norm(block.attentionOutputNorm, hidden, description),
    ...norm(block.attentionSumNorm, hidden, description),
    ...norm(block.feedForwardNorm, hidden, description),
    ...feedForward(description),
    ...norm(block.feedForwardOutputNorm, hidden, description),
    ...norm(block.feedForwardSumNorm, hidden, description),
  ];
}

/** Shapes of one block's parameters by their names inside the layer. */
export const blockShapes = (description: LayersDescription): Record<string, Shape> =>
  Object.fromEntries(blockEntries(description).map(({ name, shape }) => [name, shape]));

/**
 * New weights are normal with the configured deviation; the projections that write to the residual stream get it divided
 * by sqrt(2 layers), as in GPT-2 (Radford et al. 2019), so that the stream's variance does not grow with depth. Where the
 * stream itself is normed, it cannot grow.
 */
function specOf({ sizes, deviation, norm, names }: LayersDescription): (entry: Entry) => ParameterSpec {
  const isStreamNormed = names.block.feedForwardSumNorm !== undefined;
  const initialization = {
    norm: { constant: norm.kind === 'rms-offset' ? 0 : 1 },
    bias: { constant: 0 },
    matrix: { normal: deviation },
    residual: { normal: isStreamNormed ? deviation : deviation / Math.sqrt(2 * sizes.layers) },
  };
  return ({ name, shape, role }) => ({ name, shape, initialization: initialization[role] });
}

const table = (name: string, rows: number, width: number): Entry => ({ name, shape: [rows, width], role: 'matrix' });

function layerParameters(description: LayersDescription): ParameterSpec[] {
  const { sizes, names, storedTransposed = false } = description;
  const inLayers = blockEntries(description).map(specOf(description));
  const nameOf = blockParameterName(names);
  return Array.from({ length: sizes.layers }, (_, layer) =>
    inLayers.map((entry) => ({
      ...entry,
      name: nameOf(layer, entry.name),
      ...(storedTransposed && entry.shape.length === 2 && { storedTransposed }),
    })),
  ).flat();
}

/** Every parameter of a decoder in checkpoint order. */
export function decoderParameters(description: DecoderDescription): ParameterSpec[] {
  const { sizes, names, tied } = description;
  const { hidden, vocabulary, positions } = sizes;
  const spec = specOf(description);
  return [
    spec(table(names.embedding, vocabulary, hidden)),
    ...(names.positions === undefined ? [] : [spec(table(names.positions, positions, hidden))]),
    ...layerParameters(description),
    ...norm(names.finalNorm, hidden, description).map(spec),
    ...(tied ? [] : [spec(table(names.head, vocabulary, hidden))]),
  ];
}

/** Every parameter of an encoder in checkpoint order. */
export function encoderParameters(description: EncoderDescription): ParameterSpec[] {
  const { sizes, names, tokenTypes, firstPosition } = description;
  const { hidden, vocabulary, positions } = sizes;
  const spec = specOf(description);
  return [
    spec(table(names.embedding, vocabulary, hidden)),
    spec(table(names.positions, firstPosition + positions, hidden)),
    spec(table(names.tokenTypes, tokenTypes, hidden)),
    ...norm(names.embeddingNorm, hidden, description).map(spec),
    ...layerParameters(description),
  ];
}
