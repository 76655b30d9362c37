import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finery } from './finery.ts';

let cwd: string;
const run = (...words: string[]) => finery(words, { cwd });

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-cli-'));
  const lines = ['Net sales rose in the quarter.', 'Net income fell; net sales rose.', 'The quarter was good.'];
  writeFileSync(join(cwd, 'texts.jsonl'), lines.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  writeFileSync(join(cwd, 'broken.jsonl'), '{"text":"net sales net sales"}\n{"text":\n{"body":"no text"}\n');
  writeFileSync(join(cwd, 'binary.txt'), Buffer.from([1, 0, 2, 0]));
  writeFileSync(join(cwd, 'empty.txt'), '');
  const { code } = await run('tokenizer', 'train', 'texts.jsonl', '--vocab-size', '345', '--out', 'tok', '--quiet');
  expect(code).toBe(0);
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('finery tokenizer', () => {
  it('encodes, and decodes to the same text', async () => {
    const text = 'Net sales — 5% ☃';
    const encoded = await run('tokenizer', 'encode', 'tok', '--text', text, '--json');
    const { ids, tokens } = JSON.parse(encoded.stdout);
    expect(tokens).toHaveLength(ids.length);
    expect(ids.length).toBeLessThan(Buffer.byteLength(text));
    const decoded = await run('tokenizer', 'decode', 'tok', '--ids', ids.join(','), '--json');
    expect(JSON.parse(decoded.stdout)).toEqual({ text });
    // What encode prints for people is what decode takes.
    const plain = await run('tokenizer', 'encode', 'tok', '--text', text);
    expect(plain.stdout).toBe(`${ids.join(',')}\n`);
    expect((await run('tokenizer', 'decode', 'tok', '--ids', plain.stdout)).stdout).toBe(`${text}\n`);
  });

  it('takes control tokens in a text for text unless told otherwise', async () => {
    const words = ['tokenizer', 'encode', 'tok', '--text', '<|endoftext|>'];
    expect((await run(...words)).stdout.split(',').length).toBeGreaterThan(1);
    expect((await run(...words, '--allow-special')).stdout).toBe('0\n');
  });

  it('describes a tokenizer', async () => {
    const { stdout } = await run('tokenizer', 'info', 'tok', '--json', '--longest', '2');
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'byte-level BPE', vocabSize: 345, eosId: 0, padId: 1 });
    expect(JSON.parse(stdout).longest).toHaveLength(2);
  });

  it('trains the same tokenizer whatever the order of the files, and names what it left out', async () => {
    const train = (out: string, ...files: string[]) =>
      run('tokenizer', 'train', ...files, '--vocab-size', '340', '--out', out, '--skip-broken', '--json');
    const [a, b] = await Promise.all([
      train('a', 'texts.jsonl', 'broken.jsonl'),
      train('b', 'broken.jsonl', 'texts.jsonl'),
    ]);
    expect(a.stderr).toContain('2 broken records left out, first broken.jsonl, line 2');
    expect(JSON.parse(a.stdout)).toMatchObject({ documents: 4, skipped: 2, vocabSize: 340, merges: 6 });
    expect(JSON.parse(b.stdout).hash).toBe(JSON.parse(a.stdout).hash);
  });

  it.each([
    [
      'a line that is not JSON',
      ['train', 'broken.jsonl', '--vocab-size', '340', '--out', 'x'],
      3,
      'broken.jsonl, line 2',
    ],
    ['a hint in flags', ['train', 'broken.jsonl', '--vocab-size', '340', '--out', 'x'], 3, 'pass --skip-broken'],
    ['a missing file', ['train', 'nope.jsonl', '--vocab-size', '340', '--out', 'x'], 3, 'nope.jsonl'],
    ['binary data', ['train', 'binary.txt', '--vocab-size', '340', '--out', 'x'], 3, 'binary data'],
    ['an empty file', ['train', 'empty.txt', '--vocab-size', '340', '--out', 'x'], 3, 'an empty file'],
    ['a vocabulary too small', ['train', 'texts.jsonl', '--vocab-size', '3', '--out', 'x'], 2, '--vocab-size'],
    ['a tokenizer in the way', ['train', 'texts.jsonl', '--vocab-size', '340', '--out', 'tok'], 2, 'there already'],
    ['a file in the way', ['train', 'texts.jsonl', '--vocab-size', '340', '--out', 'empty.txt'], 2, 'there already'],
    ['a missing tokenizer', ['info', 'nope'], 3, 'no such file'],
    ['an id outside the vocabulary', ['decode', 'tok', '--ids', '1,345'], 3, 'ids.1'],
    ['an id that is no number', ['decode', 'tok', '--ids', '1;2'], 2, '--ids'],
    ['neither text nor file', ['encode', 'tok'], 2, 'exactly one of them'],
    ['a binary file as text', ['encode', 'tok', '--file', 'binary.txt'], 3, 'binary data'],
    ['an empty file as text', ['encode', 'tok', '--file', 'empty.txt'], 3, 'an empty file'],
    ['a folder as text', ['encode', 'tok', '--file', 'tok'], 3, 'tok'],
    ['a missing file as text', ['encode', 'tok', '--file', 'nope.txt'], 3, 'no such file'],
  ])('refuses %s', async (_, words, code, message) => {
    const outcome = await run('tokenizer', ...words);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(4);
  });
});
