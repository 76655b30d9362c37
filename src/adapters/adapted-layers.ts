/**
 * A decoder or encoder whose linear layers are adapted, and what the stacks of an encoder-decoder have in common with it. Its
 * parameters are those of the base and, inside each block, what the adapter learns; programs, memory plans and optimizers treat
 * it as any other.
 */
import { add, div, maximum, mul, sqrt, stopGradient, sub } from '../graph/ops/elementwise.ts';
import { addMatmul, matmul } from '../graph/ops/linear.ts';
import { sum } from '../graph/ops/reduce.ts';
import { broadcastTo, reshape } from '../graph/ops/shape.ts';
import type { Shape, Tensor } from '../graph/tensor.ts';
import type {
  BlockContext,
  BlockWeights,
  Experts,
  GroupedLayers,
  InputDropout,
  Layers,
  ParameterSpec,
  Projection,
} from '../models/decoder.ts';
import { linearLayer, rowProducts } from '../models/layers/linear.ts';
import { type AdapterSettings, hasMagnitudes, scaleOf } from './settings.ts';
import type { AdaptableStack, LinearModule } from './target-modules.ts';

/** Names of an adapter's parameters behind the name of their linear layer; the learnt ones are PEFT's. */
export const parameterEndings = {
  a: 'lora_A.weight',
  b: 'lora_B.weight',
  magnitude: 'lora_magnitude_vector',
  /** Squared length of each row of the base weight, [out]: follows from the base, is not learnt and not saved. */
  squaredNorms: 'squared_norms',
} as const;

/** The part that a parameter has in its module; undefined for those of the base. */
export const partOf = (name: string): keyof typeof parameterEndings | undefined =>
  (Object.keys(parameterEndings) as (keyof typeof parameterEndings)[]).find((part) =>
    name.endsWith(`.${parameterEndings[part]}`),
  );

/** How a stack is adapted: by how much, and whether magnitudes are learnt too. */
export type LayerSettings = Pick<AdapterSettings, 'method' | 'r' | 'alpha' | 'dropout'>;

/** Layers with their parameters: a decoder or an encoder. */
export interface AdaptableLayers extends Layers {
  readonly parameters: readonly ParameterSpec[];
}

export function adaptLayers<Model extends AdaptableLayers>(
  base: Model,
  modules: readonly LinearModule[],
  settings: LayerSettings,
): Model {
  const stack = { layers: base.sizes.layers, blockParameterName: base.blockParameterName };
  return {
    ...base,
    parameters: [...base.parameters, ...adapterParameters(stack, modules, settings)],
    blockParameters: { ...base.blockParameters, ...adapterShapes(modules, settings) },
    inputDropout: dropoutOf(modules, settings, base.experts),
    block(hidden, weights, context) {
      const { project, keep } = adaptedProjection(modules, settings, context.inputFactors);
      const result = base.block(hidden, weights, { ...context, project });
      return { ...result, keep: { ...result.keep, ...keep } };
    },
  };
}

/** What an adapter adds to the parameters of a stack, layer after layer, under checkpoint names. */
export const adapterParameters = (
  { layers, blockParameterName }: Pick<AdaptableStack, 'layers' | 'blockParameterName'>,
  modules: readonly LinearModule[],
  settings: LayerSettings,
): ParameterSpec[] =>
  Array.from({ length: layers }, (_, layer) =>
    modules.flatMap((module) =>
      moduleParameters(module, settings).map((spec) => ({ ...spec, name: blockParameterName(layer, spec.name) })),
    ),
  ).flat();

/** What it adds to the parameters of a block. */
export const adapterShapes = (
  modules: readonly LinearModule[],
  settings: LayerSettings,
): Readonly<Record<string, Shape>> =>
  Object.fromEntries(
    modules.flatMap((module) => moduleParameters(module, settings)).map(({ name, shape }) => [name, shape]),
  );

/**
 * Linear layers with what the adapter adds to those of `modules`.
 * @returns `keep` too, which has what is worth keeping for the backward pass once layers were projected
 */
export function adaptedProjection(
  modules: readonly LinearModule[],
  settings: LayerSettings,
  inputFactors: BlockContext['inputFactors'] = {},
): { readonly project: Projection; readonly keep: Readonly<Record<string, Tensor>> } {
  const scale = scaleOf(settings);
  const isDora = hasMagnitudes(settings.method);
  const names = new Set(modules.map(({ name }) => name));
  const keep: Record<string, Tensor> = {};
  const project: Projection = (x, layer, weights) => {
    const adapted = (typeof layer === 'string' ? [layer] : layer.names).filter((name) => names.has(name));
    if (adapted.length === 0) return linearLayer(x, layer, weights);
    const name = typeof layer === 'string' ? layer : layer.name;
    const factors = inputFactors[name];
    const input = { x, kept: factors && mul(x, reshape(factors, x.shape)) };
    const parts = { layer, adapted, weights, scale };
    if (!isDora) return lowRankProjection(input, parts);
    const { output, direction } = decomposedProjection(input, parts);
    keep[`${name}.direction`] = direction;
    return output;
  };
  return { project, keep };
}

/** Under names inside the layer. A is normal with the variance of PEFT's uniform draw; B is zero, so that nothing changes yet. */
function moduleParameters(
  { name, out, input }: LinearModule,
  { method, r }: Pick<AdapterSettings, 'method' | 'r'>,
): ParameterSpec[] {
  const spec = (
    part: keyof typeof parameterEndings,
    shape: Shape,
    initialization: ParameterSpec['initialization'],
  ) => ({
    name: `${name}.${parameterEndings[part]}`,
    shape,
    initialization,
  });
  return [
    spec('a', [r, input], { normal: 1 / Math.sqrt(3 * input) }),
    spec('b', [out, r], { constant: 0 }),
    // Both are overwritten by what follows from the base.
    ...(hasMagnitudes(method)
      ? [spec('magnitude', [out], { constant: 0 }), spec('squaredNorms', [out], { constant: 0 })]
      : []),
  ];
}

function dropoutOf(modules: readonly LinearModule[], { dropout = 0 }: LayerSettings, experts: Experts | undefined) {
  if (dropout === 0) return undefined;
  const widths = modules.map(({ name, input }): [string, number] => {
    const together = experts?.groupedName(name);
    return together === undefined ? [name, input] : [together, experts!.perToken * input];
  });
  return { probability: dropout, widths: Object.fromEntries(widths) } satisfies InputDropout;
}

/** What a linear layer is given. */
interface Input {
  readonly x: Tensor;
  /** What dropout has left of x; undefined where there is none. */
  readonly kept: Tensor | undefined;
}

/** A linear layer, or grouped ones, of which some may be as they are. */
interface AdaptedLayer {
  readonly layer: string | GroupedLayers;
  /** Names of those that are adapted, one at least. */
  readonly adapted: readonly string[];
  readonly weights: BlockWeights;
  readonly scale: number;
}

const partIn = (weights: BlockWeights, name: string, part: keyof typeof parameterEndings): Tensor =>
  weights[`${name}.${parameterEndings[part]}`];

/** A part by the name of its layer; zeros where a layer is not adapted. */
function partOrZeros({ adapted, weights }: AdaptedLayer, part: 'a' | 'b'): (name: string) => Tensor {
  const example = partIn(weights, adapted[0], part);
  return (name) => partIn(weights, name, part) ?? broadcastTo(example.graph.constant(0), example.shape);
}

/** x W' + b + s (k A') B', k being what is kept of x */
function lowRankProjection({ x, kept }: Input, parts: AdaptedLayer): Tensor {
  return withUpdate(linearLayer(x, parts.layer, parts.weights), kept ?? x, parts);
}

function withUpdate(plain: Tensor, x: Tensor, parts: AdaptedLayer): Tensor {
  const { multiply, addProduct } = rowProducts(parts.layer);
  return addProduct(plain, multiply(x, partOrZeros(parts, 'a')), partOrZeros(parts, 'b'), parts.scale);
}

/**
 * x V' m / |V| + b with V = W + s B A, |V| the length of each row and m the magnitudes. As in the paper's section 4.3 no
 * gradient goes through |V|. The product before scaling is kept for the backward pass, where the derivative by m needs it.
 *
 * With dropout all that the adapter changes sees what is kept of x, as in PEFT: x W' + k (V m / |V| - W)' + b, which takes a
 * second product with W.
 */
function decomposedProjection({ x, kept }: Input, parts: AdaptedLayer) {
  const { layer, adapted, weights, scale } = parts;
  const { multiply, vector } = rowProducts(layer);
  const weightOf = (name: string) => weights[`${name}.weight`];
  const plain = multiply(kept ?? x, weightOf);
  const direction = withUpdate(plain, kept ?? x, parts);
  const factorOf = (name: string) =>
    adapted.includes(name)
      ? div(partIn(weights, name, 'magnitude'), stopGradient(rowNorms(name, weights, scale)))
      : broadcastTo(x.graph.constant(1), weightOf(name).shape.slice(0, 1));
  const scaled = mul(direction, vector(factorOf));
  const output = kept ? add(scaled, sub(multiply(x, weightOf), plain)) : scaled;
  const hasBias = weights[`${adapted[0]}.bias`] !== undefined;
  return {
    direction,
    output: hasBias
      ? add(
          output,
          vector((name) => weights[`${name}.bias`]),
        )
      : output,
  };
}

/** A row of zeros has a length too, so that nothing is divided by zero. */
const leastSquare = 1e-30;

/**
 * Lengths of the rows of W + s B A, without making that matrix: |W|^2 + 2 s W A' . B + s^2 B A A' . B, each sum over a row.
 */
function rowNorms(name: string, weights: BlockWeights, scale: number): Tensor {
  const [a, b] = [partIn(weights, name, 'a'), partIn(weights, name, 'b')];
  const cross = matmul(weights[`${name}.weight`], a, { transB: true, alpha: 2 * scale });
  const gram = matmul(a, a, { transB: true });
  const change = sum(mul(addMatmul(cross, b, gram, { alpha: scale * scale }), b), { axes: [1] });
  return sqrt(maximum(add(partIn(weights, name, 'squaredNorms'), change), leastSquare));
}
