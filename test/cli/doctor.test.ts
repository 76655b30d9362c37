import { expect, it } from 'vitest';
import { finery } from './finery.ts';

it('finery doctor measures the machine and tells which models fit', async () => {
  const { code, stdout, stderr } = await finery(['doctor', '--json', '--quiet'], {
    env: { HF_HOME: 'here', HF_TOKEN: 'secret' },
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { memory, matmul, runtime, kernels, models, hub } = JSON.parse(stdout);
  expect(memory.available).toBeLessThanOrEqual(memory.total);
  expect(matmul.gflops).toBeGreaterThan(0.1);
  expect(runtime.providers).toContainEqual({ name: 'cpu', bundled: true });
  expect(kernels).toBe(true);
  expect(hub).toMatchObject({ cache: 'here/hub', token: true });
  expect(stdout).not.toContain('secret');
  for (const { parameters, training, scoring, trainable } of models) {
    // Weights, gradients and two moments in float32; weights alone to score.
    expect(training).toBeGreaterThan(16 * parameters);
    expect(scoring).toBeGreaterThan(4 * parameters);
    expect(trainable).toBe(training <= memory.available);
  }
});
