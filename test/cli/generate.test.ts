import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { finery, outcomeOf, startFinery } from './finery.ts';
import { fineryReading } from './piped.ts';
import { hasPseudoTerminal, PseudoTerminal } from './pseudo-terminal.ts';

const nano = fileURLToPath(new URL('../../assets/nano', import.meta.url));
let cwd: string;
const at = (name: string): string => join(cwd, name);
const run = (...words: string[]) => finery(['generate', ...words], { cwd });
const json = async (...words: string[]) => JSON.parse((await run(nano, ...words, '--json')).stdout);

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-generate-'));
  const messages = [{ role: 'user', content: 'How is the river?' }];
  writeFileSync(at('messages.json'), JSON.stringify(messages));
  writeFileSync(at('record.jsonl'), `${JSON.stringify({ messages })}\n`);
  writeFileSync(at('latin.json'), Buffer.from('[{"role":"user","content":"\xe9"}]', 'latin1'));
  writeFileSync(at('broken.json'), '[{"role":');
  writeFileSync(at('role.json'), '[{"role":"emperor","content":"x"}]');
  writeFileSync(at('number.json'), '7');
  const properties = { rating: { enum: ['AA', 'BB'] }, firm: { type: 'boolean' } };
  writeFileSync(at('schema.json'), JSON.stringify({ type: 'object', properties, required: ['rating', 'firm'] }));
  cpSync(nano, at('base'), { recursive: true });
  const config = JSON.parse(readFileSync(at('base/tokenizer_config.json'), 'utf8'));
  writeFileSync(at('base/tokenizer_config.json'), JSON.stringify({ ...config, chat_template: undefined }));
  rmSync(at('base/finery-manifest.json'));
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('finery generate', () => {
  it('tells ids and the log-probabilities that scoring them gives, of prompt and answers', async () => {
    const words = [
      '--prompt',
      'The town of',
      '--max-tokens',
      '12',
      '--n',
      '2',
      '--seed',
      '5',
      '--echo',
      '--logprobs',
      '2',
    ];
    const { prompt, completions } = await json(...words);
    expect(prompt.text).toBe('The town of');
    expect(completions).toHaveLength(2);
    for (const { text, ids, logprobs, finish_reason, top_logprobs, inserted } of completions) {
      expect({ finish_reason, inserted }).toEqual({ finish_reason: 'length', inserted: undefined });
      const scored = await finery(['score', nano, '--ids', [...prompt.ids, ...ids].join()]);
      const expected: (number | null)[] = JSON.parse(scored.stdout).logprobs;
      const told: (number | null)[] = [...prompt.logprobs, ...logprobs];
      expect(told).toHaveLength(expected.length);
      expected.forEach((value, i) => {
        if (value === null) expect(told[i]).toBeNull();
        else expect(told[i]).toBeCloseTo(value, 4);
      });
      const decoded = await finery(['tokenizer', 'decode', nano, '--ids', ids.join(), '--json']);
      expect(decoded.stdout).toContain(JSON.stringify(text));
      expect(top_logprobs).toHaveLength(12);
      for (const [i, top] of top_logprobs.entries()) {
        expect(top).toHaveLength(2);
        expect(top[0].logprob).toBeGreaterThanOrEqual(logprobs[i]);
      }
    }
    expect(completions[0].ids).not.toEqual(completions[1].ids);
  });

  it('prints the text alone, the same for the same seed', async () => {
    const words = [nano, '--prompt', 'The town of', '--max-tokens', '10'];
    const first = await run(...words, '--seed', '3');
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(/^10 tokens, .* tokens\/s, first after .* m?s; cut off/);
    const [{ text }] = (await json(...words.slice(1), '--seed', '3')).completions;
    expect(first.stdout).toBe(`${text}\n`);
    expect((await run(...words, '--seed', '4', '--quiet')).stdout).not.toBe(first.stdout);
    const echoed = await run(...words, '--seed', '3', '--echo', '--quiet');
    expect(echoed).toEqual({ code: 0, signal: null, stdout: `The town of${text}\n`, stderr: '' });
  });

  it('keeps several answers apart, each within the constraint', async () => {
    const pattern = 'up [0-9]{1,2}%';
    const { stdout } = await run(nano, '--prompt', 'Revenue was', '--regex', pattern, '--n', '3');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter((_, i) => i % 2 === 0)).toEqual(['--- 1 of 3', '--- 2 of 3', '--- 3 of 3']);
    for (const line of lines.filter((_, i) => i % 2 === 1)) expect(line).toMatch(new RegExp(`^${pattern}$`));
    const { completions } = await json('--prompt', 'Rating: ', '--json-schema', at('schema.json'));
    expect(JSON.parse(completions[0].text)).toEqual({
      rating: expect.stringMatching('AA|BB'),
      firm: expect.any(Boolean),
    });
    expect(completions[0].finish_reason).toBe('stop');
  });

  it('ends before a stop string', async () => {
    const [free] = (await json('--prompt', 'The town of', '--temperature', '0', '--max-tokens', '20')).completions;
    const cut = free.text.slice(10, 14);
    const words = ['--prompt', 'The town of', '--temperature', '0', '--stop', 'never comes', '--stop', cut];
    const [stopped] = (await json(...words)).completions;
    expect(stopped).toMatchObject({ text: free.text.slice(0, free.text.indexOf(cut)), finish_reason: 'stop' });
  });

  it('answers messages of a file, of a record and of standard input alike, and goes on with an answer', async () => {
    const words = ['--max-tokens', '12', '--temperature', '0', '--json'];
    const byFile = await run(nano, '--messages', 'messages.json', ...words);
    expect(JSON.parse(byFile.stdout).completions[0].ids).toHaveLength(12);
    const byRecord = await run(nano, '--messages', 'record.jsonl', ...words);
    const text = readFileSync(at('messages.json'));
    const byPipe = await fineryReading(text, ['generate', nano, '--messages', '-', ...words]);
    expect([byRecord.stdout, byPipe.stdout]).toEqual([byFile.stdout, byFile.stdout]);
    const begun = [...JSON.parse(text.toString()), { role: 'assistant', content: 'It' }];
    const echo = ['generate', nano, '--messages', '-', ...words, '--echo'];
    const user = '<|im_start|>user\nHow is the river?<|im_end|>\n<|im_start|>assistant\n';
    for (const [messages, expected] of [
      [text, user],
      [JSON.stringify(begun), `${user}It`],
    ] as const) {
      expect(JSON.parse((await fineryReading(messages, echo)).stdout).prompt.text).toBe(expected);
    }
  });

  it('says which settings change nothing', async () => {
    const { stderr } = await run(
      nano,
      '--prompt',
      'x',
      '--max-tokens',
      '1',
      '--temperature',
      '0',
      '--top-k',
      '3',
      '--n',
      '2',
      '--logprobs',
      '1',
    );
    expect(stderr.match(/^warning: /gm)).toHaveLength(3);
  });

  it.each([
    ['an empty prompt', [nano, '--prompt', ''], 3, '--prompt'],
    [
      'a prompt longer than the context',
      [nano, '--prompt', 'x '.repeat(600)],
      3,
      /1200 tokens[\s\S]*at most 511: the context has 512/,
    ],
    [
      'an answer longer than the context',
      [nano, '--prompt', 'The', '--max-tokens', '512'],
      2,
      /512 after a prompt of 1 tokens[\s\S]*at most 511/,
    ],
    ['more answers than anybody has room for', [nano, '--prompt', 'The', '--n', '257'], 2, '--n'],
    ['no prompt', [nano], 2, 'exactly one'],
    ['two prompts', [nano, '--prompt', 'a', '--messages', 'messages.json'], 2, 'exactly one'],
    ['two constraints', [nano, '--prompt', 'a', '--regex', 'a', '--json-schema', 'schema.json'], 2, 'exactly one'],
    ['messages that are not UTF-8', [nano, '--messages', 'latin.json'], 3, 'not UTF-8'],
    ['messages that are not JSON', [nano, '--messages', 'broken.json'], 3, 'broken JSON'],
    ['messages that are a number', [nano, '--messages', 'number.json'], 3, 'no list of messages'],
    ['a role that nobody has', [nano, '--messages', 'role.json'], 3, 'messages.0.role'],
    ['a missing file', [nano, '--messages', 'nope.json'], 3, 'nope.json'],
    [
      'messages for a model without a template',
      ['base', '--messages', 'messages.json'],
      3,
      /no chat template|without a chat template[\s\S]*--prompt/,
    ],
    ['a schema that is not JSON', [nano, '--prompt', 'a', '--json-schema', 'broken.json'], 3, 'broken JSON'],
    ['a pattern that is no pattern', [nano, '--prompt', 'a', '--regex', '('], 2, 'regex'],
    ['a temperature below 0', [nano, '--prompt', 'a', '--temperature', '-1'], 2, /--temperature[\s\S]*from 0 to 100/],
    ['a share above 1', [nano, '--prompt', 'a', '--top-p', '1.5'], 2, '--top-p'],
    ['an unknown precision', [nano, '--prompt', 'a', '--precision', 'int2'], 2, 'f32, int8, int4'],
    ['a missing model', ['nope', '--prompt', 'a'], 3, 'nope'],
  ] as [string, string[], number, string | RegExp][])('refuses %s', async (_, words, code, message) => {
    const outcome = await run(...words);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).not.toContain('    at ');
  });

  it.each(['int8', 'int4'])('runs in %s', async (precision) => {
    const words = ['--prompt', 'The town of', '--max-tokens', '5', '--precision', precision];
    expect((await json(...words)).completions[0].ids).toHaveLength(5);
  });

  it('leaves what was written when it is interrupted', async () => {
    const child = startFinery(['generate', nano, '--prompt', 'The', '--n', '128', '--max-tokens', '500'], { cwd });
    const outcome = outcomeOf(child);
    await once(child.stdout!, 'data');
    child.kill('SIGINT');
    const { code, signal, stdout, stderr } = await outcome;
    expect({ code, signal }).toEqual({ code: 130, signal: null });
    expect(stdout).toMatch(/^--- 1 of 128\n/);
    expect(stderr).toMatch(/^interrupted: stopped by SIGINT after \d+ tokens/);
  });

  it('ends quietly when nobody reads on', async () => {
    const child = startFinery(['generate', nano, '--prompt', 'The', '--n', '64', '--max-tokens', '400'], { cwd });
    const outcome = outcomeOf(child);
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    expect(await outcome).toMatchObject({ code: 0, stderr: '' });
  });

  it('shows its defaults', async () => {
    const { stdout } = await run('--help');
    for (const shown of ['--precision <type>', 'default 256', '--top-k <n>']) expect(stdout).toContain(shown);
    expect(stdout).toMatch(/--temperature <t>[^-]*\(default: 1\)/);
  });
});

describe.runIf(hasPseudoTerminal)('finery generate in a terminal', () => {
  it('streams, and leaves the line on Ctrl-C', async () => {
    const terminal = new PseudoTerminal(['generate', nano, '--prompt', 'The', '--n', '128', '--max-tokens', '500']);
    try {
      await terminal.until(/--- 1 of 128[\s\S]*\n[^\n]+/);
      terminal.type('\x03');
      await terminal.until(/\n[^\n]*interrupted[^\n]*: stopped by SIGINT after \d+ tokens/);
      expect(await terminal.end()).toBe(130);
    } finally {
      terminal.kill();
    }
  });
});
