import { describe, expect, it } from 'vitest';
import { BYTE_CHARACTERS, charactersOfBytes } from '../tokenizer/byte-alphabet.ts';
import { tokenizerOf } from '../tokenizer/load.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import type { CachedSequence } from './cache/kv-cache.ts';
import { checkRequest, type GenerationRequest } from './request.ts';
import { Sequence } from './sequence.ts';
import type { DecodingTool } from './tools/decoding-tool.ts';
import type { ToolInsertion } from './tools/tool-insertion.ts';

const tokenizerOfJson = (json: object): Tokenizer =>
  tokenizerOf([{ name: 'tokenizer.json', bytes: new TextEncoder().encode(JSON.stringify(json)) }]);
const vocabularyOf = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));

/** Bytes, and the given tokens of two parts. */
const byteLevel = (pairs: readonly (readonly [string, string])[]): Tokenizer =>
  tokenizerOfJson({
    decoder: { type: 'ByteLevel' },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: false },
    model: {
      type: 'BPE',
      vocab: vocabularyOf([...BYTE_CHARACTERS, ...pairs.map((pair) => pair.join(''))]),
      merges: [],
    },
  });

/** As Llama 2 has them: ▁ before every text that is encoded, spaces as ▁, and bytes for what is no token. */
const replace = (from: string, content: string) => ({ type: 'Replace', pattern: { String: from }, content });
const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).padStart(2, '0').toUpperCase()}>`);
const merges = [
  ['▁', '5'],
  ['>', '9'],
  ['▁', ')'],
  ['▁)', '9'],
];
const sentencePiece = tokenizerOfJson({
  normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, replace(' ', '▁')] },
  decoder: {
    type: 'Sequence',
    decoders: [
      replace('▁', ' '),
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'BPE',
    byte_fallback: true,
    fuse_unk: true,
    vocab: vocabularyOf([...bytes, ...'▁5912()->xy', ...merges.map((pair) => pair.join(''))]),
    merges,
  },
});

const arrow = { open: '(', close: ')->' };

interface Told {
  readonly text: string;
  readonly pieces: readonly string[];
  /** What the model did not choose. */
  readonly inserted: string;
  readonly calls: readonly string[];
}

interface Options {
  readonly trigger?: DecodingTool['trigger'];
  readonly sampling?: GenerationRequest['sampling'];
}

/**
 * An answer whose tokens are known: the model says `tokens`, in order, whatever stands before them.
 * @param answers what the tool says to its calls, in turn
 */
function told(
  tokenizer: Tokenizer,
  tokens: readonly string[],
  answers: readonly string[],
  { trigger = arrow, sampling = {} }: Options = {},
): Told {
  const tool: DecodingTool = { name: 'tool', trigger, run: () => '' };
  const request = checkRequest(
    { prompt: [tokenizer.idOf('x')!], tools: [tool], sampling: { ...sampling, temperature: 0 }, stopIds: [] },
    { vocabulary: tokenizer.vocabSize, capacity: 100, slots: 1, endId: undefined },
  );
  const read: number[] = [...request.prompt];
  const cached: CachedSequence = {
    get length() {
      return read.length;
    },
    stepTokens: 100,
    append: (ids) => void read.push(...Array.from(ids)),
    truncate: (length) => void read.splice(length),
    fork: () => undefined,
    release: () => {},
  };
  const sequence = new Sequence(0, cached, [], request, { tokenizer, vocabulary: tokenizer.vocabSize });
  const pieces: string[] = [];
  const [kept, inserted, calls]: [number[], number[], string[]] = [[], [], []];
  const keep = (events: ReturnType<Sequence['advance']>) => {
    for (const { text, token } of events) {
      pieces.push(text);
      if (token) kept.push(token.id);
      if (token && !token.sampled) inserted.push(token.id);
    }
  };
  for (const token of tokens) {
    const id = tokenizer.idOf(token);
    if (id === undefined) throw new Error(`no token ${token}`);
    const logits = new Float32Array(tokenizer.vocabSize);
    logits[id] = 1;
    keep(sequence.advance(logits));
    if (sequence.call) {
      const text = answers[calls.length];
      calls.push(sequence.call.body);
      const spans: ToolInsertion['spans'] = text === '' ? [] : [{ text, source: 'content', trained: false }];
      keep(sequence.insert({ tool: 'tool', text, spans }));
    }
    // What a model reads before it goes on: everything, once.
    expect(sequence.pending.length).toBeGreaterThan(0);
    cached.append(sequence.pending);
    expect(read).toEqual([...request.prompt, ...kept]);
  }
  const context = tokenizer.decode(request.prompt);
  return {
    text: tokenizer.decode([...request.prompt, ...kept]).slice(context.length),
    pieces,
    inserted: tokenizer.decode([...request.prompt, ...inserted]).slice(context.length),
    calls,
  };
}

describe('what a tool says', () => {
  it.each(['5', ' 5', '  5', '125', '\n5', 'é5'])('is spelled as it is, behind a ▁ vocabulary too: %j', (answer) => {
    const { text, pieces } = told(sentencePiece, ['1', '(', '2', ')', '-', '>', '9'], [answer]);
    expect(text).toBe(`1(2)->${answer}9`);
    expect(pieces.join('')).toBe(text);
  });

  it('comes in place of what the model wrote on within a token', () => {
    const { text, inserted } = told(sentencePiece, ['1', '(', '2', ')', '-', '>9', 'y'], ['5']);
    expect(text).toBe('1(2)->5y');
    expect(inserted).toBe('>5');
  });

  it('leaves no trace of what was taken back in the penalties', () => {
    const sampling = { frequencyPenalty: 2 };
    const { text } = told(sentencePiece, ['(', '2', ')', '-', '>9', '>9'], ['5'], { sampling });
    expect(text).toBe('(2)->5>9');
  });

  it('leaves the space before the end of a call', () => {
    const { text, calls } = told(sentencePiece, ['(', '2', '▁)9', 'y'], ['5'], { trigger: { open: '(', close: ')' } });
    expect(text).toBe('(2 )5y');
    expect(calls).toEqual(['2 ']);
  });

  it.each(['5', ''])('comes in place of a whole token, behind bytes that only it made certain: %j', (answer) => {
    const trigger = { open: '(', close: '\n' };
    const { text, pieces } = told(sentencePiece, ['(', '2', '<0x0A>', '▁5', 'y'], [answer], { trigger });
    expect(text).toBe(`(2\n${answer}y`);
    expect(pieces.join('')).toBe(text);
  });

  it('is no beginning of a call, nor half of one', () => {
    const trigger = { open: '→', close: ')' };
    const said = told(sentencePiece, ['<0xE2>', '<0x86>', '<0x92>', '2', ')', '1', ')', 'y'], ['5→', '9'], { trigger });
    expect(said.text).toBe('→2)5→1)y');
    expect(said.calls).toEqual(['2']);
  });

  it('may be followed by a call at once', () => {
    const said = told(sentencePiece, ['(', '2', ')', '<0x0A>', '1', ')', 'y'], ['é', '9'], {
      trigger: { open: '\n', close: ')' },
    });
    expect(said.text).toBe('(2)\n1)éy');
    const bytewise = told(byteLevel([]), ['(', '2', ')', '(', '1', ')', 'y'], ['é', '9'], {
      trigger: { open: '(', close: ')' },
    });
    expect(bytewise.text).toBe('(2)é(1)9y');
    const pieces = told(sentencePiece, ['(', '2', ')', '(', '1', ')', 'y'], ['é', '9'], {
      trigger: { open: '(', close: ')' },
    });
    expect(pieces.text).toBe('(2)é(1)9y');
  });
});

describe('a call that ends inside a token of bytes', () => {
  const ofBytes = (...all: readonly number[]) => charactersOfBytes(Uint8Array.from(all));
  const [lead, tail] = Buffer.from('é');

  it('loses the half of a character behind it', () => {
    const half = ofBytes(lead);
    const { text } = told(byteLevel([['>', half]]), ['(', '2', ')', '-', `>${half}`, 'y'], ['5']);
    expect(text).toBe('(2)->5y');
  });

  it('keeps the half of a character before its end', () => {
    const token = [ofBytes(tail), '9'] as const;
    const spoken = ['(', '2', ofBytes(lead), token.join(''), 'y'];
    const { text, inserted } = told(byteLevel([token]), spoken, ['5'], { trigger: { open: '(', close: 'é' } });
    expect(text).toBe('(2é5y');
    expect(inserted).toBe('\ufffd5');
  });

  it('forgets that half: what the model writes later does not complete it', () => {
    const end = [')', ofBytes(lead)] as const;
    const spoken = [ofBytes(lead), ofBytes(tail), '2', end.join(''), ofBytes(tail), '1', ')', 'y'];
    const { text, calls } = told(byteLevel([end]), spoken, ['5'], { trigger: { open: 'é', close: ')' } });
    expect(text).toBe('é2)5\ufffd1)y');
    expect(calls).toEqual(['2']);
  });
});
