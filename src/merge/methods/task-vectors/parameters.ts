/** The parameters that all task-vector methods share, with mergekit's names. */
import type { ParameterSpecs } from '../../method.ts';

export const sharedModelParameters = {
  weight: { kind: 'number', summary: 'factor of the model’s task vector' },
  density: { kind: 'number', default: 1, minimum: 0, maximum: 1, summary: 'share of the entries that is kept' },
} as const satisfies ParameterSpecs;

export const sharedSettings = {
  normalize: { kind: 'boolean', default: false as boolean, summary: 'divide by the sum of the weights that took part' },
  rescale: { kind: 'boolean', default: false as boolean, summary: 'make up for what was dropped' },
  lambda: { kind: 'number', default: 1, summary: 'factor of the merged task vector' },
  int8_mask: { kind: 'boolean', default: false, summary: 'without effect; mergekit stores masks as bytes' },
} as const satisfies ParameterSpecs;
