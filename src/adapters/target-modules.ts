/** Which linear layers of a model an adapter takes part in. */
import { UsageError } from '../errors.ts';
import type { Layers } from '../models/decoder.ts';
import { nearest } from '../yaml/near-miss.ts';
import type { TargetModules } from './settings.ts';

/** A linear layer inside a block. */
export interface LinearModule {
  /** Inside the layer, such as `self_attn.q_proj`. */
  readonly name: string;
  readonly out: number;
  readonly input: number;
}

const ending = '.weight';

/** The linear layers of a block, in the order of its parameters. */
export const linearModules = ({ blockParameters }: Pick<Layers, 'blockParameters'>): LinearModule[] =>
  Object.entries(blockParameters).flatMap(([name, shape]) =>
    name.endsWith(ending) && shape.length === 2
      ? [{ name: name.slice(0, -ending.length), out: shape[0], input: shape[1] }]
      : [],
  );

/** The checkpoint's name of a module, such as `model.layers.0.self_attn.q_proj`. */
export const moduleName = (
  { blockParameterName }: Pick<Layers, 'blockParameterName'>,
  layer: number,
  name: string,
): string => blockParameterName(layer, `${name}${ending}`).slice(0, -ending.length);

/** Whether a module is meant by a target: its whole name, or the end of it behind a dot. */
export const isTargeted = (module: string, target: string): boolean =>
  module === target || module.endsWith(`.${target}`);

/**
 * The modules that `targets` name, the same in every layer.
 * @throws UsageError for a target that names nothing, or not the same in all layers.
 */
export function resolveTargets(model: Layers, targets: TargetModules): LinearModule[] {
  const modules = linearModules(model);
  if (targets === 'all-linear') return modules;
  const known = modules.map(({ name }) => name).join(', ');
  const refuse = (found: string, expected: string) =>
    new UsageError({ field: 'adapter targetModules', found, expected, fix: `The model's linear layers: ${known}.` });
  if (targets.length === 0) throw refuse('no target', 'at least one linear layer');
  const layers = Array.from({ length: model.sizes.layers }, (_, layer) => layer);
  const targeted = (name: string, target: string) =>
    layers.filter((layer) => isTargeted(moduleName(model, layer, name), target)).length;
  for (const target of targets) {
    if (modules.some(({ name }) => targeted(name, target) > 0)) continue;
    const meant = nearest(
      target,
      modules.map(({ name }) => name.slice(name.lastIndexOf('.') + 1)),
    );
    const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
    throw refuse(JSON.stringify(target), `the end of the name of a linear layer inside the blocks${hint}`);
  }
  return modules.filter(({ name }) => {
    const places = layers.filter((layer) =>
      targets.some((target) => isTargeted(moduleName(model, layer, name), target)),
    );
    if (places.length > 0 && places.length < layers.length) {
      throw refuse(`${name} in ${places.length} of ${layers.length} layers`, 'the same layers in every block');
    }
    return places.length > 0;
  });
}
