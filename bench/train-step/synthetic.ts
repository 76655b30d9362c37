/** Weights and tokens for measurements: arbitrary, made without drawing random numbers, which would take longer than the steps. */
import { readFileSync } from 'node:fs';
import type { ParameterSpec } from '../../src/models/decoder.ts';
import type { TokenBatch } from '../../src/objectives/causal-lm/batch.ts';

/** Uniform, with the deviation that the architecture asks for. */
export function fillWeight(weight: Float32Array, { initialization }: Pick<ParameterSpec, 'initialization'>): void {
  const spread = 'normal' in initialization ? initialization.normal * Math.sqrt(12) : 0;
  const offset = 'constant' in initialization ? initialization.constant : 0;
  for (let i = 0; i < weight.length; i++) weight[i] = offset + spread * (((i * 0.618033988749895) % 1) - 0.5);
}

export interface BatchShape {
  readonly rows: number;
  readonly length: number;
  /** Ids are below this. */
  readonly vocabulary: number;
}

/** Rows of one example each, another batch for each step. */
export function syntheticBatch(step: number, { rows, length, vocabulary }: BatchShape): TokenBatch {
  const each = (f: (position: number) => number) => Int32Array.from({ length: rows * length }, (_, i) => f(i));
  const ids = each((i) => Math.floor((((i + 1) * (step + 1) * 0.754877666246693) % 1) * vocabulary));
  return {
    rows,
    length,
    ids,
    segments: each(() => 1),
    positions: each((i) => i % length),
    labels: each((i) => ((i + 1) % length === 0 ? -1 : ids[i + 1])),
  };
}

/** Greatest resident memory of this process so far, bytes. */
export const peakRss = (): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
