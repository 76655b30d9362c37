/**
 * A decoder or encoder whose linear layers are adapted, and what the stacks of an encoder-decoder have in common with it. Its parameters are those of the base and, inside each block, what
 * the adapter learns; programs, memory plans and optimizers treat it as any other.
 */
import { add, div, maximum, mul, sqrt, stopGradient, sub } from '../graph/ops/elementwise.ts';
import { addMatmul, matmul } from '../graph/ops/linear.ts';
import { sum } from '../graph/ops/reduce.ts';
import type { Shape, Tensor } from '../graph/tensor.ts';
import type { BlockContext, BlockWeights, InputDropout, Layers, ParameterSpec, Projection } from '../models/decoder.ts';
import { linear, linearLayer } from '../models/layers/linear.ts';
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
    inputDropout: dropoutOf(modules, settings),
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
  const project: Projection = (x, name, weights) => {
    if (!names.has(name)) return linearLayer(x, name, weights);
    const factors = inputFactors[name];
    const kept = factors && mul(x, factors);
    if (!isDora) return lowRankProjection({ x, kept }, name, weights, scale);
    const { output, direction } = decomposedProjection({ x, kept }, name, weights, scale);
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

const weightOf = (weights: BlockWeights, module: string, part: keyof typeof parameterEndings): Tensor =>
  weights[`${module}.${parameterEndings[part]}`];

function dropoutOf(modules: readonly LinearModule[], { dropout = 0 }: Pick<AdapterSettings, 'dropout'>) {
  if (dropout === 0) return undefined;
  const widths = Object.fromEntries(modules.map(({ name, input }) => [name, input]));
  return { probability: dropout, widths } satisfies InputDropout;
}

/** What a linear layer is given. */
interface Input {
  readonly x: Tensor;
  /** What dropout has left of x; undefined where there is none. */
  readonly kept: Tensor | undefined;
}

/** x W' + b + s (k A') B', k being what is kept of x */
function lowRankProjection({ x, kept }: Input, module: string, weights: BlockWeights, scale: number): Tensor {
  return withUpdate(linearLayer(x, module, weights), kept ?? x, module, weights, scale);
}

function withUpdate(plain: Tensor, x: Tensor, module: string, weights: BlockWeights, scale: number): Tensor {
  const inner = matmul(x, weightOf(weights, module, 'a'), { transB: true });
  return addMatmul(plain, inner, weightOf(weights, module, 'b'), { transB: true, alpha: scale });
}

/**
 * x V' m / |V| + b with V = W + s B A, |V| the length of each row and m the magnitudes. As in the paper's section 4.3 no
 * gradient goes through |V|. The product before scaling is kept for the backward pass, where the derivative by m needs it.
 *
 * With dropout all that the adapter changes sees what is kept of x, as in PEFT: x W' + k (V m / |V| - W)' + b, which takes a
 * second product with W.
 */
function decomposedProjection({ x, kept }: Input, module: string, weights: BlockWeights, scale: number) {
  const weight = weights[`${module}.weight`];
  const plain = linear(kept ?? x, weight);
  const direction = withUpdate(plain, kept ?? x, module, weights, scale);
  const factor = div(weightOf(weights, module, 'magnitude'), stopGradient(rowNorms(module, weights, scale)));
  const bias = weights[`${module}.bias`];
  const scaled = mul(direction, factor);
  const output = kept ? add(scaled, sub(linear(x, weight), plain)) : scaled;
  return { direction, output: bias ? add(output, bias) : output };
}

/** A row of zeros has a length too, so that nothing is divided by zero. */
const leastSquare = 1e-30;

/**
 * Lengths of the rows of W + s B A, without making that matrix: |W|^2 + 2 s W A' . B + s^2 B A A' . B, each sum over a row.
 */
function rowNorms(module: string, weights: BlockWeights, scale: number): Tensor {
  const [a, b] = [weightOf(weights, module, 'a'), weightOf(weights, module, 'b')];
  const cross = matmul(weights[`${module}.weight`], a, { transB: true, alpha: 2 * scale });
  const gram = matmul(a, a, { transB: true });
  const change = sum(mul(addMatmul(cross, b, gram, { alpha: scale * scale }), b), { axes: [1] });
  return sqrt(maximum(add(weightOf(weights, module, 'squaredNorms'), change), leastSquare));
}
