import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { worstRelativeError } from '../../../test/support/tiny-model.ts';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { elementCount } from '../../graph/tensor.ts';
import { loadModel } from '../../models/model.ts';
import type { TokenBatch } from '../../objectives/causal-lm/batch.ts';
import { CausalLmProgram } from '../../objectives/causal-lm/program.ts';
import { Engine } from '../../runtime/engine.ts';
import { attachTrainedAdapter } from '../attach.ts';
import { readAdapter } from './read-adapter.ts';
import { saveAdapter } from './save-adapter.ts';

const engine = new Engine({ threads: 1 });
const golden = fileURLToPath(new URL('../../../test/golden/', import.meta.url));
const scratch = await mkdtemp(join(tmpdir(), 'finery-peft-'));
afterAll(async () => {
  await engine.close();
  await rm(scratch, { recursive: true });
});

async function expectedOf(method: string) {
  const file = await openSafetensors(join(golden, 'adapters', method, 'expected.safetensors'));
  const values = new Map([...file.tensors].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape))]));
  await file.readAllInto(values);
  await file.close();
  const { ids, loss } = JSON.parse(await readFile(join(golden, 'adapters', method, 'expected.json'), 'utf8'));
  return { ids: ids as number[][], loss: loss as number, values };
}

function plainBatch(ids: readonly number[][]): TokenBatch {
  const [rows, length] = [ids.length, ids[0].length];
  const flat = Int32Array.from(ids.flat());
  const labels = flat.map((_, i) => ((i + 1) % length === 0 ? -1 : flat[i + 1]));
  return { rows, length, ids: flat, labels, segments: flat.map(() => 1), positions: flat.map((_, i) => i % length) };
}

const worst = (a: Float32Array, b: Float32Array) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

describe.each(['lora', 'rslora', 'dora'] as const)('an adapter written by PEFT (%s)', (method) => {
  it('gives the logits, the loss and the gradients that it has there', async () => {
    const base = await loadModel(join(golden, 'decoders/qwen2'));
    const adapter = await readAdapter(join(golden, 'adapters', method));
    expect(adapter.settings.method).toBe(method);
    const { ids, loss, values } = await expectedOf(method);
    const batch = plainBatch(ids);
    const labels = batch.labels.filter((label) => label >= 0).length;
    const run = async (alpha: number) => {
      const settings = { ...adapter.settings, alpha };
      const { decoder, parameters, trainable } = attachTrainedAdapter(base, { ...adapter, settings });
      const program = new CausalLmProgram(engine, decoder, parameters, batch);
      const logits = Float32Array.from(await program.logits(batch));
      const nats = await program.forwardBackward(batch, { labelWeight: 1 / labels, accumulate: false });
      program.release();
      const named = [...trainable].map(
        ([name, { gradient }]) => [`gradient.base_model.model.${name}`, gradient] as const,
      );
      return { logits, loss: nats / labels, gradients: new Map(named) };
    };
    const found = await run(adapter.settings.alpha);
    expect(worst(found.logits, values.get('logits')!)).toBeLessThan(1e-4);
    expect(Math.abs(found.loss - loss)).toBeLessThan(1e-5);
    expect([...found.gradients.keys()].sort()).toEqual([...values.keys()].filter((name) => name !== 'logits').sort());
    expect(worstRelativeError(found.gradients, values)).toBeLessThan(1e-4);
    // Negative control: a scale that is a tenth off.
    expect(worst((await run(1.1 * adapter.settings.alpha)).logits, values.get('logits')!)).toBeGreaterThan(1e-2);
  });

  it('survives writing and reading, every bit', async () => {
    const adapter = await readAdapter(join(golden, 'adapters', method));
    await saveAdapter(join(scratch, method), adapter);
    const file = 'adapter_model.safetensors';
    const [written, original] = await Promise.all(
      [scratch, join(golden, 'adapters')].map((folder) => openSafetensors(join(folder, method, file))),
    );
    expect([...written.tensors].sort()).toEqual([...original.tensors].sort());
    await Promise.all([written.close(), original.close()]);
    const again = await readAdapter(join(scratch, method));
    expect(again.modules).toEqual(adapter.modules);
    expect({ ...again.settings, targetModules: null }).toEqual({ ...adapter.settings, targetModules: null });
  });
});
