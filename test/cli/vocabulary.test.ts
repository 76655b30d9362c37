import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadModel } from '../../src/models/model.ts';
import { writeToyModel } from '../../src/vocabulary/testing/toy-models.ts';
import { finery } from './finery.ts';

let cwd: string;
const run = (...words: string[]) => finery(['tokenizer', ...words], { cwd });

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-vocabulary-'));
  await writeToyModel(join(cwd, 'model'), 'the sun rose over the hills');
  writeFileSync(join(cwd, 'model.gguf'), 'GGUF');
  await writeToyModel(join(cwd, 'donor'), 'the swaptions hedged the margins', { seed: 2 });
  const lines = Array.from({ length: 12 }, () => `${JSON.stringify({ text: 'EBITDA of the swaptions' })}\n`);
  writeFileSync(join(cwd, 'texts.jsonl'), lines.join(''));
  writeFileSync(join(cwd, 'nothing.jsonl'), '');
});
afterAll(() => rmSync(cwd, { recursive: true }));

it('extend writes a model that reads new words as one token', async () => {
  const { code, stdout, stderr } = await run(
    'extend',
    'model',
    'texts.jsonl',
    '--tokens',
    '100',
    '--out',
    'long',
    '--json',
  );
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('no further pair occurs 10 times'),
  });
  const { tokenizer, decoder } = await loadModel(join(cwd, 'long'));
  expect(tokenizer!.encode('EBITDA', { addSpecialTokens: false })).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({ out: 'long', rows: decoder.sizes.vocabulary, documents: 12 });
});

it('transplant writes a model with the tokenizer of another', async () => {
  const { code, stdout } = await run('transplant', 'model', 'donor', '--out', 'other', '--threads', '1', '--json');
  expect(code).toBe(0);
  const [made, donor] = [await loadModel(join(cwd, 'other')), await loadModel(join(cwd, 'donor'))];
  expect(made.tokenizer!.hash).toBe(donor.tokenizer!.hash);
  expect(JSON.parse(stdout)).toMatchObject({ method: 'omp', tokens: donor.tokenizer!.vocabSize });
});

it.each([
  ['a folder in the way', ['extend', 'model', 'texts.jsonl', '--tokens', '5', '--out', 'donor'], 2, 'already'],
  ['no number of tokens', ['extend', 'model', 'texts.jsonl', '--tokens', '0', '--out', 'x'], 2, '--tokens'],
  [
    'an unknown kind of rows',
    ['extend', 'model', 'texts.jsonl', '--tokens', '5', '--rows', 'x', '--out', 'x'],
    2,
    '--rows',
  ],
  ['a file that is not there', ['extend', 'model', 'none.jsonl', '--tokens', '5', '--out', 'x'], 3, 'none.jsonl'],
  [
    'a GGUF file',
    ['extend', 'model.gguf', 'texts.jsonl', '--tokens', '5', '--out', 'x'],
    3,
    'export model.gguf --to hf',
  ],
  ['a donor in a GGUF file', ['transplant', 'model', 'model.gguf', '--out', 'x'], 3, 'export model.gguf --to hf'],
  [
    'a tokenizer in a GGUF file',
    ['transplant', 'model', 'model.gguf', '--method', 'subword', '--out', 'x'],
    3,
    'export model.gguf --to hf',
  ],
  ['an unknown method', ['transplant', 'model', 'donor', '--method', 'x', '--out', 'x'], 2, '--method'],
])('refuses %s', async (_, words, code, message) => {
  const outcome = await run(...words);
  expect(outcome).toMatchObject({ code, stdout: '' });
  expect(outcome.stderr).toContain(message);
});
