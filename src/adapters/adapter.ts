/** An adapter apart from any model: what was learnt for each linear layer, and how it is to be read. */
import { UsageError } from '../errors.ts';
import type { LowRankUpdate } from '../generate/frozen/adapter.ts';
import { type AdapterSettings, hasMagnitudes, scaleOf } from './settings.ts';
import {
  type AdaptableModel,
  type AdaptableStack,
  type LinearModule,
  linearModules,
  moduleName,
  modulesByName,
} from './target-modules.ts';

/** What is learnt for one linear layer [out, input]. */
export interface AdapterModule {
  /** [r, input] */
  readonly a: Float32Array;
  /** [out, r] */
  readonly b: Float32Array;
  /** [out], with `dora`: the length of each row of the adapted weight. */
  readonly magnitude?: Float32Array;
}

export interface Adapter {
  readonly settings: AdapterSettings;
  /** By the checkpoint's name of the linear layer, such as `model.layers.0.self_attn.q_proj`. */
  readonly modules: ReadonlyMap<string, AdapterModule>;
}

/** @throws UsageError where the adapter was made for a model of other shapes. */
export function assertFits({ settings, modules }: Adapter, model: AdaptableModel): void {
  const shapes = modulesByName(model);
  for (const [name, { a, b, magnitude }] of modules) {
    const shape = shapes.get(name);
    const refuse = (found: string, expected: string) =>
      new UsageError({ field: `adapter of ${name}`, found, expected, fix: 'Use an adapter made for this model.' });
    if (!shape) throw refuse('an update', 'none: the model has no such linear layer in its blocks');
    const { out, input } = shape;
    const fits = a.length === settings.r * input && b.length === settings.r * out;
    if (fits && (magnitude === undefined || magnitude.length === out)) continue;
    throw refuse(`A and B of a layer [${b.length / settings.r}, ${a.length / settings.r}]`, `[${out}, ${input}]`);
  }
}

/**
 * The linear layers of each stack that an adapter has updates for.
 * @throws UsageError where they are not the same in all blocks of a stack
 */
export function resolveModules(stacks: readonly AdaptableStack[], { modules }: Adapter): LinearModule[][] {
  return stacks.map((stack) => {
    const has = (layer: number) => (module: LinearModule) => modules.has(moduleName(stack, layer, module.name));
    for (let layer = 1; layer < stack.layers; layer++) {
      const odd = linearModules(stack).find((module) => has(0)(module) !== has(layer)(module));
      if (odd === undefined) continue;
      throw new UsageError({
        field: 'adapter modules',
        found: `${odd.name} in some layers only`,
        expected: 'the same linear layers in every block',
        fix: 'Correct the adapter settings.',
      });
    }
    return linearModules(stack).filter(has(0));
  });
}

/** Copies what was learnt into the arrays of an adapter of the same layers and rank. */
export function copyAdapter({ modules }: Adapter, into: Adapter): void {
  for (const [name, { a, b, magnitude }] of modules) {
    const own = into.modules.get(name)!;
    own.a.set(a);
    own.b.set(b);
    if (magnitude) own.magnitude!.set(magnitude);
  }
}

/**
 * The adapter as a frozen model takes it (`FrozenModel.adapter`), by the names of the parameters.
 * @throws UsageError for `dora` and `qdora`, which scale the base too and so is no update of low rank.
 */
export function lowRankUpdates({ settings, modules }: Adapter): ReadonlyMap<string, LowRankUpdate> {
  if (hasMagnitudes(settings.method)) {
    throw new UsageError({
      field: 'adapter method',
      found: settings.method,
      expected: 'lora, rslora or qlora: updates of low rank over an unchanged base',
      fix: 'Merge the adapter into the model (mergeAdapters), then freeze the model.',
    });
  }
  const scale = scaleOf(settings);
  return new Map([...modules].map(([name, { a, b }]) => [`${name}.weight`, { a, b, rank: settings.r, scale }]));
}
