import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDequantized } from '../checkpoint/quantized/dequantized-checkpoint.ts';
import { loadModel, saveModel } from './model.ts';
import { storedDecoder } from './own-head.ts';
import { asParameters } from './stored-weights.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-head-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A folder with an embedding and a head, whose configuration says that they are one. */
async function calledTied(name: string, change: (head: Float32Array, embedding: Float32Array) => void) {
  const model = await loadModel('test/golden/decoders/llama2');
  change(model.parameters.get('lm_head.weight')!.weight, model.parameters.get('model.embed_tokens.weight')!.weight);
  const folder = join(root, name);
  await saveModel(folder, model, { dtype: 'f32' });
  await rm(join(folder, 'finery-manifest.json'));
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
  await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, tie_word_embeddings: true }));
  return folder;
}

it('keeps a head that is another table than the embedding, whatever the configuration says', async () => {
  const folder = await calledTied('other', () => {});
  const { decoder, config, parameters, warnings } = await loadModel(folder);
  expect(decoder.tied).toBe(false);
  expect(parameters.has('lm_head.weight')).toBe(true);
  expect(warnings.join()).toMatch(/lm_head.weight is another table than the embedding/);
  // What is saved says what is true.
  expect(config.tie_word_embeddings).toBe(false);
  await saveModel(join(root, 'saved'), await loadModel(folder), { dtype: 'f32' });
  expect((await loadModel(join(root, 'saved'))).warnings).toEqual([]);
});

it('leaves out a head that is a copy of the embedding', async () => {
  const { decoder, parameters, warnings } = await loadModel(
    await calledTied('copy', (head, embedding) => head.set(embedding)),
  );
  expect(decoder.tied).toBe(true);
  expect(parameters.has('lm_head.weight')).toBe(false);
  expect(warnings.join()).toMatch(/lm_head.weight changes nothing/);
});

it('finds out in pieces of the file, and holds neither table whole', async () => {
  for (const [name, tied, change] of [
    ['other in pieces', false, () => {}],
    ['copy in pieces', true, (head: Float32Array, embedding: Float32Array) => head.set(embedding)],
  ] as const) {
    const folder = await calledTied(name, change);
    const { close, ...checkpoint } = await openDequantized(folder);
    const inPieces = { ...checkpoint, readAllInto: () => Promise.reject(new Error('whole tensors were read')) };
    const found = await storedDecoder(folder, checkpoint.config, (decoder) => asParameters(inPieces, decoder));
    await close();
    expect(found.decoder.tied).toBe(tied);
  }
});
