/** Rotary frequencies and their scalings for contexts longer than the ones trained on. */

export type RopeScaling =
  | { readonly type: 'default' }
  /** Positions divided by a factor (Chen et al. 2023). */
  | { readonly type: 'linear'; readonly factor: number }
  /** Llama 3: long wavelengths divided by the factor, short ones kept, a smooth ramp between (Llama 3.1 release). */
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalPositions: number;
    };

/** Angles per position, one for each pair of channels: theta^(-2i / size), scaled. */
export function inverseFrequencies(headSize: number, theta: number, scaling: RopeScaling): Float64Array {
  const plain = Float64Array.from({ length: headSize / 2 }, (_, i) => theta ** ((-2 * i) / headSize));
  switch (scaling.type) {
    case 'default':
      return plain;
    case 'linear':
      return plain.map((frequency) => frequency / scaling.factor);
    case 'llama3': {
      const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
      return plain.map((frequency) => {
        const turns = (originalPositions * frequency) / (2 * Math.PI);
        const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
        return kept * frequency + ((1 - kept) * frequency) / factor;
      });
    }
    default:
      return scaling satisfies never;
  }
}

/** cos and sin of position times frequency, each [count, head size / 2]. Angles are float32, as transformers has them. */
export function rotaryTables(frequencies: Float64Array, count: number): { cos: Float32Array; sin: Float32Array } {
  const width = frequencies.length;
  const [cos, sin] = [new Float32Array(count * width), new Float32Array(count * width)];
  for (let position = 0; position < count; position++) {
    for (let i = 0; i < width; i++) {
      const angle = Math.fround(position * Math.fround(frequencies[i]));
      cos[position * width + i] = Math.cos(angle);
      sin[position * width + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}
