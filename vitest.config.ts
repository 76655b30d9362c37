import { defineConfig } from 'vitest/config';

// Suites that load ONNX Runtime need a process of their own: the engine must never be torn down inside a terminated thread.
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts'],
    exclude: ['test/long/**'],
    setupFiles: ['test/support/property-seed.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
