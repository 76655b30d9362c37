/** Hidden states, vectors and gradients of tiny encoders against sentence-transformers and PyTorch (scripts/goldens/encoders.py). */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { elementCount } from '../../graph/tensor.ts';
import { loadEncoder } from '../../models/encoder-model.ts';
import { Engine } from '../../runtime/engine.ts';
import { greatestDifference } from '../../tensor/testing/differences.ts';
import { EncoderProgram } from './program.ts';
import { layOutTexts, type Pooling } from './text-batch.ts';

const golden = new URL('../../../test/golden/encoders/', import.meta.url);
const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const poolingOf: Readonly<Record<string, Pooling>> = { bge: 'cls', qwen3: 'last' };

async function load(name: string) {
  const folder = new URL(`${name}/`, golden).pathname;
  const model = await loadEncoder(folder, 'training');
  const file = await openSafetensors(`${folder}expected.safetensors`);
  const tensors = new Map<string, Float32Array>();
  for (const [tensor, { shape }] of file.tensors) tensors.set(tensor, new Float32Array(elementCount(shape)));
  await file.readAllInto(tensors);
  await file.close();
  const expected: { readonly ids: number[][] } = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8'));
  const texts = expected.ids.map((ids) => Int32Array.from(ids));
  return { model, tensors, texts, pooling: poolingOf[name] ?? 'mean' };
}

const length = 40;

describe.each(readdirSync(golden))('%s', (name) => {
  it('gives the hidden states of transformers', async () => {
    const { model, tensors, texts } = await load(name);
    const width = model.encoder.sizes.hidden;
    // One row for each token of the first text: its vector is the state of its last token, which sees the ones before
    // only where attention is causal. So the state of every token is asked for by its own share.
    const [text] = texts;
    const program = new EncoderProgram(engine, model.encoder, model.parameters, { rows: text.length, length });
    const batch = layOutTexts(
      Array.from(text, () => text),
      { rows: text.length, length, pooling: 'mean' },
    );
    batch.shares.fill(0);
    for (let i = 0; i < text.length; i++) batch.shares[i * length + i] = 1;
    const states = await program.encode(batch);
    const expected = tensors.get('hidden')!;
    expect(expected.length).toBe(text.length * width);
    expect(greatestDifference(states, expected)).toBeLessThan(1e-4);
    program.release();
  });
});
