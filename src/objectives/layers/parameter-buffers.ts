/** A model's weights and gradients as buffers, bound to segments under the names that these have for them. */
import type { ParameterSpec } from '../../models/decoder.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Bindings } from '../../runtime/engine.ts';
import { isPacked, type PackedWeight } from './packed-layers.ts';
import type { Workspace } from './workspace.ts';

/** A parameter's arrays. Those that are trained have a gradient: for the others none is computed. */
export interface ParameterArrays {
  readonly weight: Float32Array | PackedWeight;
  readonly gradient?: Float32Array;
}

/** Checkpoint names by those that a segment has for its parameters. */
export type LocalNames = Readonly<Record<string, string>>;

export class ParameterBuffers {
  /** By checkpoint name; packed weights are put here by whoever unpacks them. */
  readonly weights = new Map<string, Buffer>();
  readonly gradients = new Map<string, Buffer>();

  constructor(
    workspace: Workspace,
    specs: readonly Pick<ParameterSpec, 'name' | 'shape'>[],
    parameters: ReadonlyMap<string, ParameterArrays>,
  ) {
    for (const { name, shape } of specs) {
      const arrays = parameters.get(name);
      if (!arrays) throw new Error(`parameter ${name} is missing`);
      const { weight, gradient } = arrays;
      if (!isPacked(weight)) this.weights.set(name, workspace.buffer({ dtype: 'f32', shape }, weight));
      if (gradient) this.gradients.set(name, workspace.buffer({ dtype: 'f32', shape }, gradient));
    }
  }

  readonly isTrained = (name: string): boolean => this.gradients.has(name);

  /** Weights as `w.`; in a backward segment the gradients of what is trained as `d.`, and as `a.` where they accumulate. */
  bindings(names: LocalNames, accumulating?: boolean): Bindings {
    const bind = (prefix: string, buffers: ReadonlyMap<string, Buffer>) =>
      Object.entries(names).flatMap(([local, name]) => {
        const buffer = buffers.get(name);
        return buffer ? [[`${prefix}.${local}`, buffer] as const] : [];
      });
    return Object.fromEntries([
      ...bind('w', this.weights),
      ...(accumulating === undefined ? [] : bind('d', this.gradients)),
      ...(accumulating ? bind('a', this.gradients) : []),
    ]);
  }
}
