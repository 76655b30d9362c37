import { defineConfig } from 'vitest/config';

// Slow proofs: random kills, several seeds, real corpora. One at a time, so that timings and memory mean something.
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
});
