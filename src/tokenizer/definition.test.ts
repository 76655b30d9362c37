import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { readDefinition } from './definition.ts';

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const model = { type: 'BPE', vocab: { a: 0, b: 1, ab: 2 }, merges: [['a', 'b']] };
const good = { added_tokens: [{ id: 3, content: '<s>', special: true }], model };
const withModel = (changes: object): object => ({ ...good, model: { ...model, ...changes } });
const withAdded = (...tokens: unknown[]): object => ({ ...good, added_tokens: tokens });
const unigram = {
  type: 'Unigram',
  unk_id: 0,
  vocab: [
    ['<unk>', 0],
    ['a', -1],
  ],
};
const wordPiece = { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, a: 1 } };
const nested = (depth: number): object =>
  depth === 0 ? { type: 'NFC' } : { type: 'Sequence', normalizers: [nested(depth - 1)] };

describe('readDefinition', () => {
  it('reads vocabulary, merges and added tokens', () => {
    const definition = readDefinition(bytes(good), 'tokenizer.json');
    expect(definition.tokens).toEqual(['a', 'b', 'ab', '<s>']);
    expect(definition.model).toMatchObject({ type: 'BPE', merges: [[0, 1, 2]], ignoreMerges: false });
    expect(definition.added).toEqual([
      { id: 3, content: '<s>', special: true, singleWord: false, lstrip: false, rstrip: false, normalized: false },
    ]);
  });

  it('knows models from before their type was recorded', () => {
    const { type: _, ...untyped } = model;
    expect(readDefinition(bytes({ model: untyped }), 'x').model.type).toBe('BPE');
    expect(readDefinition(bytes({ model: { ...unigram, type: undefined } }), 'x').model.type).toBe('Unigram');
    expect(readDefinition(bytes({ model: { ...wordPiece, type: undefined } }), 'x').model.type).toBe('WordPiece');
  });

  it('takes names such as __proto__ for tokens', () => {
    const text = '{"model":{"type":"BPE","vocab":{"__proto__":0,"constructor":1},"merges":[]}}';
    expect(readDefinition(bytes(text), 'x').ids.get('__proto__')).toBe(0);
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{"model":', 'tokenizer.json'],
    ['an array', [], 'tokenizer.json'],
    ['no model', {}, 'tokenizer.json:model'],
    ['an unknown model', withModel({ type: 'WordLevel' }), 'tokenizer.json:model.type'],
    ['a vocabulary that is a list', withModel({ vocab: ['a'] }), 'tokenizer.json:model.vocab'],
    ['an empty vocabulary', { model: { ...model, vocab: {}, merges: [] } }, 'tokenizer.json:model.vocab'],
    ['an id that is a string', withModel({ vocab: { a: '0' } }), 'tokenizer.json:model.vocab["a"]'],
    ['a negative id', withModel({ vocab: { a: -1 } }), 'tokenizer.json:model.vocab["a"]'],
    ['an enormous id', withModel({ vocab: { a: 2 ** 40 } }), 'tokenizer.json:model.vocab["a"]'],
    ['a fractional id', withModel({ vocab: { a: 0.5 } }), 'tokenizer.json:model.vocab["a"]'],
    ['an id twice', withModel({ vocab: { a: 0, b: 1, ab: 1 } }), 'tokenizer.json:model.vocab["ab"]'],
    ['a hole', withModel({ vocab: { a: 0, b: 1, ab: 7 } }), 'tokenizer.json:model.vocab["ab"]'],
    ['an enormous token', withModel({ vocab: { ['a'.repeat(5_000)]: 0 } }), 'tokenizer.json:model.vocab'],
    ['merges that are no list', withModel({ merges: {} }), 'tokenizer.json:model.merges'],
    ['no merges', withModel({ merges: undefined }), 'tokenizer.json:model.merges'],
    ['a merge of unknown tokens', withModel({ merges: [['a', 'c']] }), 'tokenizer.json:model.merges.0'],
    ['a merge into an unknown token', withModel({ merges: ['a b', 'b a'] }), 'tokenizer.json:model.merges.1'],
    ['a merge of one', withModel({ merges: ['ab'] }), 'tokenizer.json:model.merges.0'],
    ['a merge of three', withModel({ merges: [['a', 'b', 'a']] }), 'tokenizer.json:model.merges.0'],
    ['a merge of numbers', withModel({ merges: [[0, 1]] }), 'tokenizer.json:model.merges.0'],
    ['an unknown token that is none', withModel({ unk_token: '?' }), 'tokenizer.json:model.unk_token'],
    ['dropout', withModel({ dropout: 0.1 }), 'tokenizer.json:model.dropout'],
    [
      'a subword prefix',
      withModel({ continuing_subword_prefix: '##' }),
      'tokenizer.json:model.continuing_subword_prefix',
    ],
    ['a flag that is a string', withModel({ byte_fallback: 'no' }), 'tokenizer.json:model.byte_fallback'],
    ['added tokens that are no list', { ...good, added_tokens: {} }, 'tokenizer.json:added_tokens'],
    ['an added token that is a string', withAdded('<s>'), 'tokenizer.json:added_tokens.0'],
    ['an added token without text', withAdded({ id: 3, content: '' }), 'tokenizer.json:added_tokens.0.content'],
    [
      'an added token twice',
      withAdded({ id: 3, content: 'x' }, { id: 4, content: 'x' }),
      'tokenizer.json:added_tokens.1.content',
    ],
    ['an added token with another id', withAdded({ id: 3, content: 'a' }), 'tokenizer.json:added_tokens.0.id'],
    ['an added token with the id of another', withAdded({ id: 1, content: 'x' }), 'tokenizer.json:model.vocab["x"]'],
    ['an added token far beyond', withAdded({ id: 90, content: 'x' }), 'tokenizer.json:model.vocab["x"]'],
    ['a piece without score', { model: { ...unigram, vocab: [['a']] } }, 'tokenizer.json:model.vocab.0.1'],
    [
      'a piece twice',
      {
        model: {
          ...unigram,
          vocab: [
            ['a', 0],
            ['a', 0],
          ],
        },
      },
      'tokenizer.json:model.vocab.1',
    ],
    ['an unknown piece far beyond', { model: { ...unigram, unk_id: 2 } }, 'tokenizer.json:model.unk_id'],
    ['an unknown word that is none', { model: { ...wordPiece, unk_token: '?' } }, 'tokenizer.json:model.unk_token'],
    [
      'words without end',
      { model: { ...wordPiece, max_input_chars_per_word: 1e9 } },
      'tokenizer.json:model.max_input_chars_per_word',
    ],
    ['an unknown normalizer', { ...good, normalizer: { type: 'toString' } }, 'tokenizer.json:normalizer.type'],
    ['a normalizer that is a string', { ...good, normalizer: 'NFC' }, 'tokenizer.json:normalizer'],
    [
      'normalizers nested deep',
      { ...good, normalizer: nested(50) },
      `tokenizer.json:normalizer${'.normalizers.0'.repeat(9)}`,
    ],
    [
      'pieces of no length, which never end',
      { ...good, pre_tokenizer: { type: 'FixedLength', length: 0 } },
      'tokenizer.json:pre_tokenizer.length',
    ],
    [
      'a pattern that never ends',
      {
        ...good,
        pre_tokenizer: {
          type: 'Sequence',
          pretokenizers: [{ type: 'Split', pattern: { Regex: '(a+)+$' }, behavior: 'Isolated' }],
        },
      },
      'tokenizer.json:pre_tokenizer.pretokenizers.0.pattern.Regex',
    ],
    [
      'a normalizer pattern that never ends',
      { ...good, normalizer: { type: 'Replace', pattern: { Regex: '(a|a)*b' }, content: '' } },
      'tokenizer.json:normalizer.pattern.Regex',
    ],
    [
      'text that grows without bound',
      { ...good, normalizer: { type: 'Replace', pattern: { String: 'a' }, content: 'b'.repeat(1_000) } },
      'tokenizer.json:normalizer.content',
    ],
    [
      'an empty pattern',
      { ...good, decoder: { type: 'Replace', pattern: { String: '' }, content: 'b' } },
      'tokenizer.json:decoder.pattern.String',
    ],
    [
      'a behaviour that the library does not have',
      { ...good, pre_tokenizer: { type: 'Split', pattern: { Regex: 'a' }, behavior: 'Contiguous' } },
      'tokenizer.json:pre_tokenizer.behavior',
    ],
    [
      'a template without parts',
      { ...good, post_processor: { type: 'TemplateProcessing' } },
      'tokenizer.json:post_processor.single',
    ],
    [
      'a frame without tokens',
      { ...good, post_processor: { type: 'BertProcessing', sep: ['<s>', 3] } },
      'tokenizer.json:post_processor.cls',
    ],
  ])('refuses %s', (_, value, field) => {
    let thrown: unknown;
    try {
      readDefinition(bytes(value), 'tokenizer.json');
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect((thrown as InputError).problem.field).toBe(field);
  });

  it('refuses bytes that are not UTF-8, and prints no control characters', () => {
    expect(() => readDefinition(Uint8Array.of(0x7b, 0xff), 'tokenizer.json')).toThrow(InputError);
    const hostile = withModel({ vocab: { '\u001b[2J\u202e': 'x' } });
    expect(() => readDefinition(bytes(hostile), 'tokenizer.json')).toThrow(/^[\x20-\x7e]+$/);
  });
});
