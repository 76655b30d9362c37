import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../errors.ts';
import { BYTE_CHARACTERS } from '../../tokenizer/byte-alphabet.ts';
import { tokenizerOf } from '../../tokenizer/load.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { decodingRule } from './decoding-rule.ts';
import { TextStream, type TextStreamOptions } from './text-stream.ts';

const utf8 = new TextEncoder();
const fromJson = (json: unknown): Tokenizer =>
  tokenizerOf([{ name: 'tokenizer.json', bytes: utf8.encode(JSON.stringify(json)) }]);

/** Tokenizers of every kind, made by the Hugging Face library. */
const golden: { cases: Record<string, { tokenizer: unknown }> } = JSON.parse(
  readFileSync(new URL('../../../test/golden/tokenizer.json', import.meta.url), 'utf8'),
);
const tokenizers = Object.fromEntries(
  Object.entries(golden.cases).map(([name, { tokenizer }]) => [name, fromJson(tokenizer)]),
);

const special = (id: number, content: string): object => ({ id, content, special: true });
const oneOf = (decoder: object | null, tokens: readonly string[], more: object = {}): Tokenizer =>
  fromJson({
    added_tokens: [special(tokens.length, '<s>')],
    decoder,
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges: [], ...more },
  });

/** Tokens are single bytes, `</s>` is 256. */
const bytewise = fromJson({
  added_tokens: [special(256, '</s>')],
  decoder: { type: 'ByteLevel' },
  pre_tokenizer: { type: 'ByteLevel' },
  model: { type: 'BPE', vocab: Object.fromEntries(BYTE_CHARACTERS.map((token, id) => [token, id])), merges: [] },
});
/** The same by the other codec, because an added token strips spaces. */
const bytewiseOfLibrary = fromJson({
  added_tokens: [{ ...special(256, '</s>'), lstrip: true }],
  decoder: { type: 'ByteLevel' },
  pre_tokenizer: { type: 'ByteLevel' },
  model: { type: 'BPE', vocab: Object.fromEntries(BYTE_CHARACTERS.map((token, id) => [token, id])), merges: [] },
});
const byteTokens = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).padStart(2, '0').toUpperCase()}>`);
const byteFallback = [
  { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
  { type: 'ByteFallback' },
  { type: 'Fuse' },
];
const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 };
/** SentencePiece: 0 to 255 are bytes, then `▁`, `▁a`, `b`, an empty token, `<s>`. */
const sentencePiece = (decoders: readonly object[]): Tokenizer =>
  oneOf({ type: 'Sequence', decoders }, [...byteTokens, '▁', '▁a', 'b', ''], { byte_fallback: true });
const llama = sentencePiece([...byteFallback, strip]);
const gemma = sentencePiece(byteFallback);
const metaspace = oneOf({ type: 'Metaspace' }, ['▁', '▁a', 'b', '', '▁▁b']);
const joined = oneOf(null, ['a', 'b', '']);
const wordPiece = oneOf({ type: 'WordPiece', prefix: '##', cleanup: true }, ['a', '##b', '.', "'", '##', '']);
/** As CLIP's: the library replaces the suffix in the finished text. */
const byteLevelEndOfWord = oneOf({ type: 'ByteLevel' }, ['a', 'b</w>', '</', 'w>', 'Ã', '©'], {
  end_of_word_suffix: '</w>',
});
const endOfWord = oneOf({ type: 'BPEDecoder', suffix: '</w>' }, ['a', 'b</w>', '</', 'w>'], {
  end_of_word_suffix: '</w>',
});
const everyKind = {
  ...tokenizers,
  bytewise,
  bytewiseOfLibrary,
  llama,
  gemma,
  metaspace,
  joined,
  wordPiece,
  endOfWord,
  byteLevelEndOfWord,
};

function streamed(tokenizer: Tokenizer, ids: Iterable<number>, options?: TextStreamOptions) {
  const stream = new TextStream(tokenizer, options);
  const pieces: string[] = [];
  for (const id of ids) {
    pieces.push(stream.push(id));
    if (stream.stopped) break;
  }
  pieces.push(stream.finish());
  return { text: pieces.join(''), pieces, stopped: stream.stopped, starts: stream.starts };
}

/** Sequences in which bytes, text and special tokens follow one another often. */
function idsOf(tokenizer: Tokenizer): fc.Arbitrary<number[]> {
  const all = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
  const bytes = all.filter((id) => tokenizer.tokenBytes(id).some((byte) => byte >= 0x80));
  const some = (ids: readonly number[]) => fc.constantFrom(...(ids.length > 0 ? ids : all));
  return fc.array(fc.oneof(some(all), some(bytes), some([...tokenizer.specialIds])), { maxLength: 40 });
}

const lengthOf = (text: string): number => Buffer.byteLength(text);

describe.each(Object.entries(everyKind))('text of %s', (_, tokenizer) => {
  it.each([false, true])('is the decoded text of all tokens, special tokens skipped: %s', (skipSpecialTokens) => {
    fc.assert(
      fc.property(idsOf(tokenizer), (ids) => {
        const { text, pieces, starts } = streamed(tokenizer, ids, { skipSpecialTokens });
        expect(text).toBe(tokenizer.decode(ids, { skipSpecialTokens }));
        expect(pieces.some((piece) => /\p{Surrogate}/u.test(piece))).toBe(false);
        expect(starts).toHaveLength(ids.length);
        expect([...starts]).toEqual([...starts].sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  it.runIf(decodingRule(tokenizer) !== 'whole')('goes on from a context', () => {
    const plain = idsOf(tokenizer).map((ids) => ids.filter((id) => tokenizer.tokenBytes(id).every((b) => b < 0x80)));
    fc.assert(
      fc.property(plain, plain, (context, ids) => {
        // Behind empty tokens and one space, a first space may still be dropped.
        fc.pre(tokenizer.decode(context).trim() !== '');
        const before = tokenizer.decode(context).length;
        expect(streamed(tokenizer, ids, { context }).text).toBe(tokenizer.decode([...context, ...ids]).slice(before));
      }),
    );
  });
});

it('is not spoiled by bytes at the end of the context', () => {
  const context = [0xc3, 0xa9];
  for (const before of [context, [llama.idOf('b')!, ...context]]) {
    expect(streamed(llama, [0x0a, llama.idOf('b')!], { context: before }).text).toBe('\nb');
  }
});

it('keeps a first space behind a context of bytes alone', () => {
  const ids = [llama.idOf('▁')!, llama.idOf('▁a')!];
  expect(streamed(llama, ids, { context: [0x41] }).text).toBe('  a');
});

describe('text of bytes', () => {
  const cases: readonly (readonly [bytes: readonly number[], pieces: readonly string[]])[] = [
    [[...utf8.encode('é€📈')], ['', 'é', '', '', '€', '', '', '', '📈', '']],
    [
      [0xe2, 0x82, 0x61],
      ['', '', '\ufffda', ''],
    ],
    [
      [0xf0, 0x9f, 0xf0, 0x9f],
      ['', '', '\ufffd', '', '\ufffd'],
    ],
    [
      [0xff, 0xc0, 0xed, 0xa0],
      ['\ufffd', '\ufffd', '', '\ufffd\ufffd', ''],
    ],
    [
      [0xef, 0xbb, 0xbf],
      ['', '', '\ufeff', ''],
    ],
  ];
  it.each(cases)('%j comes as whole characters', (bytes, pieces) => {
    expect(streamed(bytewise, bytes).pieces).toEqual(pieces);
  });

  it('begins each token where a slow search for borders of characters says', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const decode = (bytes: readonly number[]): string => decoder.decode(Uint8Array.from(bytes));
    const anyByte = fc.oneof(fc.nat(255), fc.constantFrom(0x61, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x93, 0x88));
    fc.assert(
      fc.property(fc.array(anyByte, { maxLength: 16 }), (bytes) => {
        const whole = decode(bytes);
        const isBorder = (at: number) => decode(bytes.slice(0, at)) + decode(bytes.slice(at)) === whole;
        const expected = bytes.map((_, at) => {
          let border = at;
          while (!isBorder(border)) border--;
          return lengthOf(decode(bytes.slice(0, border))) + at - border;
        });
        expect(streamed(bytewise, bytes).starts).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('text of byte-fallback vocabularies', () => {
  const [space, a, b, empty] = [256, 257, 258, 259];

  it('waits for the end of a run of bytes, all of which the last may spoil', () => {
    const euro = [0xe2, 0x82, 0xac];
    expect(streamed(llama, [a, ...euro, 0x0a, b])).toMatchObject({
      pieces: ['a', '', '', '', '', '€\nb', ''],
      starts: [0, 1, 2, 3, 4, 5],
    });
    expect(streamed(llama, [a, ...euro, 0xff, b])).toMatchObject({
      pieces: ['a', '', '', '', '', '\ufffd\ufffd\ufffd\ufffdb', ''],
      starts: [0, 1, 4, 7, 10, 13],
    });
  });

  it('drops the first space, once', () => {
    expect(streamed(llama, [a, a])).toMatchObject({ pieces: ['a', ' a', ''], starts: [0, 1] });
    expect(streamed(llama, [empty, space, a]).text).toBe(' a');
    expect(streamed(llama, [0x20, 0x41, a])).toMatchObject({ text: 'A a', starts: [0, 0, 1] });
    expect(streamed(llama, [a], { context: [b] }).text).toBe(' a');
    expect(streamed(llama, [a], { context: [b, 0x0a] }).text).toBe(' a');
    expect(streamed(llama, [a], { context: [b, empty] }).text).toBe(' a');
    expect(streamed(gemma, [a]).text).toBe(' a');
  });

  it('lets a run go on across skipped tokens', () => {
    const mark = 260;
    const ids = [a, 0xc3, mark, 0xa9, b];
    const { text, starts } = streamed(llama, ids, { skipSpecialTokens: true });
    expect([text, starts]).toEqual(['aéb', [0, 1, 2, 2, 3]]);
    expect(streamed(llama, ids).text).toBe('a\ufffd<s>\ufffdb');
  });

  it('begins other tokens where the text before them ends', () => {
    fc.assert(
      fc.property(idsOf(llama), (ids) => {
        const { starts } = streamed(llama, ids);
        for (const [i, id] of ids.entries())
          if (id >= 256) expect(starts[i]).toBe(lengthOf(llama.decode(ids.slice(0, i))));
      }),
    );
  });
});

it('knows how each decoder works', () => {
  const rules = Object.fromEntries(Object.entries(everyKind).map(([name, each]) => [name, decodingRule(each)]));
  expect(rules).toMatchObject({
    'byte-level, GPT-2 words': 'bytes',
    'BPE over characters': 'pieces',
    'BPE with byte fallback': 'byte-runs',
    WordPiece: 'pieces',
    Unigram: 'pieces',
    bytewiseOfLibrary: 'bytes',
    llama: 'byte-runs',
    endOfWord: 'whole',
    byteLevelEndOfWord: 'whole',
  });
  expect(decodingRule(oneOf({ type: 'Sequence', decoders: [{ type: 'Fuse' }, strip] }, ['a']))).toBe('whole');
  expect(decodingRule(oneOf({ type: 'Sequence', decoders: [{ type: 'Metaspace' }, strip] }, ['a']))).toBe('whole');
  expect(decodingRule({ ...llama, files: [] })).toBe('whole');
});

describe('stopping', () => {
  const stopped = (text: string, options: TextStreamOptions) =>
    streamed(bytewise, [...utf8.encode(text), ...(options.stopTokenIds ?? [])], options);

  it('ends before a stop string, across tokens', () => {
    const { pieces, stopped: stop } = stopped('one\n\ntwo', { stop: ['\n\n'] });
    expect(pieces).toEqual(['o', 'n', 'e', '', '', '']);
    expect(stop).toEqual({ by: { kind: 'string', text: '\n\n' }, keptTokens: 3 });
    expect(stopped('one\n\ntwo', { stop: ['\n\n'], includeStop: true })).toMatchObject({
      text: 'one\n\n',
      stopped: { keptTokens: 5 },
    });
  });

  it('gives back what was not a stop string after all', () => {
    expect(stopped('ababac', { stop: ['abac!', 'bad'] }).pieces).toEqual(['', '', '', 'ab', '', '', 'abac']);
  });

  it('takes the string that is complete first, then the longest', () => {
    const by = (stop: readonly string[]) => stopped('x<end>y', { stop }).stopped?.by;
    expect(by(['<end>', 'nd'])).toEqual({ kind: 'string', text: 'nd' });
    expect(by(['d>', 'end>', '>'])).toEqual({ kind: 'string', text: 'end>' });
    expect(by(['<end>y', 'nowhere'])).toEqual({ kind: 'string', text: '<end>y' });
  });

  it('counts the tokens of the kept text, a last one that reaches beyond it too', () => {
    const tokenizer = tokenizers['byte-level, GPT-2 words'];
    const ids = tokenizer.encode('The margin grew.', { addSpecialTokens: false });
    const lengths = [...ids].map((id) => tokenizer.tokenBytes(id).length);
    const inside = lengths.findIndex((length) => length > 1);
    const kept = lengths.slice(0, inside).reduce((sum, length) => sum + length, 0) + 1;
    const stop = ['The margin grew.'.slice(kept)];
    expect(streamed(tokenizer, ids, { stop })).toMatchObject({
      text: 'The margin grew.'.slice(0, kept),
      stopped: { keptTokens: inside + 1 },
    });
  });

  it('ends at a stop token, with what was waiting', () => {
    expect(stopped('on\n', { stop: ['\n\n'], stopTokenIds: [256] })).toMatchObject({
      text: 'on\n',
      stopped: { by: { kind: 'token', id: 256 }, keptTokens: 3 },
      starts: [0, 1, 2, 3],
    });
    expect(stopped('a', { stopTokenIds: [256], includeStop: true })).toMatchObject({
      text: 'a</s>',
      stopped: { keptTokens: 2 },
    });
    const shown = { stopTokenIds: [256], includeStop: true, skipSpecialTokens: true };
    expect(stopped('a', shown)).toMatchObject({ text: 'a', stopped: { keptTokens: 2 } });
    expect(streamed(bytewise, [0xe2, 0x82, 256], { stopTokenIds: [256] }).text).toBe('\ufffd');
  });

  it('finds a stop string in the text that the end completes', () => {
    const options = { stop: ['\n'], stopTokenIds: [260] };
    for (const ids of [
      [257, 0x0a],
      [257, 0x0a, 260],
    ]) {
      expect(streamed(llama, ids, options)).toMatchObject({
        text: 'a',
        stopped: { by: { kind: 'string', text: '\n' }, keptTokens: 1 },
      });
    }
  });

  it('agrees with a search in the whole text', () => {
    const letters = fc.constantFrom('a', 'b', 'é', '📈', '\ud83d\udcc9');
    const word = (minLength: number, maxLength: number) => fc.string({ unit: letters, minLength, maxLength });
    fc.assert(
      fc.property(
        word(0, 30),
        fc.array(word(1, 5), { maxLength: 4 }),
        fc.boolean(),
        fc.constantFrom(bytewise, llama),
        (text, stop, includeStop, tokenizer) => {
          let first: { readonly end: number; readonly stop: string } | undefined;
          for (let end = 1; end <= text.length && first === undefined; end++) {
            const here = stop.filter((each) => text.slice(0, end).endsWith(each)).sort((x, y) => y.length - x.length);
            if (here.length > 0) first = { end, stop: here[0] };
          }
          const kept = first ? text.slice(0, first.end - (includeStop ? 0 : first.stop.length)) : text;
          const result = streamed(tokenizer, utf8.encode(text), { stop, includeStop });
          expect(result.text).toBe(kept);
          expect(result.stopped).toEqual(
            first && { by: { kind: 'string', text: first.stop }, keptTokens: lengthOf(kept) },
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('takes nothing after the end', () => {
    const stream = new TextStream(bytewise, { stopTokenIds: [256] });
    stream.push(256);
    expect(() => stream.push(0x61)).toThrow(/^The text has ended/);
    expect(stream.finish()).toBe('');
    const finished = new TextStream(bytewise);
    expect([finished.push(0xe2), finished.finish(), finished.finish()]).toEqual(['', '\ufffd', '']);
    expect(() => finished.push(0x61)).toThrow(/^The text has ended/);
  });

  it('refuses what cannot stop a text', () => {
    const make = (options: TextStreamOptions) => () => new TextStream(bytewise, options);
    expect(make({ stop: ['a', ''] })).toThrow(/^stop\.1: found an empty string/);
    expect(make({ stop: ['x'.repeat(1025)] })).toThrow(/^stop\.0: found 1025 UTF-16 units/);
    expect(make({ stop: ['\ud83d'] })).toThrow(/^stop\.0: found a lone surrogate/);
    expect(make({ stop: new Array(65).fill('a') })).toThrow(/^stop: found 65 strings/);
    for (const id of [-1, 257, 0.5, Number.NaN]) expect(make({ stopTokenIds: [id] })).toThrow(UsageError);
    expect(make({ stop: new Array(64).fill('x'.repeat(1024)) })).not.toThrow();
  });

  it('refuses ids outside the vocabulary and goes on without them', () => {
    for (const [tokenizer, id, text] of [
      [bytewise, 0xc3, '\ufffd'],
      [llama, 0xc3, '\ufffd'],
      [endOfWord, 0, 'a'],
    ] as const) {
      const stream = new TextStream(tokenizer);
      stream.push(id);
      expect(() => stream.push(tokenizer.vocabSize)).toThrow(InputError);
      expect(stream.finish()).toBe(text);
    }
  });

  it('returns nothing of what the last token has behind the stop', () => {
    // `â` is the byte 0xe2, which begins a character.
    const tokenizer = oneOf({ type: 'ByteLevel' }, ['a', 'bâ']);
    expect(streamed(tokenizer, [0, 1], { stop: ['b'] })).toMatchObject({ text: 'a', stopped: { keptTokens: 1 } });
  });
});

describe('work', () => {
  const TOKENS = 100_000;

  /** How many ids are decoded and how many bytes are asked for while `ids` are streamed. */
  function counted(tokenizer: Tokenizer, ids: Iterable<number>): number {
    let count = 0;
    const watched: Tokenizer = {
      ...tokenizer,
      decode: (some, options) => {
        count += some.length;
        return tokenizer.decode(some, options);
      },
      tokenBytes: (id) => {
        count++;
        return tokenizer.tokenBytes(id);
      },
    };
    streamed(watched, ids);
    return count;
  }

  it('is linear in the tokens, for one run of bytes and for mixed ones', () => {
    const euros = Array.from({ length: TOKENS }, (_, i) => [0xe2, 0x82, 0xac][i % 3]);
    const mixed = euros.map((byte, i) => (i % 7 < 3 ? 257 : byte));
    expect(counted(bytewise, euros)).toBeLessThanOrEqual(2 * TOKENS);
    for (const ids of [euros, mixed]) expect(counted(llama, ids)).toBeLessThanOrEqual(6 * TOKENS);
    expect(
      counted(
        metaspace,
        mixed.map((id) => id % 5),
      ),
    ).toBeLessThanOrEqual(6 * TOKENS);
  });

  it('is linear in the text when stop strings nearly match all the time', () => {
    const stop = ['a'.repeat(1_000), `${'a'.repeat(999)}b`, `${'ab'.repeat(400)}c`];
    const text = utf8.encode(`${'a'.repeat(998)}c`.repeat(50) + 'ab'.repeat(25_000));
    const stream = new TextStream(bytewise, { stop });
    const get = Map.prototype.get;
    let lookups = 0;
    let kept = '';
    // biome-ignore lint/suspicious/noExplicitAny: counts every lookup, of whatever map
    Map.prototype.get = function (this: Map<any, any>, key) {
      lookups++;
      return get.call(this, key);
    };
    try {
      for (const byte of text) kept += stream.push(byte);
    } finally {
      Map.prototype.get = get;
    }
    expect(kept + stream.finish()).toBe(new TextDecoder().decode(text));
    expect(lookups).toBeGreaterThanOrEqual(text.length);
    expect(lookups).toBeLessThanOrEqual(2 * text.length);
  });
});
