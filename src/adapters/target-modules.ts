/** Which linear layers of a model an adapter takes part in. */
import { UsageError } from '../errors.ts';
import type { Shape } from '../graph/tensor.ts';
import type { Layers } from '../models/decoder.ts';
import type { EncoderDecoder } from '../models/encoder-decoder.ts';
import { nearest } from '../yaml/near-miss.ts';
import type { TargetModules } from './settings.ts';

/** A linear layer inside a block. */
export interface LinearModule {
  /** Inside the layer, such as `self_attn.q_proj`. */
  readonly name: string;
  readonly out: number;
  readonly input: number;
}

/** Blocks one after the other, all with the same linear layers. */
export interface AdaptableStack {
  readonly layers: number;
  readonly blockParameters: Readonly<Record<string, Shape>>;
  blockParameterName(layer: number, name: string): string;
}

/** A decoder or an encoder, which are one stack, or an encoder-decoder, which has two. */
export type AdaptableModel = Layers | Pick<EncoderDecoder, 'encoder' | 'decoder'>;

export const stacksOf = (model: AdaptableModel): readonly AdaptableStack[] =>
  'encoder' in model ? [model.encoder, model.decoder] : [stackOf(model)];

const stackOf = ({ sizes, blockParameters, blockParameterName }: Layers): AdaptableStack => {
  return { layers: sizes.layers, blockParameters, blockParameterName };
};

const ending = '.weight';

/** The linear layers of a block, in the order of its parameters. */
export const linearModules = ({ blockParameters }: Pick<AdaptableStack, 'blockParameters'>): LinearModule[] =>
  Object.entries(blockParameters).flatMap(([name, shape]) =>
    name.endsWith(ending) && shape.length === 2
      ? [{ name: name.slice(0, -ending.length), out: shape[0], input: shape[1] }]
      : [],
  );

/** The checkpoint's name of a module, such as `model.layers.0.self_attn.q_proj`. */
export const moduleName = (
  { blockParameterName }: Pick<AdaptableStack, 'blockParameterName'>,
  layer: number,
  name: string,
): string => blockParameterName(layer, `${name}${ending}`).slice(0, -ending.length);

/** Every linear layer of a model by the checkpoint's name of it, stack by stack and layer by layer. */
export function modulesByName(model: AdaptableModel): ReadonlyMap<string, LinearModule> {
  const modules = stacksOf(model).flatMap((stack) =>
    layersOf(stack).flatMap((layer) =>
      linearModules(stack).map((module) => [moduleName(stack, layer, module.name), module] as const),
    ),
  );
  return new Map(modules);
}

const layersOf = ({ layers }: AdaptableStack): readonly number[] => Array.from({ length: layers }, (_, layer) => layer);

/** Whether a module is meant by a target: its whole name, or the end of it behind a dot. */
export const isTargeted = (module: string, target: string): boolean =>
  module === target || module.endsWith(`.${target}`);

/**
 * The modules that `targets` name, the same in every layer.
 * @throws UsageError for a target that names nothing, or not the same in all layers.
 */
export const resolveTargets = (model: Layers, targets: TargetModules): LinearModule[] =>
  resolveTargetsIn([stackOf(model)], targets)[0];

/** The modules of each stack; a target may be in one of them only. @throws as `resolveTargets` */
export function resolveTargetsIn(stacks: readonly AdaptableStack[], targets: TargetModules): LinearModule[][] {
  if (targets === 'all-linear') return stacks.map(linearModules);
  const known = [...new Set(stacks.flatMap(linearModules).map(({ name }) => name))];
  const refuse = (found: string, expected: string) => {
    const fix = `The model's linear layers: ${known.join(', ')}.`;
    return new UsageError({ field: 'adapter targetModules', found, expected, fix });
  };
  if (targets.length === 0) throw refuse('no target', 'at least one linear layer');
  /** In how many layers of a stack a module is meant. */
  const places = (stack: AdaptableStack, module: string, meant: readonly string[]) => {
    const isMeant = (layer: number) => meant.some((target) => isTargeted(moduleName(stack, layer, module), target));
    return layersOf(stack).filter(isMeant).length;
  };
  for (const target of targets) {
    if (stacks.some((stack) => linearModules(stack).some(({ name }) => places(stack, name, [target]) > 0))) continue;
    const meant = nearest(
      target,
      known.map((name) => name.slice(name.lastIndexOf('.') + 1)),
    );
    const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
    throw refuse(JSON.stringify(target), `the end of the name of a linear layer inside the blocks${hint}`);
  }
  return stacks.map((stack) =>
    linearModules(stack).filter(({ name }) => {
      const count = places(stack, name, targets);
      if (count > 0 && count < stack.layers) {
        throw refuse(`${name} in ${count} of ${stack.layers} layers`, 'the same layers in every block');
      }
      return count > 0;
    }),
  );
}
