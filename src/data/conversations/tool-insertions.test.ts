import { afterAll, describe, expect, it } from 'vitest';
import { calculatorTool } from '../../generate/tools/calculator-tool.ts';
import { ChatTemplate } from '../../tokenizer/chat/chat-template.ts';
import type { ChatSpan } from '../../tokenizer/chat/render-chat.ts';
import { sourcesOf } from '../../tokenizer/chat/template-sources.ts';
import { loadTokenizer } from '../../tokenizer/load.ts';
import { encodeExample } from './encode-example.ts';
import { untrainInsertions } from './tool-insertions.ts';

const { trigger, frame } = calculatorTool();
const marks = { open: trigger.open, close: trigger.close, after: frame?.after ?? '' };
const answer = (text: string): ChatSpan => ({ text, source: 'content', trained: true });
/** The text in which what is not learnt stands in ⟦⟧. */
const shown = (text: string): string =>
  untrainInsertions([answer(text)], [marks])
    .map((span) => (span.trained ? span.text : `⟦${span.text}⟧`))
    .join('');

describe('untrainInsertions', () => {
  it.each([
    ['[Calculator(1 + 2)->3]', '[Calculator(1 + 2)->⟦3]⟧'],
    [
      'a [Calculator(1)->1] b [Calculator((2))->2]\nAnswer: 2',
      'a [Calculator(1)->⟦1]⟧ b [Calculator((2))->⟦2]⟧\nAnswer: 2',
    ],
    ['[Calculator(1/0)->[error: division by zero]] so', '[Calculator(1/0)->⟦[error: division by zero]]⟧ so'],
    ['[Calculator(1)->]x', '[Calculator(1)->⟦]⟧x'],
    ['no call', 'no call'],
    ['[Calculator(1 + 2', '[Calculator(1 + 2'],
    ['[Calculator(1)->', '[Calculator(1)->'],
    ['[Calculator(1)->1\n] x', '[Calculator(1)->1\n] x'],
    ['[Calculator(1)->[error] x', '[Calculator(1)->[error] x'],
    ['[Calculator(1)->1\n[Calculator(2)->2]', '[Calculator(1)->1\n[Calculator(2)->⟦2]⟧'],
    ['x)->3]', 'x)->3]'],
    ['', ''],
  ])('%j becomes %j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it('leaves alone what is not learnt, and what the template wrote', () => {
    const spans: readonly ChatSpan[] = [
      { text: '[Calculator(1)->1]', source: 'content', trained: false },
      { text: '[Calculator(1)->1]', source: 'template', trained: true },
    ];
    expect(untrainInsertions(spans, [marks])).toEqual(spans);
    expect(untrainInsertions([answer('[Calculator(1)->1]')], [])).toEqual([answer('[Calculator(1)->1]')]);
  });
});

describe('a conversation with calls', async () => {
  const nano = new URL('../../../assets/nano', import.meta.url).pathname;
  const tokenizer = await loadTokenizer(nano);
  const template = new ChatTemplate(sourcesOf(tokenizer.files));
  afterAll(() => template.close());
  const encode = (content: string, toolMarks = [marks]) => {
    const messages = [
      { role: 'user', content: 'How much? [Calculator(1)->1]' },
      { role: 'assistant', content },
    ];
    const turnEnd = tokenizer.idOf('<|im_end|>');
    return encodeExample({ messages, untrained: new Set() }, { tokenizer, template, turnEnd, toolMarks });
  };
  const reply = (result: string) => `[Calculator(12.5 - 4.1)->${result}]\nAnswer: 8.4`;

  it('learns the call and the answer, whatever the tool wrote', async () => {
    const learnt = async (result: string) => {
      const { ids, trained } = await encode(reply(result));
      return tokenizer.decode([...ids].filter((_, i) => trained[i] === 1));
    };
    for (const result of ['8.4', '7', '-123456.75', '[error: division by zero]']) {
      expect(await learnt(result)).toBe('[Calculator(12.5 - 4.1)->\nAnswer: 8.4<|im_end|>');
    }
  });

  it('says with the mask which tokens those of the result are, and no others', async () => {
    const [one, other] = [await encode(reply('8.4')), await encode(reply('7.3'))];
    expect(one.ids.length).toBe(other.ids.length);
    const differing = [...one.ids].flatMap((id, i) => (id === other.ids[i] ? [] : [i]));
    expect(differing.length).toBeGreaterThan(0);
    for (const place of differing) expect(one.trained[place]).toBe(0);
    expect(one.trained).toEqual(other.trained);
    const unmasked = await encode(reply('8.4'), []);
    expect(differing.every((place) => unmasked.trained[place] === 1)).toBe(true);
  });

  it('has the tokens that stand before the model when the tool has written', async () => {
    const { ids } = await encode(reply('8.4'));
    const pieces = ['[Calculator(12.5 - 4.1)->', '8.4]', '\nAnswer: 8.4'];
    const expected = pieces.flatMap((piece) => [...tokenizer.encode(piece, { addSpecialTokens: false })]);
    expect([...ids].join().includes(expected.join())).toBe(true);
  });
});
