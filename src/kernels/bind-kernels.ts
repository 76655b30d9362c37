/**
 * The WebAssembly kernels, bound to one shared memory. A worker thread that was sent the memory binds kernels of its own
 * to it and works on the same arrays.
 */
import { compiledModule } from './compiled-module.ts';
import type { Kernels } from './kernels.ts';
import { Instance, type SharedMemory } from './webassembly.ts';

/** What the module exports (see `assembly/`): pointers are byte addresses in the memory, counts are elements. */
interface KernelExports {
  fill(target: number, count: number, value: number): void;
  scale(target: number, count: number, factor: number): void;
  accumulate(target: number, source: number, count: number): void;
  sumOfSquares(source: number, count: number): number;
  adamw(
    weight: number,
    gradient: number,
    m: number,
    v: number,
    count: number,
    gradientScale: number,
    keep: number,
    oneMinusBeta1: number,
    beta2: number,
    oneMinusBeta2: number,
    stepSize: number,
    rootCorrection2: number,
    epsilon: number,
  ): void;
  widenFloat16(target: number, source: number, count: number): void;
  widenBfloat16(target: number, source: number, count: number): void;
  narrowFloat16(target: number, source: number, count: number): void;
  narrowBfloat16(target: number, source: number, count: number): void;
  narrowFloat64(target: number, source: number, count: number): void;
  unpackLevels(target: number, packed: number, levels: number, scales: number, count: number, block: number): void;
}

/** Kernels for views on `memory.buffer`; a view on any other buffer is refused. */
export function bindKernels(memory: SharedMemory): Kernels {
  const instance = new Instance(compiledModule('kernels'), { env: { memory } });
  // The shape of the exports is ours by construction: the property tests call every one of them.
  const run = instance.exports as KernelExports;
  const { buffer } = memory;

  function address(view: ArrayBufferView & { readonly length: number }, count: number): number {
    if (view.buffer !== buffer) throw new Error('A kernel was given a view on memory that is not its own.');
    if (view.length !== count) throw new Error(`A kernel was given arrays of ${view.length} and ${count} elements.`);
    return view.byteOffset;
  }

  return {
    fill: (target, value) => run.fill(address(target, target.length), target.length, value),

    scale: (target, factor) => run.scale(address(target, target.length), target.length, factor),

    accumulate: (target, source) =>
      run.accumulate(address(target, target.length), address(source, target.length), target.length),

    sumOfSquares: (source) => run.sumOfSquares(address(source, source.length), source.length),

    adamw({ weight, gradient, m, v }, coefficients) {
      const count = weight.length;
      run.adamw(
        address(weight, count),
        address(gradient, count),
        address(m, count),
        address(v, count),
        count,
        coefficients.gradientScale,
        coefficients.keep,
        coefficients.oneMinusBeta1,
        coefficients.beta2,
        coefficients.oneMinusBeta2,
        coefficients.stepSize,
        coefficients.rootCorrection2,
        coefficients.epsilon,
      );
    },

    widen(target, source, type) {
      const widen = type === 'f16' ? run.widenFloat16 : run.widenBfloat16;
      widen(address(target, target.length), address(source, target.length), target.length);
    },

    narrow(target, source, type) {
      const narrow = type === 'f16' ? run.narrowFloat16 : run.narrowBfloat16;
      narrow(address(target, target.length), address(source, target.length), target.length);
    },

    unpackLevels(target, { packed, levels, scales, block }) {
      const count = target.length;
      if (block % 32 !== 0) throw new Error(`A kernel was given blocks of ${block} values.`);
      run.unpackLevels(
        address(target, count),
        address(packed, Math.ceil(count / 2)),
        address(levels, 16),
        address(scales, Math.ceil(count / block)),
        count,
        block,
      );
    },

    narrowFloat64: (target, source) =>
      run.narrowFloat64(address(target, target.length), address(source, target.length), target.length),
  };
}
