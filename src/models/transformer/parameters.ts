/** Names, shapes and first values of a decoder's parameters, in checkpoint order. */
import type { Shape } from '../../graph/tensor.ts';
import type { ParameterSpec } from '../decoder.ts';
import type { DecoderDescription } from './description.ts';
import { blockParameterName, expertNames } from './names.ts';

/** What a parameter is for, which decides its first value. `residual` matrices write to the residual stream. */
type Role = 'norm' | 'bias' | 'matrix' | 'residual';

interface Entry {
  readonly name: string;
  readonly shape: Shape;
  readonly role: Role;
}

/** Rows of query, key and value. */
export function projectionRows({ sizes }: Pick<DecoderDescription, 'sizes'>): readonly [number, number, number] {
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

function norm(name: string | undefined, width: number, { norm: { kind } }: DecoderDescription): Entry[] {
  if (name === undefined) return [];
  const weight: Entry = { name: `${name}.weight`, shape: [width], role: 'norm' };
  return kind === 'layer' ? [weight, { name: `${name}.bias`, shape: [width], role: 'bias' }] : [weight];
}

function feedForward(description: DecoderDescription): Entry[] {
  const { sizes, names, biases, experts, gated = true } = description;
  const { hidden, intermediate } = sizes;
  const { block } = names;
  const rows = gated ? [intermediate, intermediate] : [intermediate];
  const layers = experts ? Array.from({ length: experts.count }, (_, i) => expertNames(block, i)) : [block];
  return [
    ...(experts ? linear(block.router!, [experts.count, hidden], false) : []),
    ...layers.flatMap((layer) => [
      ...linears(layer.feedForward, rows, hidden, biases.feedForward),
      ...linear(layer.down, [hidden, intermediate], biases.feedForward, 'residual'),
    ]),
  ];
}

function blockEntries(description: DecoderDescription): Entry[] {
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
    ...norm(block.feedForwardNorm, hidden, description),
    ...feedForward(description),
    ...norm(block.feedForwardOutputNorm, hidden, description),
  ];
}

/** Shapes of one block's parameters by their names inside the layer. */
export const blockShapes = (description: DecoderDescription): Record<string, Shape> =>
  Object.fromEntries(blockEntries(description).map(({ name, shape }) => [name, shape]));

/**
 * Every parameter in checkpoint order. New weights are normal with the configured deviation; the projections that write
 * to the residual stream get it divided by sqrt(2 layers), as in GPT-2 (Radford et al. 2019), so that the stream's
 * variance does not grow with depth.
 */
export function decoderParameters(description: DecoderDescription): ParameterSpec[] {
  const { sizes, names, deviation, tied, storedTransposed = false } = description;
  const { hidden, layers, vocabulary } = sizes;
  const initialization = {
    norm: { constant: description.norm.kind === 'rms-offset' ? 0 : 1 },
    bias: { constant: 0 },
    matrix: { normal: deviation },
    residual: { normal: deviation / Math.sqrt(2 * layers) },
  };
  const spec = ({ name, shape, role }: Entry): ParameterSpec => ({
    name,
    shape,
    initialization: initialization[role],
  });
  const table = (name: string, rows: number): Entry => ({ name, shape: [rows, hidden], role: 'matrix' });
  const inLayers = blockEntries(description).map(spec);
  const nameOf = blockParameterName(names);
  return [
    spec(table(names.embedding, vocabulary)),
    ...(names.positions === undefined ? [] : [spec(table(names.positions, sizes.positions))]),
    ...Array.from({ length: layers }, (_, layer) =>
      inLayers.map((entry) => ({
        ...entry,
        name: nameOf(layer, entry.name),
        ...(storedTransposed && entry.shape.length === 2 && { storedTransposed }),
      })),
    ).flat(),
    ...norm(names.finalNorm, hidden, description).map(spec),
    ...(tied ? [] : [spec(table(names.head, vocabulary))]),
  ];
}
