import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finery } from './finery.ts';

let cwd: string;
const run = (...words: string[]) => finery(['data', 'inspect', ...words], { cwd, env: { TMPDIR: cwd } });

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-data-'));
  const texts = ['Net sales rose.', 'Net income fell in the quarter; sales rose.', '  ', 'sales '.repeat(200)];
  writeFileSync(join(cwd, 'a.jsonl'), texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  writeFileSync(join(cwd, 'b.jsonl.gz'), gzipSync('{"text":"Net"}\n{"text":"sales"}\n'));
  writeFileSync(join(cwd, 'broken.jsonl'), '{"text":"good"}\n{"text":"good"}\n{"text":"cut off\n{"text":"good"}\n');
  await finery(['tokenizer', 'train', 'a.jsonl', '--vocab-size', '345', '--out', 'tok'], { cwd });
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('finery data inspect', () => {
  it('counts documents and bytes without a tokenizer', async () => {
    const { code, stdout } = await run('a.jsonl', 'b.jsonl.gz', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      documents: 5,
      bytes: 15 + 43 + 1200 + 3 + 5,
      lengthUnit: 'bytes',
      sources: [
        { source: 'a.jsonl', documents: 3 },
        { source: 'b.jsonl.gz', documents: 2 },
      ],
      skipped: { records: 0, empty: 1 },
    });
  });

  it('packs with a tokenizer, and the numbers add up', async () => {
    const { stdout } = await run('a.jsonl', '--tokenizer', 'tok', '--length', '32', '--rows', '2', '--json');
    const { tokens, documents, lengths, packing } = JSON.parse(stdout);
    expect(lengths.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(documents);
    // Each document gets an end token.
    expect(packing.tokens).toBe(tokens + documents);
    expect(packing.fill).toBeCloseTo(packing.tokens / (packing.batches * 2 * 32), 10);
    // The first token of every piece has nothing to be predicted from.
    expect(packing.labels).toBe(packing.tokens - packing.examples);
  });

  it('shows rows, and leaves nothing behind', async () => {
    const { stdout } = await run('a.jsonl', '--tokenizer', 'tok', '--length', '32', '--show', '2');
    expect(stdout.match(/^segment 1: /gm)).toHaveLength(2);
    expect(stdout).toContain('[-');
    expect(stdout).not.toContain('\x1b');
    expect(readdirSync(cwd).filter((name) => name.startsWith('finery-inspect'))).toEqual([]);
  });

  it('names the broken line, and leaves it out on demand with a count', async () => {
    const refused = await run('broken.jsonl');
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toContain('broken.jsonl, line 3');
    expect(refused.stderr).toContain('--skip-broken');
    for (const words of [[], ['--tokenizer', 'tok']]) {
      const { code, stdout } = await run('broken.jsonl', '--skip-broken', '--json', ...words);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ documents: 3, skipped: { records: 1 } });
      expect(JSON.parse(stdout).skipped.problems[0].field).toBe('broken.jsonl, line 3');
    }
  });

  it.each([
    ['a field that is not there', ['a.jsonl', '--text-field', 'body'], 3, "no field 'body'"],
    ['a row of one token', ['a.jsonl', '--length', '1'], 2, '--length'],
    ['a file of unknown format', ['tok/tokenizer.xyz'], 3, 'tokenizer.xyz'],
    ['a missing tokenizer', ['a.jsonl', '--tokenizer', 'nope'], 3, 'nope'],
    ['an unknown unit', ['a.jsonl', '--text-unit', 'page'], 2, '--text-unit'],
    ['no files', [], 2, "missing required argument 'files'"],
  ])('refuses %s', async (_, words, code, message) => {
    const outcome = await run(...words);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toContain(message);
  });
});
