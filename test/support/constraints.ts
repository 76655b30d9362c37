/** What the tests of constraints share: small vocabularies, texts read byte by byte, and walks over masks. */

import type { State } from '../../src/generate/constraints/automaton.ts';
import type { CompiledConstraint } from '../../src/generate/constraints/token-constraint.ts';
import { charactersOfBytes } from '../../src/tokenizer/byte-alphabet.ts';
import { tokenizerOf } from '../../src/tokenizer/load.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';
import { tokenizerFiles } from '../../src/tokenizer/train/tokenizer-files.ts';

/** A byte-level tokenizer with tokens for all bytes and for all beginnings of some words of two or more bytes. */
export function smallTokenizer(words: readonly (string | Uint8Array)[]): Tokenizer {
  const merges = new Map<string, { left: string; right: string; count: number }>();
  for (const word of words) {
    const characters = charactersOfBytes(typeof word === 'string' ? Buffer.from(word) : word);
    for (let end = 2; end <= characters.length; end++) {
      const [left, right] = [characters.slice(0, end - 1), characters[end - 1]];
      merges.set(left + right, { left, right, count: 1 });
    }
  }
  return tokenizerOf(tokenizerFiles([...merges.values()]));
}

/** Words of several bytes as vocabularies have them, among them halves of characters joined to their neighbours. */
export const WORDS: readonly (string | Uint8Array)[] = [
  'ab', 'abc', 'ba', 'cc', 'aaaa', '12', '2024-', '":"', '":', '", "', '","', '{"', '"}', '}}', ']}', '},{"', '[1', ',2',
  'true', 'false', 'null', ' null', '-1', '.5', 'e+', '\\n', '\\u00', '\\ud83d', '"a":', 'é', '€a', '😀', '😀"', '\n\n',
  Buffer.from('é€').subarray(0, 4),
  Buffer.from('a😀').subarray(0, 3),
  Buffer.from('b€').subarray(0, 2),
]; // biome-ignore format: one word after the other

/** Whether the automaton accepts the text. */
export function accepts({ automaton }: CompiledConstraint, text: string | Uint8Array): boolean {
  let state: State | null = automaton.start();
  for (const byte of Buffer.from(text as string)) {
    if (state !== null) state = automaton.step(state, automaton.classOf[byte]);
  }
  return state?.accepts ?? false;
}

export function allowedIds(mask: Uint32Array): number[] {
  const ids: number[] = [];
  for (let id = 0; id < mask.length * 32; id++) if ((mask[id >>> 5] >>> (id & 31)) & 1) ids.push(id);
  return ids;
}

/** The shortest bytes that lead from the text so far to one that is accepted; throws at a dead end. */
function shortestEnding({ automaton }: CompiledConstraint, text: Uint8Array): number[] {
  let start: State | null = automaton.start();
  for (const byte of text) start = start && automaton.step(start, automaton.classOf[byte]);
  if (start === null) throw new Error('not the beginning of an accepted text');
  const before = new Map<State, { readonly state: State; readonly byte: number } | undefined>([[start, undefined]]);
  for (const [state] of before) {
    if (state.accepts) {
      const bytes: number[] = [];
      for (let step = before.get(state); step !== undefined; step = before.get(step.state)) bytes.unshift(step.byte);
      return bytes;
    }
    for (let byte = 0; byte < 256; byte++) {
      // Classes are ranges of bytes; one byte of each will do.
      if (byte > 0 && automaton.classOf[byte] === automaton.classOf[byte - 1]) continue;
      const next = automaton.step(state, automaton.classOf[byte]);
      if (next !== null && !before.has(next)) before.set(next, { state, byte });
    }
  }
  throw new Error('a dead end');
}

/**
 * Takes tokens as the choices say until they are used up or the end is chosen, then the shortest way to the end. The text
 * of all tokens.
 */
export function walk(compiled: CompiledConstraint, tokenizer: Tokenizer, choices: readonly number[]): string {
  const constraint = compiled.start();
  const taken: number[] = [];
  for (const choice of choices) {
    const ids = allowedIds(constraint.mask());
    if (ids.length === 0) throw new Error('a dead end');
    const id = ids[choice % ids.length];
    constraint.advance(id);
    if (compiled.endIds.has(id)) return textOf(bytesOf(tokenizer, taken));
    taken.push(id);
  }
  const text = bytesOf(tokenizer, taken);
  const ending = shortestEnding(compiled, text);
  for (const byte of ending) constraint.advance(tokenizer.idOf(charactersOfBytes(Uint8Array.of(byte)))!);
  if (!constraint.canEnd) throw new Error('the constraint does not end where the automaton does');
  return textOf(Buffer.concat([text, Uint8Array.from(ending)]));
}

const bytesOf = (tokenizer: Tokenizer, ids: readonly number[]): Uint8Array =>
  Buffer.concat(ids.map((id) => tokenizer.tokenBytes(id)));

/** Decodes strictly: what is not UTF-8 throws. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
