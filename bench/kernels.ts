/**
 * Throughput of the kernels on arrays far larger than the caches, on one thread, as JSON on stdout: bytes read and
 * written per second, the best of five passes. A plain copy is the yardstick.
 *
 *   npx tsx bench/kernels.ts
 */
import { performance } from 'node:perf_hooks';
import { adamwCoefficients } from '../src/kernels/adamw.ts';
import { Arena, arrayBytes } from '../src/kernels/arena.ts';

const count = 2 ** 25;
const arena = new Arena(4 * arrayBytes(count) + arrayBytes(4 * count));
const [weight, gradient, m, v] = Array.from({ length: 4 }, () => arena.allocate(count));
const halves = new Uint16Array(weight.buffer, weight.byteOffset, count);
const upperHalves = new Uint16Array(weight.buffer, weight.byteOffset + 2 * count, count);
const { kernels } = arena;
for (const array of [weight, gradient, m, v]) kernels.fill(array, 0.01);
// The same four arrays without the gaps that the arena leaves between arrays.
const block = arena.allocate(4 * count);
const [a, b, c, d] = [0, 1, 2, 3].map((i) => block.subarray(i * count, (i + 1) * count));
kernels.fill(block, 0.01);
const coefficients = adamwCoefficients(10, {
  learningRate: 1e-3,
  weightDecay: 0.1,
  betas: [0.9, 0.95],
  epsilon: 1e-8,
  gradientScale: 0.5,
});
const plain = [new Float32Array(count).fill(1), new Float32Array(count).fill(2)];

function gigabytesPerSecond(bytesPerElement: number, pass: () => void): number {
  const seconds = Array.from({ length: 5 }, () => {
    const start = performance.now();
    pass();
    return (performance.now() - start) / 1000;
  });
  return Number(((count * bytesPerElement) / Math.min(...seconds) / 1e9).toFixed(2));
}

const report = {
  copy: gigabytesPerSecond(8, () => plain[0].set(plain[1])),
  sharedCopy: gigabytesPerSecond(8, () => m.set(v)),
  fill: gigabytesPerSecond(4, () => kernels.fill(m, 0.01)),
  scale: gigabytesPerSecond(8, () => kernels.scale(m, 1)),
  accumulate: gigabytesPerSecond(12, () => kernels.accumulate(m, v)),
  sumOfSquares: gigabytesPerSecond(4, () => kernels.sumOfSquares(m)),
  adamw: gigabytesPerSecond(28, () => kernels.adamw({ weight, gradient, m, v }, coefficients)),
  adamwWithoutGaps: gigabytesPerSecond(28, () => kernels.adamw({ weight: a, gradient: b, m: c, v: d }, coefficients)),
  narrowBfloat16: gigabytesPerSecond(6, () => kernels.narrow(halves, gradient, 'bf16')),
  widenBfloat16: gigabytesPerSecond(6, () => kernels.widen(gradient, upperHalves, 'bf16')),
  narrowFloat16: gigabytesPerSecond(6, () => kernels.narrow(halves, gradient, 'f16')),
  widenFloat16: gigabytesPerSecond(6, () => kernels.widen(gradient, upperHalves, 'f16')),
};
process.stdout.write(`${JSON.stringify({ elements: count, gigabytesPerSecond: report }, null, 2)}\n`);
