/**
 * A published model tells its story: stories260K of karpathy/llama2.c, imported, then decoded greedily. Only a hash of the
 * token ids is kept, taken when the text, read by eye, was the published one. The two best logits are never closer than
 * 0.004, far above rounding, so every machine tells the same story. Runs where the model lies beside the repository.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readLlama2cModel } from '../src/checkpoint/llama2c/read-model.ts';
import { createDecoder } from '../src/models/registry.ts';
import { CausalLmProgram } from '../src/objectives/causal-lm/program.ts';
import { Engine } from '../src/runtime/engine.ts';

const model = new URL('../../shared/data/models/stories260K/stories260K.bin', import.meta.url);

/** SHA-256 of the ids, as decimal numbers between commas. */
const expectedHash = '01961cb99722425b1fcc809b5b801966fc9966020c33cefc54eacaaf04ddae39';
const length = 256;
const beginId = 1;

describe.runIf(existsSync(model))('stories260K', () => {
  it('tells the published story', async () => {
    const { config, tensors } = await readLlama2cModel(fileURLToPath(model));
    const parameters = new Map(tensors.map(({ name, data }) => [name, { weight: data }]));
    const decoder = createDecoder(config);
    const engine = new Engine({ threads: 1 });
    const program = new CausalLmProgram(engine, decoder, parameters, { rows: 1, length });
    const { vocabulary } = decoder.sizes;
    const ids = [beginId];
    while (ids.length < length) {
      const row = (value: (i: number) => number): Int32Array =>
        Int32Array.from({ length }, (_, i) => (i < ids.length ? value(i) : 0));
      const logits = await program.logits({
        rows: 1,
        length,
        ids: row((i) => ids[i]),
        segments: row(() => 1),
        positions: row((i) => i),
        labels: new Int32Array(length).fill(-1),
      });
      const last = logits.subarray((ids.length - 1) * vocabulary, ids.length * vocabulary);
      ids.push(last.indexOf(Math.max(...last)));
    }
    program.release();
    await engine.close();
    expect(createHash('sha256').update(ids.join()).digest('hex')).toBe(expectedHash);
  });
});
