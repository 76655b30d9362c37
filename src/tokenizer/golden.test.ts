/** Ids and texts of the Hugging Face tokenizers library, from scripts/goldens/tokenizer.py. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tokenizerOf } from './load.ts';
import { CHAT_TEMPLATE } from './train/chat-template.ts';
import { RESERVED_TOKENS } from './train/reserved-tokens.ts';
import { trainTokenizer } from './train/train.ts';

interface Results {
  readonly tokenizer: { readonly added_tokens: readonly { content: string; special: boolean }[] };
  /** Per text: special tokens found in it; with the frame too; taken as ordinary text. */
  readonly found: readonly (readonly number[])[];
  readonly framed: readonly (readonly number[])[];
  readonly plain: readonly (readonly number[])[];
  readonly decoded: readonly string[];
  readonly skipped: readonly string[];
}

interface Golden {
  readonly corpus: readonly string[];
  readonly texts: readonly string[];
  readonly trained: Results & { readonly vocab_size: number };
  readonly cases: Readonly<Record<string, Results>>;
  readonly chats: { readonly template_sha256: string };
}

const golden: Golden = JSON.parse(readFileSync(new URL('../../test/golden/tokenizer.json', import.meta.url), 'utf8'));
const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe.each(Object.entries({ ...golden.cases, trained: golden.trained }))('%s', (_, results) => {
  const tokenizer = tokenizerOf([{ name: 'tokenizer.json', bytes: jsonBytes(results.tokenizer) }]);

  const unknown = tokenizer.idOf('<unk>') ?? tokenizer.idOf('[UNK]');

  it.each(golden.texts.map((text, i) => [text.slice(0, 40), text, i] as const))('encodes %j', (_, text, i) => {
    const found = tokenizer.encode(text, { allowSpecial: true, addSpecialTokens: false });
    expect([...found]).toEqual(results.found[i]);
    expect([...tokenizer.encode(text, { allowSpecial: true })]).toEqual(results.framed[i]);
    const plain = [...tokenizer.encode(text, { addSpecialTokens: false })];
    // Where the library lets plain text become a control token after all (Unigram, which has `</s>` among its pieces,
    // and marks that are not special), we do not.
    const theirsIsPlain = !results.plain[i].some((id) => tokenizer.controlIds.has(id) && id !== unknown);
    if (theirsIsPlain) expect(plain).toEqual(results.plain[i]);
    expect(plain.filter((id) => id !== unknown && tokenizer.controlIds.has(id))).toEqual([]);
    expect(tokenizer.decode(results.found[i])).toBe(results.decoded[i]);
    expect(tokenizer.decode(results.framed[i], { skipSpecialTokens: true })).toBe(results.skipped[i]);
  });
});

describe('the trainer', () => {
  it('writes the tokenizer.json that the Hugging Face trainer writes', async () => {
    const { files } = await trainTokenizer(golden.corpus, { vocabSize: golden.trained.vocab_size });
    const ours = JSON.parse(new TextDecoder().decode(files[0].bytes));
    expect(ours).toEqual(golden.trained.tokenizer);
    expect(golden.trained.tokenizer.added_tokens.map(({ content, special }) => ({ content, special }))).toEqual(
      RESERVED_TOKENS,
    );
  });

  it('has the chat template whose renderings are in the golden file', () => {
    expect(createHash('sha256').update(CHAT_TEMPLATE).digest('hex')).toBe(golden.chats.template_sha256);
  });
});
