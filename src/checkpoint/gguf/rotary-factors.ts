/**
 * The scaling of rotary angles of Llama 3.1 and later, as GGUF keeps it: in place of the four numbers that it comes from, a
 * tensor with what the angle of each pair of channels is divided by.
 */
import { inverseFrequencies, type Rope, type RopeScaling } from '../../models/layers/rope.ts';

export const factorsTensor = 'rope_freqs.weight';

/** Long-rope's two lists. */
export const listTensors = { short: 'rope_factors_short.weight', long: 'rope_factors_long.weight' } as const;

/** The tensors that a scaling is written as, by name. */
export function factorTensors({ width, theta, scaling }: Rope): readonly (readonly [name: string, Float32Array])[] {
  if (scaling.type === 'llama3') return [[factorsTensor, rotaryFactors(width, theta, scaling)]];
  if (scaling.type !== 'longrope') return [];
  return [
    [listTensors.short, Float32Array.from(scaling.short)],
    [listTensors.long, Float32Array.from(scaling.long)],
  ];
}

type Llama3Scaling = Extract<RopeScaling, { readonly type: 'llama3' }>;

/** [width / 2], for the rotated channels of a head. */
function rotaryFactors(width: number, theta: number, scaling: Llama3Scaling): Float32Array {
  const plain = inverseFrequencies({ width, theta, scaling: { type: 'default' } });
  const scaled = inverseFrequencies({ width, theta, scaling });
  return Float32Array.from(plain, (frequency, i) => frequency / scaled[i]);
}

/** What the released models are made with; only the factor differs between them. */
const released = { lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 8192 };

/** The scaling of a released model that gives these factors; undefined where none does. */
export function scalingOf(factors: Float32Array, theta: number): Llama3Scaling | undefined {
  const scaling: Llama3Scaling = { type: 'llama3', factor: Math.max(...factors), ...released };
  const expected = rotaryFactors(2 * factors.length, theta, scaling);
  return factors.every((value, i) => Math.abs(value - expected[i]) <= 1e-4 * expected[i]) ? scaling : undefined;
}
