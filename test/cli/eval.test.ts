import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finery, outcomeOf, startFinery } from './finery.ts';

const nano = fileURLToPath(new URL('../../assets/nano', import.meta.url));
let cwd: string;
const at = (...names: string[]): string => join(cwd, ...names);
const read = (...names: string[]) => readFileSync(at(...names), 'utf8');
const evaluate = (...words: string[]) => finery(['eval', ...words], { cwd });

/** Statements of which those with an even number are true. */
function writeTask(name: string, items: number, fields = ''): void {
  const rows = Array.from({ length: items }, (_, i) => ({
    id: `s${i}`,
    text: `The town has ${i} mills.`,
    label: i % 2,
  }));
  writeFileSync(at(`${name}.jsonl`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  writeFileSync(
    at(`${name}.yaml`),
    `task: ${name}
dataset_path: json
dataset_kwargs: { data_files: { test: ${name}.jsonl } }
test_split: test
output_type: multiple_choice
doc_to_text: "{{text}} Is that so?"
doc_to_choice: ["yes", "no"]
doc_to_target: label
${fields}metadata: { version: 1.0 }
`,
  );
}

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-eval-'));
  writeTask('mills', 30);
  writeTask('many', 600);
  writeFileSync(at('blank.txt'), '\n');
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('finery eval', () => {
  it('prints the document of the contract, and keeps answers, scores, numbers and a report', async () => {
    const { code, stdout } = await evaluate(nano, '--tasks', 'mills.yaml', '--out', 'a', '--json');
    expect(code).toBe(0);
    const { results, versions } = JSON.parse(stdout);
    expect(versions).toEqual({ mills: '1' });
    const { value, stderr, n, missing } = results.mills.acc;
    expect(value).toBeGreaterThanOrEqual(0);
    expect(stderr).toBeCloseTo(Math.sqrt((value * (1 - value)) / 29), 6);
    expect([n, missing]).toEqual([30, 0]);
    expect(read('a', 'items', 'mills.jsonl').trim().split('\n')).toHaveLength(30);
    const scores = read('a', 'scores', 'mills.jsonl').trim().split('\n');
    const right = scores.filter((line) => JSON.parse(line).scores[0].contribution.value === 1).length;
    expect(right / 30).toBeCloseTo(value, 12);
    expect(read('a', 'report.html')).toMatch(/^<!doctype html>[\s\S]*mills/i);
    expect(JSON.parse(read('a', 'evaluation.json'))).toMatchObject({ state: 'done', model: { name: 'nano' } });
  });

  it('goes on where it was interrupted, and comes to the same', async () => {
    const words = ['eval', nano, '--tasks', 'many.yaml', '--out', 'broken', '--threads', '1'];
    const child = startFinery(words, { cwd });
    const outcome = outcomeOf(child);
    const file = () => {
      try {
        return read('broken', 'items', 'many.jsonl');
      } catch {
        return '';
      }
    };
    while (file().split('\n').length < 20) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    const { code, stderr } = await outcome;
    expect(code).toBe(130);
    expect(stderr).toContain('what was answered is kept');
    const kept = file().trim().split('\n');
    expect(kept.length).toBeLessThan(600);
    const again = await finery([...words, '--json'], { cwd });
    expect(again.code).toBe(0);
    // What was answered before stands as it was.
    expect(file().startsWith(kept.join('\n'))).toBe(true);
    const whole = await evaluate(nano, '--tasks', 'many.yaml', '--out', 'whole', '--threads', '1', '--json');
    expect(again.stdout).toBe(whole.stdout);
    expect(read('broken', 'scores', 'many.jsonl')).toBe(read('whole', 'scores', 'many.jsonl'));
  });

  it('does not lose answers where fewer items are asked for', async () => {
    const words = [nano, '--tasks', 'mills.yaml', '--out', 'fewer', '--quiet'];
    const lines = () => read('fewer', 'items', 'mills.jsonl').trim().split('\n');
    expect((await evaluate(...words)).code).toBe(0);
    expect((await evaluate(...words, '--limit', '3')).code).toBe(0);
    expect(lines()).toHaveLength(30);
    expect(read('fewer', 'scores', 'mills.jsonl').trim().split('\n')).toHaveLength(3);
  });

  it('compares two evaluations of the same items', async () => {
    for (const [out, precision] of [
      ['f32', 'f32'],
      ['int4', 'int4'],
    ]) {
      const { code } = await evaluate(nano, '--tasks', 'mills.yaml', '--out', out, '--precision', precision, '--quiet');
      expect(code).toBe(0);
    }
    const { code, stdout } = await evaluate('compare', 'f32', 'int4', '--report', 'compare.html', '--json');
    expect(code).toBe(0);
    const [row] = JSON.parse(stdout).rows;
    expect(row).toMatchObject({ task: 'mills', metric: 'acc', n: 30, missing: 0 });
    expect(read('compare.html')).toMatch(/^<!doctype html>/i);
    const itself = JSON.parse((await evaluate('compare', 'f32', 'f32', '--json')).stdout);
    expect(itself.rows[0]).toMatchObject({ difference: 0, verdict: 'no difference shown' });
    const other = await evaluate('compare', 'f32', 'nowhere');
    expect(other).toMatchObject({ code: 3, stdout: '' });
    expect(other.stderr).toContain('no evaluation.json');
  });

  it('measures text', async () => {
    writeFileSync(at('text.txt'), 'The river runs through the town. '.repeat(40));
    const { code, stdout } = await evaluate(nano, '--perplexity', 'text.txt', '--json', '--out', 'text');
    expect(code).toBe(0);
    const { results, versions } = JSON.parse(stdout);
    const { bits_per_byte, byte_perplexity, token_perplexity } = results.perplexity;
    expect(bits_per_byte).toMatchObject({ stderr: null, n: 1, missing: 0 });
    expect(versions).toEqual({ perplexity: '1' });
    expect(JSON.parse(read('text', 'results.json'))).toMatchObject({ model: { name: 'nano' }, results, versions });
    const [{ nats, bytes }] = read('text', 'documents.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(nats / bytes / Math.LN2).toBeCloseTo(bits_per_byte.value, 9);
    expect(byte_perplexity.value).toBeCloseTo(2 ** bits_per_byte.value, 9);
    expect(token_perplexity.value).toBeGreaterThan(byte_perplexity.value);
  });

  it('says why items have no score, and goes on', async () => {
    writeTask('long', 3);
    writeFileSync(
      at('long.jsonl'),
      `${JSON.stringify({ text: 'word '.repeat(700), label: 0 })}\n${read('long.jsonl')}`,
    );
    const { code, stdout, stderr } = await evaluate(nano, '--tasks', 'long.yaml');
    expect(code).toBe(0);
    expect(stdout).toContain('3 (1 without)');
    expect(stderr).toMatch(/1 item .*more than the 512 of the context/);
  });

  it.each([
    ['an unknown task', [nano, '--tasks', 'finwrld_facts'], 2, 'a task such as finworld_facts'],
    ['no tasks', [nano], 2, '--tasks, --suite, --perplexity'],
    ['a missing model', ['nowhere', '--tasks', 'mills.yaml'], 3, 'nowhere'],
    ['turns without a chat', [nano, '--tasks', 'mills.yaml', '--fewshot-as-multiturn'], 2, '--chat'],
    ['a server that is not there', ['openai:m@http://127.0.0.1:45997/v1', '--tasks', 'mills.yaml'], 2, 'ECONNREFUSED'],
    ['options of tasks for text', [nano, '--perplexity', 'mills.jsonl', '--chat'], 2, '--tasks or --suite'],
    ['text into a full folder', [nano, '--perplexity', 'mills.jsonl', '--out', '.'], 2, 'other things in it'],
    ['text without text', [nano, '--perplexity', 'blank.txt'], 3, 'text'],
    ['limits of a server for a folder', [nano, '--tasks', 'mills.yaml', '--requests-per-minute', '60'], 2, 'openai:'],
    ['one price', [nano, '--tasks', 'mills.yaml', '--prices', '1'], 2, 'two numbers'],
    ['a full folder', [nano, '--tasks', 'mills.yaml', '--out', '.'], 2, 'other things in it'],
  ] as [string, string[], number, string][])('refuses %s', async (_, words, code, message) => {
    const outcome = await evaluate(...words);
    expect(outcome.stderr).toContain(message);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });

  describe('with a server', () => {
    let server: Server;
    let url: string;
    beforeAll(async () => {
      server = createServer((request, response) => {
        request.resume().on('end', () => {
          response.setHeader('content-type', 'application/json');
          const message = { role: 'assistant', content: 'yes' };
          const choices = [{ index: 0, message, text: 'yes', finish_reason: 'stop' }];
          response.end(JSON.stringify({ choices, usage: { prompt_tokens: 9, completion_tokens: 1 } }));
        });
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    });
    afterAll(() => server.close());

    it('tells that it gives no log-probabilities, and has no score where they are needed', async () => {
      const env = { FINERY_CACHE: at('cache') };
      const words = ['eval', `openai:model@${url}`, '--tasks', 'mills.yaml'];
      const { code, stderr, stdout } = await finery(words, { cwd, env });
      expect(stderr).toMatch(/log-probabilities/);
      expect(stdout).toContain('0 (30 without)');
      expect(code).toBe(0);
    });

    it('tells what answers cost', async () => {
      const env = { FINERY_CACHE: at('cache-of-costs') };
      writeTask('said', 3, 'score_by: [extraction]\n');
      const words = ['eval', `openai:model@${url}`, '--tasks', 'said.yaml', '--chat', '--prices', '2,40', '--json'];
      const { code, stderr, stdout } = await finery(words, { cwd, env });
      expect(code).toBe(0);
      expect(JSON.parse(stdout).results.said['acc,strict']).toMatchObject({ value: 2 / 3, n: 3 });
      // Every reply tells of nine tokens read and one written: so much for each of the requests.
      const [, requests, cost] = /(\d+) requests; .*; \$([\d.]+)/.exec(stderr) ?? [];
      expect(Number(cost)).toBeCloseTo((Number(requests) * (9 * 2 + 40)) / 1e6, 4);
    });
  });
});
