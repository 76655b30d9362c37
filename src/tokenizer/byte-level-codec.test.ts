import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byteLevelCodec } from './byte-level-codec.ts';
import { readDefinition, type TokenizerDefinition } from './definition.ts';
import { libraryCodec } from './library-codec.ts';
import { readSpecialTokens } from './special-tokens.ts';
import { tokenBytesOf } from './token-bytes.ts';
import { preTokenizer } from './train/pre-tokenizer.ts';
import { trainTokenizer } from './train/train.ts';

const sentences = [
  'The bank raised its rate by 25 basis points, and the rates of the others followed. ',
  'aaaa aaaaaaa abab ababab ====== ------ \n\n    if rate > 0:\n\t\treturn rate\n',
  'naïve café — “quoted” 利润增长 売上高 📈📈 Ελλάδα Россия हिन्दी ',
];
const trained = await trainTokenizer(sentences, { vocabSize: 480, minFrequency: 1 });
const base = JSON.parse(new TextDecoder().decode(trained.files[0].bytes));

const [split, byteLevel] = preTokenizer().pretokenizers;
const gpt2 = { ...byteLevel, use_regex: true };
const domainWord = { id: trained.vocabSize, content: 'rate hike', special: false, normalized: false };

/** The tokenizers of checkpoints differ in these parts. */
const variants: Record<string, object> = {
  'as trained': {},
  'GPT-2 words': { pre_tokenizer: gpt2 },
  'several splits': {
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { ...split, pattern: { Regex: '\\p{N}{1,3}' } },
        { ...split, pattern: { String: 'at' } },
        { ...split, pattern: { Regex: '(?i:THE)|x*' } },
        gpt2,
      ],
    },
  },
  'no split': { pre_tokenizer: { ...byteLevel } },
  'digits together': { pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Digits' }, gpt2] } },
  'punctuation apart': { pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Punctuation' }, gpt2] } },
  NFC: { normalizer: { type: 'NFC' } },
  'NFKD in a sequence': { normalizer: { type: 'Sequence', normalizers: [{ type: 'NFKD' }] } },
  'whole words first': {
    model: { ...base.model, ignore_merges: true, merges: base.model.merges.filter((_: unknown, i: number) => i % 3) },
  },
  'added words': { added_tokens: [...base.added_tokens, domainWord] },
  'merges as strings': {
    model: { ...base.model, merges: base.model.merges.map((merge: readonly string[]) => merge.join(' ')) },
  },
};

const definitionOf = (changes: object): TokenizerDefinition =>
  readDefinition(new TextEncoder().encode(JSON.stringify({ ...base, ...changes })), 'tokenizer.json');

/**
 * Text of all kinds. The library disagrees with the Rust implementation, and with us, on U+0085 and U+FEFF, which
 * JavaScript counts to other kinds of characters: there the golden file decides; and text is made well-formed before it reaches a codec.
 */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.constantFrom(...sentences.flatMap((sentence) => sentence.split(/(?<= )/))),
      fc.constantFrom(
        'rate hike',
        '<|endoftext|>',
        '<|im_start|>',
        '<tool_call>',
        '<|spare_1|><|spare_12|>',
        "'S",
        "it's",
      ),
      fc.constantFrom(
        '  ',
        '\n\n ',
        '\t',
        '\r\n',
        '\0',
        '\x1b',
        '\u00a0',
        '\u2028',
        '\u3000',
        '\u200b',
        'e\u0301',
        '👨‍👩‍👧',
        '🇨🇭',
      ),
      fc
        .tuple(fc.constantFrom('a', 'ab', '=', ' ', '利', '📈'), fc.nat(150))
        .map(([unit, count]) => unit.repeat(count)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replace(/\p{Surrogate}|[\u0085\ufeff]/gu, '~'));

describe.each(Object.entries(variants))('the byte-level codec, %s', (name, changes) => {
  const definition = definitionOf(changes);
  const special = readSpecialTokens(definition, []);
  const fast = byteLevelCodec(definition, special, tokenBytesOf(definition).of)!;
  const library = libraryCodec(definition, special, 'tokenizer.json');

  it('gives the ids and texts of the library', () => {
    fc.assert(
      fc.property(anyText, fc.boolean(), (text, allowSpecial) => {
        const ids = fast.encode(text, allowSpecial);
        expect([...ids]).toEqual([...library.encode(text, allowSpecial)]);
        expect(fast.decode([...ids])).toBe(library.decode([...ids]));
        if (!name.startsWith('NF')) expect(fast.decode([...ids])).toBe(text);
      }),
      { numRuns: 400 },
    );
  });

  it('decodes any ids as the library does', () => {
    const anyIds = fc.array(fc.nat(definition.tokens.length - 1), { maxLength: 30 });
    fc.assert(
      fc.property(anyIds, (ids) => {
        expect(fast.decode(ids)).toBe(library.decode(ids));
      }),
      { numRuns: 200 },
    );
  });
});

describe('byteLevelCodec', () => {
  const codecOf = (changes: object): unknown => {
    const definition = definitionOf(changes);
    return byteLevelCodec(definition, readSpecialTokens(definition, []), tokenBytesOf(definition).of);
  };

  it.each<[string, object]>([
    ['a lower-casing normalizer', { normalizer: { type: 'Lowercase' } }],
    ['a prefix space', { pre_tokenizer: { ...byteLevel, add_prefix_space: true } }],
    ['no byte-level pre-tokenizer', { pre_tokenizer: { type: 'WhitespaceSplit' } }],
    ['another decoder', { decoder: { type: 'Fuse' } }],
    ['an added token that strips spaces', { added_tokens: [...base.added_tokens, { ...domainWord, lstrip: true }] }],
    ['an added token within words', { added_tokens: [...base.added_tokens, { ...domainWord, single_word: true }] }],
    ['a word suffix', { model: { ...base.model, end_of_word_suffix: '</w>' } }],
  ])('leaves %s to the library', (_, changes) => {
    expect(codecOf({})).toBeDefined();
    expect(codecOf(changes)).toBeUndefined();
  });

  it('never lets words or merges become control tokens', () => {
    const vocab = { ...base.model.vocab, zq: trained.vocabSize };
    const definition = definitionOf({
      added_tokens: [{ id: trained.vocabSize, content: 'zq', special: true }],
      pre_tokenizer: byteLevel,
      model: { ...base.model, vocab, merges: [['z', 'q']], ignore_merges: true },
    });
    const special = readSpecialTokens(definition, []);
    const codec = byteLevelCodec(definition, special, tokenBytesOf(definition).of)!;
    expect([...codec.encode('zq', false)]).toEqual([definition.ids.get('z'), definition.ids.get('q')]);
    expect([...codec.encode('zq', true)]).toEqual([trained.vocabSize]);
    expect([...libraryCodec(definition, special, 'x').encode('zq', false)]).toEqual([...codec.encode('zq', false)]);
  });
});
