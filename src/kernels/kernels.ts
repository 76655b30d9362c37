/**
 * The loops that run outside the graph: optimizer, gradient accumulation, norms and precision conversion.
 * Two implementations share this interface: WebAssembly SIMD (`bindKernels`), which works on arrays inside one
 * WebAssembly memory, and plain TypeScript (`referenceKernels`), which says what the right answer is.
 */
import type { AdamWArrays, AdamWCoefficients } from './adamw.ts';

/** Values that are one of sixteen levels each, times a scale that a block of them shares. */
interface PackedLevels {
  /** Two numbers of levels in a byte, the first in its high half. */
  readonly packed: Uint8Array;
  /** [16] */
  readonly levels: Float32Array;
  /** One for each block, the last of which may be shorter. */
  readonly scales: Float32Array;
  /** Values in a block: a multiple of 32. */
  readonly block: number;
}

export interface Kernels {
  /** target[i] = value */
  fill(target: Float32Array, value: number): void;
  /** target[i] *= factor, the factor rounded to float32 first. */
  scale(target: Float32Array, factor: number): void;
  /** target[i] += source[i] */
  accumulate(target: Float32Array, source: Float32Array): void;
  /**
   * Sum of squares in float64 in a fixed order: same input, same bits.
   * Finite if and only if every element is: float32 squares are too small to overflow it.
   */
  sumOfSquares(source: Float32Array): number;
  /** One AdamW step in place. */
  adamw(arrays: AdamWArrays, coefficients: AdamWCoefficients): void;
  /**
   * 16-bit floats -> float32. The source may lie in the upper half of the target's own bytes: `widen` reads before it writes.
   */
  widen(target: Float32Array, source: Uint16Array, type: 'f16' | 'bf16'): void;
  /** float32 -> 16-bit floats, to nearest even. The target may lie on the start of the source's own bytes. */
  narrow(target: Uint16Array, source: Float32Array, type: 'f16' | 'bf16'): void;
  /** target[i] = levels[number i] * scales[floor(i / block)], the numbers of four bits each. */
  unpackLevels(target: Float32Array, source: PackedLevels): void;
  /** float64 -> float32, to nearest even. The target may lie on the start of the source's own bytes. */
  narrowFloat64(target: Float32Array, source: Float64Array): void;
}
