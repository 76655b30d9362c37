import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { DecodingTool } from '../../generate/tools/decoding-tool.ts';
import { runProgram } from '../program.ts';
import { Terminal } from '../terminal.ts';
import { ChatSession } from './chat-session.ts';
import { openChat } from './open-chat.ts';
import { samplingOf } from './sampling-options.ts';

const nano = fileURLToPath(new URL('../../../assets/nano', import.meta.url));
const prompt = 'The town of';

/** The model of the tests writes no calls; this word it writes. */
const result = '<result>';
const echo: DecodingTool = { name: 'calculator', trigger: { open: 'the', close: ' ' }, run: () => result };
vi.mock(import('../../generate/tools/named-tools.ts'), async (original) => ({
  ...(await original()),
  namedTool: () => echo,
}));

function output() {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

describe('--tools', () => {
  const generate = async (...words: string[]) => {
    const [out, err] = [output(), output()];
    const all = ['generate', nano, '--prompt', prompt, '--temperature', '0', '--max-tokens', '40', ...words];
    const code = await runProgram(all, { stdout: out.stream, stderr: err.stream }, '0.0.0');
    return { code, out: out.text(), err: err.text() };
  };

  it('lets results into the answers of finery generate', async () => {
    expect((await generate()).out).not.toContain(result);
    expect((await generate('--tools', 'calculator')).out).toContain(`the ${result}`);
  });

  it('goes with no form of the answer', async () => {
    const { code, err } = await generate('--tools', 'calculator', '--json-schema', 'schema.json');
    expect(code).toBe(2);
    expect(err).toContain('--json-schema and --tools');
  });

  it('lets results into the answers of finery chat', async () => {
    const [out, err] = [output(), output()];
    const { signal } = new AbortController();
    const terminal = new Terminal({ stdout: out.stream, stderr: err.stream, json: false, quiet: true, signal });
    const chat = await openChat(nano, { precision: 'f32' }, terminal);
    try {
      const sampling = samplingOf({
        temperature: 0,
        topK: 0,
        topP: 1,
        minP: 0,
        repetitionPenalty: 1,
        frequencyPenalty: 0,
        presencePenalty: 0,
        seed: 0,
      });
      const ask = (tools?: readonly ['calculator']) =>
        new ChatSession(chat, { ...sampling, maxTokens: 40, tools }, terminal).ask(prompt, signal);
      await ask();
      expect(out.text()).not.toContain(result);
      await ask(['calculator']);
      expect(out.text()).toContain(`the ${result}`);
    } finally {
      await chat.close();
    }
  });
});
