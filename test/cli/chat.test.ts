import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { initModel, loadModel, saveModel } from '../../src/models/model.ts';
import { finery } from './finery.ts';
import { fineryReading } from './piped.ts';
import { hasPseudoTerminal, PseudoTerminal } from './pseudo-terminal.ts';

const nano = fileURLToPath(new URL('../../assets/nano', import.meta.url));
let cwd: string;
const at = (...names: string[]): string => join(cwd, ...names);
const greedy = ['--temperature', '0', '--max-tokens', '12'];
const piped = (input: string | Uint8Array, ...words: string[]) => fineryReading(input, ['chat', ...words], { cwd });

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'finery-chat-'));
  cpSync(nano, at('base'), { recursive: true });
  const config = JSON.parse(readFileSync(at('base/tokenizer_config.json'), 'utf8'));
  writeFileSync(at('base/tokenizer_config.json'), JSON.stringify({ ...config, chat_template: undefined }));
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('finery chat, piped', () => {
  it('answers each line on stdout as finery generate answers the conversation so far', async () => {
    const words = [nano, '--system', 'Be brief.', ...greedy];
    const { code, stdout, stderr } = await piped('How is the river?\r\n\nAnd the town?', ...words);
    expect(code).toBe(0);
    expect(stderr).toMatch(/context 512 tokens; loaded in .* s; .* in memory/);
    expect(stderr.match(/^\d+ tokens?, .*context .* of 512, (ended|cut off at 12 \(\/max\))$/gm)).toHaveLength(2);
    const messages = [{ role: 'system', content: 'Be brief.' }];
    let expected = '';
    for (const content of ['How is the river?', 'And the town?']) {
      messages.push({ role: 'user', content });
      const asked = ['generate', nano, '--messages', '-', ...greedy, '--json'];
      const [{ text }] = JSON.parse((await fineryReading(JSON.stringify(messages), asked)).stdout).completions;
      messages.push({ role: 'assistant', content: text });
      expected += `${text}\n`;
    }
    expect(stdout).toBe(expected);
  });

  it('takes nothing in its input for a command', async () => {
    const { code, stdout, stderr } = await piped('/save stolen.jsonl\n/quit\n', nano, ...greedy, '--quiet');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trimEnd().split('\n').length).toBeGreaterThanOrEqual(2);
    expect(readdirSync(cwd)).not.toContain('stolen.jsonl');
  });

  it('says which turns the model no longer sees, and refuses a message that cannot fit', async () => {
    const lines = 'Tell me of the town and of its river.\n'.repeat(3);
    const { code, stderr } = await piped(lines, nano, ...greedy, '--context', '64', '--quiet');
    expect(code).toBe(0);
    // One turn at a time: the second question hides the first turn, the third hides the second.
    const hides = /^warning: the conversation takes \d+ of 64 tokens: the model no longer sees its oldest turn; /gm;
    expect(stderr.match(hides)).toHaveLength(2);
    const refused = await piped('x '.repeat(80), nano, '--context', '64', '--quiet');
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(/found {5}1\d\d tokens\n.*the context has 64/);
  });

  it('continues text where there is no template, and says so', async () => {
    const { code, stdout, stderr } = await piped('The town of', 'base', ...greedy);
    expect(code).toBe(0);
    expect(stderr).toContain('no chat template: the model just continues your text');
    const continued = await finery(['generate', nano, '--prompt', 'The town of', ...greedy, '--quiet']);
    expect(stdout).toBe(continued.stdout);
  });

  it('tells a model that nobody taught to end an answer from one that expects the end', async () => {
    const hint = '<|im_end|> after an answer is less likely than chance';
    expect((await piped('', nano)).stderr).toContain(hint);
    const model = await loadModel(nano);
    const { weight } = model.parameters.get('model.embed_tokens.weight')!;
    const { hidden, vocabulary } = model.decoder.sizes;
    // The end of a turn takes the place of the likeliest token after an answer.
    const [end] = model.tokenizer!.encode('<|im_end|>', { allowSpecial: true });
    const after = ['generate', nano, '--messages', '-', '--max-tokens', '1', '--temperature', '0', '--json'];
    const messages = [
      { role: 'user', content: 'Is that so?' },
      { role: 'assistant', content: 'Yes.' },
    ];
    const { completions } = JSON.parse((await fineryReading(JSON.stringify(messages), after)).stdout);
    const likeliest = completions[0].ids[0];
    expect(likeliest).toBeLessThan(vocabulary);
    weight.copyWithin(end * hidden, likeliest * hidden, (likeliest + 1) * hidden);
    await saveModel(at('taught'), model, { dtype: 'f32' });
    const { code, stderr } = await piped('', 'taught');
    expect(code).toBe(0);
    expect(stderr).not.toContain('less likely than chance');
  });

  it.each([
    ['--json', [nano, '--json'], 2, 'finery generate --messages'],
    ['more context than positions', [nano, '--context', '513'], 2, 'at most the 512 positions'],
    ['a missing model', ['nope'], 3, 'nope'],
    ['a temperature that is none', [nano, '--temperature', 'warm'], 2, '--temperature'],
  ] as [string, string[], number, string][])('refuses %s', async (_, words, code, message) => {
    const outcome = await piped('Hello', ...words);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).toContain(message);
  });

  it('refuses input that is not UTF-8', async () => {
    const outcome = await piped(Buffer.from([0xc3, 0x28, 0x0a]), nano);
    expect(outcome).toMatchObject({ code: 3, stdout: '' });
    expect(outcome.stderr).toContain('standard input, line 1');
  });
});

interface Started {
  readonly model?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A folder of a model whose likeliest token is never an end, with room for an answer of minutes. */
async function endlessModel(): Promise<string> {
  const { config: shape, tokenizer } = await loadModel(nano);
  // New weights: of 4096 logits that are drawn around 0, the greatest is above the 0 of an end.
  const model = initModel(shape, { seed: 1, tokenizer, purpose: 'inference' });
  const { weight } = model.parameters.get('model.embed_tokens.weight')!;
  const { hidden } = model.decoder.sizes;
  for (const id of model.tokenizer!.controlIds) weight.fill(0, id * hidden, (id + 1) * hidden);
  const folder = at('endless');
  await saveModel(folder, model, { dtype: 'f32' });
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, max_position_embeddings: 65_536 }));
  return folder;
}

describe.runIf(hasPseudoTerminal)('finery chat in a terminal', () => {
  const start = (words: readonly string[] = [], { model = nano, env = {} }: Started = {}) =>
    new PseudoTerminal(['chat', model, '--max-tokens', '12', ...words], { FINERY_CACHE: at('cache'), ...env });
  /** The prompt, with the cursor after it. */
  const prompt = /> (?:␛\[22m)?␛\[3G$/;
  const figures = /context [\d.]+% of 512, [^\r]*\r\n[\s\S]*> (?:␛\[22m)?␛\[3G$/;

  async function talk(script: (terminal: PseudoTerminal) => Promise<void>, ...given: Parameters<typeof start>) {
    const terminal = start(...given);
    try {
      await terminal.until(prompt);
      await script(terminal);
    } finally {
      terminal.kill();
    }
  }

  it('edits, remembers, saves, loads, takes back and answers again', async () => {
    const file = at('talk.jsonl');
    await talk(async (terminal) => {
      const enter = async (line: string, until = prompt) => {
        terminal.type(`${line}\r`);
        return terminal.until(until);
      };
      await enter('How is the rxver\x1b[D\x1b[D\x1b[D\x7fi', figures);
      expect(await enter('/hlep')).toContain('/help');
      expect(await enter(`/save ${file}`)).toContain('saved 1 turn');
      const [user, assistant] = JSON.parse(readFileSync(file, 'utf8')).messages;
      expect(user).toEqual({ role: 'user', content: 'How is the river' });
      await enter('/retry', figures);
      await enter(`/save ${file}`);
      const [, other] = JSON.parse(readFileSync(file, 'utf8')).messages;
      expect(other.content).not.toBe(assistant.content);
      expect(await enter('/undo')).toContain('taken back: How is the river');
      expect(await enter('/undo')).toContain('without a turn');
      expect(await enter(`/load ${file}`)).toContain('loaded 1 turn');
      expect(await enter('/tokens')).toMatch(/\d+ of 512 tokens \([\d.]+%\), 1 turn/);
      writeFileSync(at('mine.txt'), 'mine');
      expect(await enter(`/save ${at('mine.txt')}`)).toContain('there already');
      expect(readFileSync(at('mine.txt'), 'utf8')).toBe('mine');
      terminal.type('/quit\r');
      expect(await terminal.end()).toBe(0);
      expect(terminal.screen.endsWith('␛[?2004l')).toBe(true);
    });
    await talk(async (terminal) => {
      terminal.type('\x1b[A\x1b[A\x1b[A');
      await terminal.until(/\/tokens/);
      terminal.type('\r');
      await terminal.until(/0 of 512 tokens/);
      await terminal.until(prompt);
      terminal.type('\x04');
      expect(await terminal.end()).toBe(0);
    });
  });

  it('takes several lines as one message: after a backslash, and pasted', async () => {
    await talk(async (terminal) => {
      terminal.type('one\\\rtwo\r');
      await terminal.until(figures);
      terminal.type('\x1b[200~/quit\rpasted\x1b[201~');
      await terminal.until(/pasted/);
      terminal.type('\r');
      await terminal.until(figures);
      terminal.type(`/save ${at('lines.jsonl')}\r`);
      await terminal.until(/saved 2 turns/);
    });
    const { messages } = JSON.parse(readFileSync(at('lines.jsonl'), 'utf8'));
    expect(messages.map(({ content }: { content: string }) => content)).toMatchObject({
      0: 'one\ntwo',
      2: '/quit\npasted',
    });
  });

  it('Ctrl-C stops an answer, clears a line, and leaves when it comes twice', async () => {
    const model = await endlessModel();
    await talk(
      async (terminal) => {
        terminal.type('Tell me\r');
        await terminal.until(/Tell me\s+\S/);
        terminal.type('typed before\x03');
        await terminal.until(/, stopped/);
        const after = await terminal.until(prompt);
        expect(after).not.toContain('typed before');
        terminal.type('half a line');
        await terminal.until(/half a line/);
        terminal.type('\x03');
        expect(await terminal.until(prompt)).not.toContain('once more');
        terminal.type('\x03');
        await terminal.until(/Ctrl-C once more leaves/);
        await terminal.until(prompt);
        terminal.type('\x03');
        expect(await terminal.end()).toBe(0);
      },
      ['--max-tokens', '32000', '--context', '32768', '--temperature', '0'],
      { model },
    );
  });

  it('gives the terminal back when it is told to stop', async () => {
    await talk(async (terminal) => {
      terminal.type('half a line');
      await terminal.until(/half a line/);
      process.kill(terminal.process(), 'SIGTERM');
      await terminal.until(/\r\n[^\n]*interrupted[^\n]*: stopped by SIGTERM/);
      expect(await terminal.end()).toBe(130);
      expect(terminal.screen.split('␛[?2004l')).toHaveLength(2);
    });
  });

  it('keeps what is typed ahead for after the answer', async () => {
    await talk(async (terminal) => {
      terminal.type('First\rSecond\r');
      expect(await terminal.until(/% of 512, /)).not.toContain('Second');
      expect(await terminal.until(/% of 512, /)).toContain('> ␛[22m␛[3GSecond');
    });
  });

  it('has no colours with NO_COLOR, and no remarks with --quiet', async () => {
    await talk(
      async (terminal) => {
        terminal.type('Hello\r');
        await terminal.until(/Hello[\s\S]*> ␛\[3G$/);
        // Moving the cursor is no colour.
        expect(terminal.screen).not.toMatch(/␛\[\d*m/);
        expect(terminal.screen).not.toContain('tokens');
      },
      ['--quiet'],
      { env: { NO_COLOR: '1' } },
    );
  });
});
