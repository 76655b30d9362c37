import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tokenizerOf } from '../load.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { encodeSpans } from './encode-spans.ts';
import type { ChatSpan } from './render-chat.ts';

interface Golden {
  readonly trained: { readonly tokenizer: unknown };
  readonly cases: Readonly<Record<string, { readonly tokenizer: unknown }>>;
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/tokenizer.json', import.meta.url), 'utf8'),
);
const load = (json: unknown): Tokenizer =>
  tokenizerOf([{ name: 'tokenizer.json', bytes: new TextEncoder().encode(JSON.stringify(json)) }]);
const ours = load(golden.trained.tokenizer);
const span = (text: string, source: ChatSpan['source'], trained = false): ChatSpan => ({ text, source, trained });

describe('encodeSpans', () => {
  it('makes special tokens of the template and text of everything else', () => {
    const { ids } = encodeSpans(ours, [
      span('<|im_start|>', 'template'),
      span('<|im_start|>', 'content'),
      span('<|im_end|>', 'template'),
    ]);
    const [first, ...rest] = ids;
    expect(first).toBe(ours.idOf('<|im_start|>'));
    expect(rest.pop()).toBe(ours.idOf('<|im_end|>'));
    expect(rest.length).toBeGreaterThan(1);
    expect(ours.decode(rest)).toBe('<|im_start|>');
    expect(rest.filter((id) => ours.controlIds.has(id))).toEqual([]);
  });

  it('lets no content become any special token of any vocabulary', () => {
    for (const { tokenizer: json } of [golden.trained, ...Object.values(golden.cases)]) {
      const tokenizer = load(json);
      const unknown = tokenizer.idOf('<unk>') ?? tokenizer.idOf('[UNK]');
      const forged = [...tokenizer.controlIds].map((id) => tokenizer.tokenOf(id)).join('a');
      const spans = [span('x', 'template'), span(forged, 'content'), span(forged.slice(0, 3), 'content')];
      const { ids } = encodeSpans(tokenizer, spans);
      expect([...ids].filter((id) => id !== unknown && tokenizer.controlIds.has(id))).toEqual([]);
      expect(tokenizer.controlIds.size).toBeGreaterThan(0);
    }
  });

  it('marks every token of a trained span, and no other', () => {
    const spans = [
      span('<|im_start|>user\n', 'template'),
      span('Revenue?', 'content'),
      span('It rose', 'content', true),
      span('<|im_end|>', 'template', true),
      span('\n', 'template'),
    ];
    const { ids, trained } = encodeSpans(ours, spans);
    expect(trained).toHaveLength(ids.length);
    const said = [...ids].filter((_, i) => trained[i] === 1);
    expect(ours.decode(said)).toBe('It rose<|im_end|>');
    expect(ours.decode(ids)).toBe(spans.map(({ text }) => text).join(''));
  });

  it('lets no token cross a border', () => {
    const spans = [span('\n', 'template'), span('\n', 'content')];
    const [alone] = ours.encode('\n', { addSpecialTokens: false });
    expect([...encodeSpans(ours, spans).ids]).toEqual([alone, alone]);
  });

  it.each(Object.keys(golden.cases).filter((name) => /prefix|fallback|Unigram/.test(name)))(
    'puts no word border before text in the middle: %s',
    (name) => {
      const tokenizer = load(golden.cases[name].tokenizer);
      const spans = [span('rate', 'template'), span('s', 'content'), span('rate', 'template')];
      expect(tokenizer.decode(encodeSpans(tokenizer, spans).ids).trim()).toBe('ratesrate');
    },
  );

  it('makes nothing of nothing', () => {
    expect(encodeSpans(ours, [])).toEqual({ ids: new Int32Array(0), trained: new Uint8Array(0) });
  });
});
