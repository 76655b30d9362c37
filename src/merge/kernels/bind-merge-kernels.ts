/** The WebAssembly loops of merging, bound to one shared memory. */
import { compiledModule } from '../../kernels/compiled-module.ts';
import { Instance, type SharedMemory } from '../../kernels/webassembly.ts';
import { type Elements, lengthOf } from './elements.ts';
import { blockWords, entryWords, type MergeKernels, rankScratchLength } from './kernels.ts';

/** What the module exports (src/kernels/assembly/merging): pointers are byte addresses, counts are elements. */
interface MergeExports {
  setScaled(target: number, source: number, count: number, factor: number): void;
  addScaled(target: number, source: number, count: number, factor: number): void;
  addFused(target: number, source: number, count: number, factor: number): void;
  subtract(target: number, source: number, count: number): void;
  divide(target: number, count: number, divisor: number): void;
  addSquaredDistance(target: number, source: number, centre: number, count: number): void;
  interpolate(
    target: number,
    table: number,
    models: number,
    count: number,
    t: number,
    rest: number,
    scratch: number,
  ): void;
  largestMagnitude(source: number, count: number): number;
  largestHalf(source: number, count: number): number;
  addProducts(lanes: number, a: number, b: number, count: number): void;
  addGram(lanes: number, table: number, vectors: number, centre: number, count: number, scratch: number): void;
  addMagnitudes(lanes: number, a: number, count: number): void;
  addProduct(out: number, a: number, b: number, n: number, k: number, m: number): void;
  addTransposedProduct(out: number, a: number, b: number, n: number, k: number, m: number): void;
  countMagnitudes(counts: number, values: number, count: number): void;
  countMagnitudesWithin(counts: number, values: number, count: number, upper: number): void;
  keepLargest(values: number, count: number, threshold: number, quota: number): number;
  keepBand(values: number, count: number, low: number, high: number, quotas: number): void;
  keepWhere(values: number, mask: number, count: number): void;
  addAgreeing(mix: number, divisor: number, delta: number, total: number, count: number, weight: number): void;
  divideByAgreement(mix: number, divisor: number, count: number): void;
  randomWords(target: number, blocks: number, low: number, high: number, key0: number, key1: number): void;
  keepBelow(values: number, words: number, count: number, threshold: number): void;
  keepByRank(
    values: number,
    words: number,
    count: number,
    lowest: number,
    step: number,
    inverse: number,
    scratch: number,
  ): void;
  hashStripes(lanes: number, source: number, stripes: number): void;
}

/** What an entry of a table says of its source, beside 0 for float32. */
const kinds = { bf16: 1, f16: 2 } as const;

type View = ArrayBufferView & { readonly length: number };

/** Kernels for views on `memory.buffer`; a view on any other buffer, or of another length than its companions, is refused. */
export function bindMergeKernels(memory: SharedMemory): MergeKernels {
  // The shape of the exports is ours by construction: the tests call every one of them.
  const run = new Instance(compiledModule('merging'), { env: { memory } }).exports as MergeExports;

  function at(view: View, length = view.length): number {
    if (view.buffer !== memory.buffer) throw new Error('A kernel was given a view on memory that is not its own.');
    if (view.length < length) throw new Error(`A kernel was given ${view.length} elements for ${length}.`);
    return view.byteOffset;
  }

  /** Lays an entry for each source behind the room that its block has in the scratch. @returns address of the first */
  function tabulate(scratch: Uint32Array, sources: readonly Elements[], length: number): number {
    const first = sources.length * (blockWords + entryWords);
    at(scratch, first + sources.length * entryWords);
    for (const [index, source] of sources.entries()) {
      const isWide = source instanceof Float32Array;
      scratch[first + index * entryWords] = at(isWide ? source : source.bits, length);
      scratch[first + index * entryWords + 1] = isWide ? 0 : kinds[source.dtype];
    }
    return scratch.byteOffset + 4 * first;
  }

  return {
    setScaled: (target, source, factor) => run.setScaled(at(target), at(source, target.length), target.length, factor),
    addScaled: (target, source, factor) => run.addScaled(at(target), at(source, target.length), target.length, factor),
    addFused: (target, source, factor) => run.addFused(at(target), at(source, target.length), target.length, factor),
    subtract: (target, source) => run.subtract(at(target), at(source, target.length), target.length),
    divide: (target, divisor) => run.divide(at(target), target.length, divisor),
    addSquaredDistance: (target, source, centre) =>
      run.addSquaredDistance(at(target), at(source, target.length), at(centre, target.length), target.length),
    interpolate: (target, base, models, t, scratch) => {
      const count = target.length;
      const table = tabulate(scratch, [...models, base], count);
      run.interpolate(at(target), table, models.length, count, t, 1 - t, scratch.byteOffset);
    },
    largestMagnitude: (source) => run.largestMagnitude(at(source), source.length) >>> 0,
    largestHalf: (source) => run.largestHalf(at(source), source.length),
    addProducts: (lanes, a, b) => run.addProducts(at(lanes, 8), at(a), at(b, a.length), a.length),
    addGram: (lanes, vectors, scratch, centre) => {
      const count = lengthOf(vectors[0]);
      const table = tabulate(scratch, centre ? [...vectors, centre] : vectors, count);
      const centreEntry = centre ? table + 4 * vectors.length * entryWords : 0;
      const sums = at(lanes, 4 * vectors.length * (vectors.length + 1));
      run.addGram(sums, table, vectors.length, centreEntry, count, scratch.byteOffset);
    },
    addMagnitudes: (lanes, a) => run.addMagnitudes(at(lanes, 8), at(a), a.length),
    addProduct: (out, a, b, columns) => {
      const [rows, inner] = [out.length / columns, b.length / columns];
      run.addProduct(at(out), at(a, rows * inner), at(b), rows, inner, columns);
    },
    addTransposedProduct: (out, a, b, columns) => {
      const [inner, rows] = [out.length / columns, b.length / columns];
      run.addTransposedProduct(at(out), at(a, rows * inner), at(b), rows, inner, columns);
    },
    countMagnitudes: (counts, values) => run.countMagnitudes(at(counts, 65_536), at(values), values.length),
    countMagnitudesWithin: (counts, values, upper) =>
      run.countMagnitudesWithin(at(counts, 32_768), at(values), values.length, upper),
    keepLargest: (values, threshold, quota) => run.keepLargest(at(values), values.length, threshold, quota) >>> 0,
    keepBand: (values, { low, high, quotas }) => run.keepBand(at(values), values.length, low, high, at(quotas, 2)),
    keepWhere: (values, mask) => run.keepWhere(at(values), at(mask, values.length), values.length),
    addAgreeing: (mix, divisor, delta, total, weight) => {
      const count = mix.length;
      run.addAgreeing(at(mix), at(divisor, count), at(delta, count), at(total, count), count, weight);
    },
    divideByAgreement: (mix, divisor) => run.divideByAgreement(at(mix), at(divisor, mix.length), mix.length),
    randomWords: (target, firstBlock, [key0, key1]) => {
      if (target.length % 16 !== 0) throw new Error(`${target.length} random words are not a multiple of 16.`);
      run.randomWords(at(target), target.length / 4, firstBlock, Math.floor(firstBlock / 2 ** 32), key0, key1);
    },
    keepBelow: (values, words, threshold) =>
      run.keepBelow(at(values), at(words, values.length), values.length, threshold),
    keepByRank: (values, words, { lowest, step, inverse }, scratch) => {
      const count = values.length;
      const room = at(scratch, rankScratchLength(count));
      run.keepByRank(at(values), at(words, count), count, lowest, step, inverse ? 1 : 0, room);
    },
    hashStripes: (lanes, bytes) => run.hashStripes(at(lanes, 4), at(bytes), bytes.length / 32),
  };
}
