/** Rotary frequencies and their scalings for contexts longer than the ones trained on. */

export type RopeScaling =
  | { readonly type: 'default' }
  /** Positions divided by a factor (Chen et al. 2023). */
  | { readonly type: 'linear'; readonly factor: number }
  /**
   * The base grows with the length once that exceeds the positions trained on, so that the slowest wavelength stretches
   * by factor * length / positions - factor + 1 (dynamic NTK scaling).
   */
  | { readonly type: 'dynamic'; readonly factor: number; readonly originalPositions: number }
  /**
   * Wavelengths that turn often within the positions trained on are kept, those that turn seldom divided by the factor,
   * a ramp over the channels between; rotated vectors are scaled (Peng et al. 2024, "YaRN", section 3).
   */
  | {
      readonly type: 'yarn';
      readonly factor: number;
      readonly originalPositions: number;
      readonly fastTurns: number;
      readonly slowTurns: number;
      /** Whether the ramp begins and ends at whole channels. */
      readonly wholeChannels: boolean;
      /** What rotated queries and keys are multiplied with. */
      readonly magnitude: number;
    }
  /** Llama 3: long wavelengths divided by the factor, short ones kept, a smooth ramp between (Llama 3.1 release). */
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    }
  /** A divisor for each pair of channels, one list up to the positions trained on and one beyond (Ding et al. 2024). */
  | {
      readonly type: 'longrope';
      readonly short: readonly number[];
      readonly long: readonly number[];
      readonly originalPositions: number;
      readonly magnitude: number;
    };

export interface Rope {
  /** Channels of a head that are rotated, an even number from the first on. */
  readonly width: number;
  readonly theta: number;
  readonly scaling: RopeScaling;
}

/**
 * Angles per position, one for each pair of channels: theta^(-2i / width), scaled. Scalings that depend on the length
 * of a text take it to be `length`.
 */
export function inverseFrequencies({ width, theta, scaling }: Rope, length = 1): Float64Array {
  const frequencies = (base: number) => Float64Array.from({ length: width / 2 }, (_, i) => base ** ((-2 * i) / width));
  const plain = frequencies(theta);
  switch (scaling.type) {
    case 'default':
      return plain;
    case 'linear':
      return plain.map((frequency) => frequency / scaling.factor);
    case 'dynamic': {
      const { factor, originalPositions } = scaling;
      const stretch = (factor * Math.max(length, originalPositions)) / originalPositions - (factor - 1);
      return frequencies(theta * stretch ** (width / (width - 2)));
    }
    case 'yarn':
      return yarnFrequencies(plain, theta, scaling);
    case 'llama3': {
      const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
      return plain.map((frequency) => {
        const turns = (originalPositions * frequency) / (2 * Math.PI);
        const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
        return kept * frequency + ((1 - kept) * frequency) / factor;
      });
    }
    case 'longrope': {
      const divisors = length > scaling.originalPositions ? scaling.long : scaling.short;
      return plain.map((frequency, i) => frequency / divisors[i]);
    }
    default:
      return scaling satisfies never;
  }
}

/** The ramp is linear in the channel, between those that turn `fastTurns` and `slowTurns` times within the positions trained on. */
function yarnFrequencies(
  plain: Float64Array,
  theta: number,
  scaling: Extract<RopeScaling, { readonly type: 'yarn' }>,
): Float64Array {
  const { factor, originalPositions, fastTurns, slowTurns, wholeChannels } = scaling;
  const width = 2 * plain.length;
  const channelOf = (turns: number) =>
    (width * Math.log(originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const [fast, slow] = [channelOf(fastTurns), channelOf(slowTurns)];
  const from = Math.max(wholeChannels ? Math.floor(fast) : fast, 0);
  const to = Math.min(wholeChannels ? Math.ceil(slow) : slow, width - 1);
  // As transformers has it where the ramp has no length.
  const span = from === to ? 0.001 : to - from;
  return plain.map((frequency, i) => {
    const slowed = Math.min(1, Math.max(0, (i - from) / span));
    return (slowed * frequency) / factor + (1 - slowed) * frequency;
  });
}

/** Positions up to which the angles do not depend on the length of the text; undefined where they never do. */
export const lengthIndependentPositions = ({ scaling }: Rope): number | undefined =>
  scaling.type === 'dynamic' || scaling.type === 'longrope' ? scaling.originalPositions : undefined;

/**
 * cos and sin of position times frequency, each [count, width / 2], for a text of `length` tokens. Angles are float32, as
 * transformers has them.
 */
export function rotaryTables(rope: Rope, count: number, length = count): { cos: Float32Array; sin: Float32Array } {
  const frequencies = inverseFrequencies(rope, length);
  const magnitude = 'magnitude' in rope.scaling ? rope.scaling.magnitude : 1;
  const width = frequencies.length;
  const [cos, sin] = [new Float32Array(count * width), new Float32Array(count * width)];
  for (let position = 0; position < count; position++) {
    for (let i = 0; i < width; i++) {
      const angle = Math.fround(position * Math.fround(frequencies[i]));
      cos[position * width + i] = magnitude * Math.cos(angle);
      sin[position * width + i] = magnitude * Math.sin(angle);
    }
  }
  return { cos, sin };
}
