import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { ChatTemplate } from '../../tokenizer/chat/chat-template.ts';
import { loadTokenizer } from '../../tokenizer/load.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { encodeExample } from './encode-example.ts';
import { readExample } from './example.ts';

const nano = new URL('../../../assets/nano', import.meta.url).pathname;
const special = { bos_token: '<s>', eos_token: '</s>' };
const templateOf = (text: string) =>
  new ChatTemplate({ templates: new Map([['default', text]]), specialTokens: special });
const ours: string = JSON.parse(readFileSync(`${nano}/tokenizer_config.json`, 'utf8')).chat_template;

let tokenizer: Tokenizer;
const opened: ChatTemplate[] = [];
beforeAll(async () => {
  tokenizer = await loadTokenizer(nano);
});
afterAll(() => Promise.all(opened.map((template) => template.close())));

/** The text in which what is learnt stands in ⟦⟧. */
async function shown(template: string, fields: Readonly<Record<string, unknown>>): Promise<string> {
  const chat = templateOf(template);
  opened.push(chat);
  const turnEnd = tokenizer.idOf('<|im_end|>');
  const { ids, trained } = await encodeExample(readExample(fields), { tokenizer, template: chat, turnEnd });
  let text = '';
  for (let i = 0; i < ids.length; i++) {
    if (trained[i] !== (trained[i - 1] ?? 0)) text += trained[i] ? '⟦' : '⟧';
    text += tokenizer.decode([ids[i]]);
  }
  return trained.at(-1) === 1 ? `${text}⟧` : text;
}

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string, flags = {}) => ({ role: 'assistant', content, ...flags });

describe('encodeExample', () => {
  it('learns what the assistant says and the end of each of its turns', async () => {
    const messages = [{ role: 'system', content: 'S' }, user('A'), assistant('B'), user('C'), assistant('D')];
    expect(await shown(ours, { messages })).toBe(
      '<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\n⟦B<|im_end|>⟧\n' +
        '<|im_start|>user\nC<|im_end|>\n<|im_start|>assistant\n⟦D<|im_end|>⟧\n',
    );
  });

  it('learns the end of a turn also where the generation blocks of a template leave it out', async () => {
    const template =
      "{% for m in messages %}<|im_start|>{{ m.role + '\n' }}{% if m.role == 'assistant' %}" +
      "{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{{ '<|im_end|>\n' }}{% endfor %}";
    expect(await shown(template, { messages: [user('A'), assistant('B')] })).toBe(
      '<|im_start|>user\nA<|im_end|>\n<|im_start|>assistant\n⟦B<|im_end|>⟧\n',
    );
  });

  it('leaves out single answers with their ends, first, middle and last', async () => {
    const off = { trained: false };
    const messages = (flags: readonly object[]) =>
      flags.flatMap((flag, i) => [user(`Q${i}`), assistant(`A${i}`, flag)]);
    const learnt = async (flags: readonly object[]) =>
      [...(await shown(ours, { messages: messages(flags) })).matchAll(/⟦(.*?)⟧/gs)].map(([, text]) => text);
    expect(await learnt([{}, {}, {}])).toEqual(['A0<|im_end|>', 'A1<|im_end|>', 'A2<|im_end|>']);
    expect(await learnt([off, {}, {}])).toEqual(['A1<|im_end|>', 'A2<|im_end|>']);
    expect(await learnt([{}, off, {}])).toEqual(['A0<|im_end|>', 'A2<|im_end|>']);
    expect(await learnt([{}, { weight: 0 }, off])).toEqual(['A0<|im_end|>']);
  });

  it('tells answers apart that no other text separates', async () => {
    const template = "{% for m in messages %}{{ m.content + '<|im_end|>' }}{% endfor %}";
    const messages = [user('Q'), assistant('A', { trained: false }), assistant('B')];
    expect(await shown(template, { messages })).toBe('Q<|im_end|>A<|im_end|>⟦B<|im_end|>⟧');
  });

  it('learns a completion and the end token, behind the prompt', async () => {
    expect(await shown(ours, { prompt: 'News: up.\nSentiment:', completion: ' positive' })).toBe(
      'News: up.\nSentiment:⟦ positive<|endoftext|>⟧',
    );
  });

  it('needs no chat template for text, and says that it needs one for messages', async () => {
    const bare = { tokenizer, template: undefined, turnEnd: undefined };
    const { ids, trained } = await encodeExample({ prompt: 'A', completion: 'B' }, bare);
    expect(ids.length).toBe(trained.length);
    const messages = readExample({ messages: [user('A'), assistant('B')] });
    await expect(encodeExample(messages, bare)).rejects.toThrow(/without a chat template/);
  });

  it('learns the end once where the file writes it as text', async () => {
    const bare = { tokenizer, template: undefined, turnEnd: undefined };
    const written = await encodeExample({ prompt: 'A', completion: 'B<|endoftext|>' }, bare);
    expect(written).toEqual(await encodeExample({ prompt: 'A', completion: 'B' }, bare));
  });

  it('reads what the last answer begins with, and refuses a template that writes it otherwise', async () => {
    const encode = async (template: string) => {
      const chat = templateOf(template);
      opened.push(chat);
      const messages = [user('A'), assistant('C: D'), user('B'), assistant('C: D')];
      const given = { messages, untrained: new Set<number>(), given: 'C:' };
      return encodeExample(given, { tokenizer, template: chat, turnEnd: tokenizer.idOf('<|im_end|>') });
    };
    const { ids, trained } = await encode(ours);
    const learnt = tokenizer.decode(ids.filter((_, i) => trained[i] === 1));
    expect(learnt).toBe('C: D<|im_end|> D<|im_end|>');
    await expect(encode(ours.replaceAll('message.content if', 'message.content | lower if'))).rejects.toThrow(
      /"C:" first/,
    );
  });

  it('learns of prompt and completion in messages only the latter', async () => {
    const fields = { prompt: [user('A'), assistant('B'), user('C')], completion: [assistant('D')] };
    expect(await shown(ours, fields)).toMatch(/B<\|im_end\|>\n.*⟦D<\|im_end\|>⟧\n$/s);
  });

  it('makes text of control tokens that a message holds', async () => {
    const chat = templateOf(ours);
    opened.push(chat);
    const turnEnd = tokenizer.idOf('<|im_end|>');
    const messages = [user('x'), assistant('<|im_end|><|endoftext|>')];
    const { ids } = await encodeExample(readExample({ messages }), { tokenizer, template: chat, turnEnd });
    expect(ids.filter((id) => id === turnEnd)).toHaveLength(2);
    expect(ids).not.toContain(tokenizer.eosId);
  });

  it('says what a template refuses, and that it cannot leave out single answers of one that rewrites history', async () => {
    const refusing = "{{ raise_exception('roles must alternate') }}";
    await expect(shown(refusing, { messages: [user('A'), assistant('B')] })).rejects.toThrow(/roles must alternate/);
    const messages = [user('A'), assistant('B', { trained: false }), user('C'), assistant('D')];
    for (const change of ["'!' + m.content", "m.content + '!'"]) {
      const rewriting = `{% for m in messages %}{{ m.role }}{{ m.content if loop.last or m.role == 'user' else ${change} }}{% endfor %}`;
      const refused = shown(rewriting, { messages });
      await expect(refused).rejects.toThrow(InputError);
      await expect(refused).rejects.toMatchObject({ problem: { field: 'messages.1' } });
    }
  });
});
