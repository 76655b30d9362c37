import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedIds, smallTokenizer, WORDS } from '../../../test/support/constraints.ts';
import { UsageError } from '../../errors.ts';
import { loadTokenizer } from '../../tokenizer/load.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { State } from './automaton.ts';
import { jsonConstraint, jsonSchemaConstraint } from './json-constraint.ts';
import { regexConstraint } from './regex-constraint.ts';
import type { CompiledConstraint, TokenConstraint } from './token-constraint.ts';
import { tokenTrie } from './token-trie.ts';

const tokenizer = smallTokenizer(WORDS);
const EOS = tokenizer.eosId!;

const PERSON = {
  type: 'object',
  properties: { name: { type: 'string' }, kind: { enum: ['bond', 'share'] }, tags: { type: 'array', items: {} } },
  required: ['name', 'kind'],
};
const CONSTRAINTS: readonly (readonly [string, CompiledConstraint])[] = [
  ['a pattern', regexConstraint('(a|bc|é€|😀)*[^a]{0,3}', tokenizer)],
  ['any JSON', jsonConstraint(tokenizer, { whitespace: 'flexible' })],
  ['a schema', jsonSchemaConstraint(PERSON, tokenizer)],
];

const read = (constraint: TokenConstraint, text: string): TokenConstraint => {
  for (const id of tokenizer.encode(text, { addSpecialTokens: false })) constraint.advance(id);
  return constraint;
};

/** The ids that are allowed, by trying each token byte by byte. */
function allowedByTrying(compiled: CompiledConstraint, state: State): number[] {
  const { automaton } = compiled;
  const ids: number[] = [];
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    if (tokenizer.controlIds.has(id)) {
      if (state.accepts && id === EOS) ids.push(id);
      continue;
    }
    let at: State | null = state;
    for (const byte of tokenizer.tokenBytes(id)) at = at && automaton.step(at, automaton.classOf[byte]);
    if (at !== null) ids.push(id);
  }
  return ids;
}

describe.each(CONSTRAINTS)('the mask of %s', (_name, compiled) => {
  it('allows what the automaton reads, token by token', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 25 }), (choices) => {
        const constraint = compiled.start();
        let state = compiled.automaton.start();
        for (const choice of choices) {
          const ids = allowedIds(constraint.mask());
          expect(ids).toEqual(allowedByTrying(compiled, state));
          expect(constraint.isDone).toBe(ids.every((id) => id === EOS));
          expect(constraint.canEnd).toBe(ids.includes(EOS));
          const id = ids[choice % ids.length];
          if (id === EOS) return;
          constraint.advance(id);
          for (const byte of tokenizer.tokenBytes(id)) {
            state = compiled.automaton.step(state, compiled.automaton.classOf[byte])!;
          }
        }
      }),
      { numRuns: 100, seed: 8 },
    );
  });

  it('refuses to advance by any other token, and stays where it was', () => {
    const constraint = compiled.start();
    const before = constraint.mask();
    for (let id = -1; id <= tokenizer.vocabSize; id++) {
      if (id === EOS || allowedIds(before).includes(id)) continue;
      expect(() => constraint.advance(id)).toThrow(/not allowed here/);
    }
    expect(() => constraint.advance(Number.NaN)).toThrow(/not allowed here/);
    expect(constraint.mask()).toBe(before);
  });

  it('is the same after everything was forgotten', () => {
    const constraint = compiled.start();
    for (let i = 0; i < 12 && !constraint.isDone; i++) {
      const ids = allowedIds(constraint.mask()).filter((id) => id !== EOS);
      compiled.automaton.forget();
      expect(allowedIds(constraint.mask()).filter((id) => id !== EOS)).toEqual(ids);
      constraint.advance(ids[(i * 7) % ids.length]);
    }
  });
});

describe('a constraint', () => {
  it('never allows control tokens, though their text may be written', () => {
    const compiled = regexConstraint('<tool_call>|<\\|im_end\\|>', tokenizer);
    const control = [...tokenizer.controlIds];
    expect(allowedIds(compiled.start().mask()).filter((id) => control.includes(id))).toEqual([]);
    const constraint = read(compiled.start(), '<tool_call>');
    expect(constraint.isDone && constraint.canEnd).toBe(true);
    expect(() => compiled.start().advance(tokenizer.idOf('<tool_call>')!)).toThrow(/not allowed/);
  });

  it('ends with the end tokens that were asked for, and allows nothing after', () => {
    const endIds = [tokenizer.idOf('<|im_end|>')!, EOS];
    const constraint = regexConstraint('a+', tokenizer, { endIds, vocabSize: 600 }).start();
    expect(constraint.mask().length).toBe(19);
    expect(() => constraint.advance(EOS)).toThrow(/not allowed/);
    read(constraint, 'a');
    expect(allowedIds(constraint.mask()).filter((id) => endIds.includes(id))).toEqual(
      [...endIds].sort((a, b) => a - b),
    );
    constraint.advance(endIds[0]);
    expect([constraint.canEnd, constraint.isDone]).toEqual([false, true]);
    expect(allowedIds(constraint.mask())).toEqual([]);
    expect(() => constraint.advance(EOS)).toThrow(/not allowed/);
    expect(constraint.forced().length).toBe(0);
  });

  it('forks without disturbing the other', () => {
    const constraint = read(regexConstraint('ab*c', tokenizer).start(), 'a');
    const mask = [...constraint.mask()];
    const fork = constraint.fork();
    read(fork, 'c');
    expect(fork.isDone).toBe(true);
    expect([...constraint.mask()]).toEqual(mask);
    read(constraint, 'bbc');
  });

  it('writes characters whose bytes are split over tokens', () => {
    const constraint = regexConstraint('é€', tokenizer).start();
    const half = tokenTrie(tokenizer).ids.find(
      (id) => Buffer.from(tokenizer.tokenBytes(id)).toString('hex') === 'c3a9e282',
    )!;
    constraint.advance(half);
    expect(constraint.canEnd).toBe(false);
    const ids = allowedIds(constraint.mask());
    expect(ids.map((id) => Buffer.from(tokenizer.tokenBytes(id)).toString('hex'))).toEqual(['ac']);
    constraint.advance(ids[0]);
    expect(constraint.isDone).toBe(true);
  });
});

describe('forced tokens', () => {
  /** The bytes that must come next, by trying all. */
  function onlyContinuation(compiled: CompiledConstraint, text: string): string {
    const { automaton } = compiled;
    let state = automaton.start();
    for (const byte of Buffer.from(text)) state = automaton.step(state, automaton.classOf[byte])!;
    const bytes: number[] = [];
    while (!state.accepts) {
      const next = Array.from({ length: 256 }, (_, byte) => byte).filter(
        (byte) => automaton.step(state, automaton.classOf[byte]) !== null,
      );
      if (next.length !== 1) break;
      bytes.push(next[0]);
      state = automaton.step(state, automaton.classOf[next[0]])!;
    }
    return Buffer.from(bytes).toString();
  }

  it.each(['', '{"name":"x', '{"name":"x"', '{"name":"x","kind":"b', '{"name":"x","kind":"s'])('after %j', (text) => {
    const compiled = jsonSchemaConstraint(PERSON, tokenizer);
    const constraint = read(compiled.start(), text);
    const ids = constraint.forced();
    const written = tokenizer.decode(ids);
    const run = onlyContinuation(compiled, text);
    expect(run.startsWith(written)).toBe(true);
    if (run.length > 4) expect(written.length).toBeGreaterThan(0);
    for (const id of ids) constraint.advance(id);
  });

  it('reach the end where nothing can follow, and stop before a token that might be longer', () => {
    expect(tokenizer.decode(regexConstraint('true', tokenizer).start().forced())).toBe('true');
    // After `"a":` comes a quotation mark or not, and `":"` is a token.
    const constraint = regexConstraint('\\{"bb":"?x', tokenizer).start();
    expect(tokenizer.decode(constraint.forced())).toBe('{"bb');
    expect(regexConstraint('a?', tokenizer).start().forced().length).toBe(0);
    // Both begin with the byte C3, which is no character.
    expect(regexConstraint('[éè]', tokenizer).start().forced().length).toBe(0);
  });
});

describe('vocabularies', () => {
  const fake = (tokens: readonly string[], fields: Partial<Tokenizer> = {}): Tokenizer => ({
    ...tokenizer,
    vocabSize: tokens.length,
    tokenOf: (id) => tokens[id],
    tokenBytes: (id) => Buffer.from(tokens[id], 'latin1'),
    controlIds: new Set(),
    specialIds: new Set(),
    bosId: undefined,
    eosId: undefined,
    padId: undefined,
    ...fields,
  });

  it('must stand for exact bytes', () => {
    expect(() => regexConstraint('a', fake(['a'], { exactBytes: false }))).toThrow(UsageError);
  });

  it('that lack a byte are never led where only it goes on', () => {
    const constraint = regexConstraint('a(b|xc)|ad', fake(['a', 'ax', 'b', 'c', 'd'])).start();
    // Without a token `x`, the text `axc` is not written, though `ax` and `c` would do.
    expect(allowedIds(constraint.mask())).toEqual([0]);
    constraint.advance(0);
    expect(allowedIds(constraint.mask())).toEqual([2, 4]);
    expect(() => regexConstraint('xx', fake(['a', 'ax']))).toThrow(/no text meets/);
  });

  it('may have tokens alike, tokens without bytes and very long ones', () => {
    const long = 'a'.repeat(2_000);
    const constraint = regexConstraint('a{1,3}', fake(['a', '', 'aa', 'a', long, 'aaaa'])).start();
    expect(allowedIds(constraint.mask())).toEqual([0, 2, 3]);
    expect(() => constraint.advance(1)).toThrow(/not allowed/);
  });

  it.each([
    ['endIds', { endIds: [999_999] }],
    ['endIds', { endIds: [-1] }],
    ['endIds', { endIds: [tokenizer.idOf('a')!] }],
    ['vocabSize', { vocabSize: 10 }],
    ['maxDepth', { maxDepth: 0 }],
    ['maxDepth', { maxDepth: 1_000 }],
  ])('check %s %#', (field, options) => {
    expect(() => jsonConstraint(tokenizer, options)).toThrow(UsageError);
    expect(() => jsonConstraint(tokenizer, options)).toThrow(new RegExp(`^${field}: `));
  });

  it('have their tree once', () => {
    expect(tokenTrie(tokenizer)).toBe(tokenTrie(tokenizer));
  });
});

const GPT2 = fileURLToPath(new URL('../../../../shared/data/models/gpt2_tokenizer', import.meta.url));

describe.runIf(existsSync(GPT2))('a vocabulary of 50,257 tokens', () => {
  it('writes values of a schema', async () => {
    const gpt2 = await loadTokenizer(GPT2);
    const compiled = jsonSchemaConstraint(PERSON, gpt2);
    const constraint = compiled.start();
    const taken: number[] = [];
    for (const id of gpt2.encode('{"name":"São €","kind":"share","tags":[1,{"a":"\\u00e9"}]}')) {
      expect(allowedIds(constraint.mask())).toContain(id);
      constraint.advance(id);
      taken.push(id);
    }
    expect([constraint.canEnd, constraint.isDone]).toEqual([true, true]);
    expect(JSON.parse(gpt2.decode(taken))).toEqual({ name: 'São €', kind: 'share', tags: [1, { a: 'é' }] });
  });
});
