/** Models and prompts whose numbers are arbitrary: speed and memory do not depend on them. */
import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../src/files/json-file.ts';
import { type FreezableModel, freeze } from '../../src/generate/frozen/freeze.ts';
import type { FrozenModel } from '../../src/generate/frozen/frozen-model.ts';
import { allocateParameters } from '../../src/kernels/allocate-parameters.ts';
import type { Precision } from '../../src/models/inference-graph.ts';
import { createDecoder } from '../../src/models/registry.ts';
import { stream } from '../../src/random/stream.ts';
import type { Engine } from '../../src/runtime/engine.ts';

/** @param config a name in bench/configs */
export const readConfig = (config: string): JsonObject =>
  JSON.parse(readFileSync(new URL(`../configs/${config}.json`, import.meta.url), 'utf8'));

/** @param config a name in bench/configs */
export function randomModel(config: string): FreezableModel {
  const decoder = createDecoder(readConfig(config));
  const parameters = allocateParameters(decoder.parameters, ['weight']);
  for (const { name, initialization } of decoder.parameters) {
    const { weight } = parameters.get(name)!;
    // Uniform, with the deviation that the architecture asks for: `initModel` draws normal numbers, which takes longer.
    const spread = 'normal' in initialization ? initialization.normal * Math.sqrt(12) : 0;
    const offset = 'constant' in initialization ? initialization.constant : 0;
    for (let i = 0; i < weight.length; i++) weight[i] = offset + spread * (((i * 0.618033988749895) % 1) - 0.5);
  }
  return { decoder, parameters };
}

export const frozenRandomModel = (engine: Engine, config: string, precision: Precision): FrozenModel =>
  freeze(engine, randomModel(config), { precision });

/** Another prompt for each `index`, so that none begins as one before. */
export function randomPrompt(vocabulary: number, length: number, index: number): number[] {
  const random = stream(1, 'prompt', index);
  return Array.from({ length }, () => random.below(vocabulary));
}
