/** Which tokens may come next, so that the text of all tokens is one that a constraint accepts. */

import { UsageError } from '../../errors.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { Automaton, type State } from './automaton.ts';
import type { Grammar } from './expression.ts';
import { buildNetwork } from './network.ts';
import { standsForText, type TokenTrie, tokenTrie } from './token-trie.ts';

/** Masks kept in memory, in bytes. */
const MAX_MASK_BYTES = 64 * 2 ** 20;
/** Bytes looked ahead for a forced run. */
const MAX_FORCED_BYTES = 1_024;
const MAX_DEPTH = 256;
const DEFAULT_DEPTH = 64;

/**
 * The constraint of one sequence that is being generated, after the tokens so far. `mask`, `advance` and `forced` throw a
 * `UsageError` when a constraint turns out to be too ambiguous to be followed in bounded time.
 */
export interface TokenConstraint {
  /**
   * [ceil(vocabSize / 32)] bit `id % 32` of word `id / 32` is set if the token may come next. Each token allowed leads to a
   * text that can be finished. End tokens are among them when `canEnd`. Shared, and not to be changed.
   */
  mask(): Uint32Array;
  /** Takes the token that came next. Throws an `Error` for one that the mask does not allow. */
  advance(id: number): void;
  /** Whether the text so far is accepted as it is. */
  readonly canEnd: boolean;
  /** Whether nothing but an end token can follow. */
  readonly isDone: boolean;
  /**
   * Tokens that can be taken without asking the model, because only one text can follow: as the tokenizer writes it, without
   * a last token that might have been longer. Often empty.
   */
  forced(): Int32Array;
  /** A constraint at the same place that goes its own way. */
  fork(): TokenConstraint;
}

export interface ConstraintOptions {
  /** Tokens that end the text. Default: the tokenizer's `eosId`, if it has one. */
  readonly endIds?: readonly number[];
  /** Logits that the model has, if there are more than tokens; those beyond are never allowed. */
  readonly vocabSize?: number;
  /** How deep values may nest where a schema refers back to itself, 1 to 256. Default 64. */
  readonly maxDepth?: number;
}

/** A constraint made ready for a tokenizer. Sequences share its states and masks. */
export class CompiledConstraint {
  readonly automaton: Automaton;
  readonly trie: TokenTrie;
  readonly endIds: ReadonlySet<number>;
  /** The mask that allows no token. */
  readonly nothing: Uint32Array;
  #masks = new WeakMap<State, Uint32Array>();
  #maskCount = 0;

  /** Throws a `UsageError` for a grammar that is too large, that no text meets, or that the tokenizer cannot spell. */
  constructor(grammar: Grammar, tokenizer: Tokenizer, field: string, options: ConstraintOptions = {}) {
    const { endIds = tokenizer.eosId === undefined ? [] : [tokenizer.eosId], maxDepth = DEFAULT_DEPTH } = options;
    const { vocabSize = tokenizer.vocabSize } = options;
    checkInteger('maxDepth', maxDepth, 1, MAX_DEPTH);
    checkInteger('vocabSize', vocabSize, tokenizer.vocabSize, 2 ** 24);
    for (const id of endIds) checkEndId(tokenizer, id);
    this.trie = tokenTrie(tokenizer);
    this.endIds = new Set(endIds);
    this.automaton = new Automaton(buildNetwork(grammar, this.trie.alphabet, field), { maxDepth, field });
    this.nothing = new Uint32Array(Math.ceil(vocabSize / 32));
  }

  /** The constraint of a text that has not begun. */
  start(): TokenConstraint {
    return new Cursor(this, this.automaton.start());
  }

  /** The mask of a state of this generation of the automaton. */
  mask(state: State): Uint32Array {
    let mask = this.#masks.get(state);
    if (mask === undefined) {
      mask = this.#walk(state);
      if (state.accepts) for (const id of this.endIds) mask[id >>> 5] |= 1 << (id & 31);
      this.#masks.set(state, mask);
      if (++this.#maskCount * mask.byteLength > MAX_MASK_BYTES) {
        this.#masks = new WeakMap();
        this.#maskCount = 0;
        this.automaton.forget();
      }
    }
    return mask;
  }

  /**
   * Walks tree and automaton together. Where the automaton stops, all tokens below are skipped; where it stays in one state
   * whatever the bytes below, all of them are allowed without a walk.
   */
  #walk(state: State): Uint32Array {
    const { automaton } = this;
    const { classOf } = automaton;
    const { byte, depth, end, tokenStart, groups, ids } = this.trie;
    const mask = new Uint32Array(this.nothing.length);
    const path: State[] = new Array(this.trie.maxDepth + 1);
    path[0] = state;
    for (let node = 1; node < byte.length; ) {
      const above = path[depth[node] - 1];
      const byteClass = classOf[byte[node]];
      const known = above.next[byteClass];
      const next = known === undefined ? automaton.step(above, byteClass) : known;
      if (next === null) {
        node = end[node];
        continue;
      }
      path[depth[node]] = next;
      const staysHere = next === above && (groups[node] & ~automaton.loopsOf(next)) === 0;
      const following = staysHere ? end[node] : node + 1;
      for (let token = tokenStart[node]; token < tokenStart[following]; token++) {
        mask[ids[token] >>> 5] |= 1 << (ids[token] & 31);
      }
      node = following;
    }
    return mask;
  }
}

class Cursor implements TokenConstraint {
  readonly #compiled: CompiledConstraint;
  #state: State;
  #hasEnded: boolean;

  constructor(compiled: CompiledConstraint, state: State, hasEnded = false) {
    this.#compiled = compiled;
    this.#state = state;
    this.#hasEnded = hasEnded;
  }

  mask(): Uint32Array {
    return this.#hasEnded ? this.#compiled.nothing : this.#compiled.mask(this.#renew());
  }

  advance(id: number): void {
    const { trie, endIds } = this.#compiled;
    if (this.canEnd && endIds.has(id)) {
      this.#hasEnded = true;
      return;
    }
    const isText = Number.isInteger(id) && standsForText(trie.tokenizer, id);
    const next = isText && !this.#hasEnded ? this.#read(trie.tokenizer.tokenBytes(id)) : null;
    if (next === null) throw new Error(`the token ${id} is not allowed here`);
    this.#state = next;
  }

  get canEnd(): boolean {
    return this.#state.accepts && !this.#hasEnded;
  }

  get isDone(): boolean {
    return this.#hasEnded || this.#state.places.length === 0;
  }

  forced(): Int32Array {
    const { bytes, isEnd } = this.#forcedBytes();
    const { tokenizer } = this.#compiled.trie;
    const ids = tokenizer.encode(wholeCharacters(bytes), { addSpecialTokens: false });
    let length = 0;
    let count = 0;
    // A tokenizer may write a text otherwise at its beginning than in its midst: only what spells the run is kept.
    for (const id of ids) {
      const token = tokenizer.tokenBytes(id);
      if (!standsForText(tokenizer, id) || !startsWith(bytes, token, length)) break;
      length += token.length;
      count++;
    }
    return ids.slice(0, isEnd && length === bytes.length ? count : Math.max(count - 1, 0));
  }

  fork(): TokenConstraint {
    return new Cursor(this.#compiled, this.#state, this.#hasEnded);
  }

  #renew(): State {
    this.#state = this.#compiled.automaton.renew(this.#state);
    return this.#state;
  }

  #read(bytes: Uint8Array): State | null {
    const { automaton } = this.#compiled;
    let state: State | null = this.#renew();
    for (const byte of bytes) {
      state = automaton.step(state, automaton.classOf[byte]);
      if (state === null) return null;
    }
    return bytes.length === 0 ? null : state;
  }

  /** The bytes that must come next, and whether nothing can follow them. */
  #forcedBytes(): { bytes: Uint8Array; isEnd: boolean } {
    const { automaton } = this.#compiled;
    const bytes: number[] = [];
    let state = this.#renew();
    while (!state.accepts && !this.#hasEnded && bytes.length < MAX_FORCED_BYTES) {
      const byte = onlyByte(automaton, state);
      if (byte === undefined) break;
      bytes.push(byte);
      state = automaton.step(state, automaton.classOf[byte])!;
    }
    return { bytes: Uint8Array.from(bytes), isEnd: state.places.length === 0 };
  }
}

/** The byte that must follow; undefined if there is more than one, or none. */
function onlyByte(automaton: Automaton, state: State): number | undefined {
  let only: number | undefined;
  for (let byte = 0; byte < 256; byte++) {
    if (automaton.step(state, automaton.classOf[byte]) === null) continue;
    if (only !== undefined) return undefined;
    only = byte;
  }
  return only;
}

/** The text of the bytes up to the last whole character. */
function wholeCharacters(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}

function startsWith(bytes: Uint8Array, part: Uint8Array, offset: number): boolean {
  return offset + part.length <= bytes.length && part.every((byte, i) => byte === bytes[offset + i]);
}

function checkEndId(tokenizer: Tokenizer, id: number): void {
  if (Number.isInteger(id) && id >= 0 && id < tokenizer.vocabSize && !standsForText(tokenizer, id)) return;
  throw new UsageError({
    field: 'endIds',
    found: String(id),
    expected: 'a special or control token of the vocabulary',
    fix: 'End a constrained text with tokens that stand for no text.',
  });
}

function checkInteger(field: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new UsageError({
    field,
    found: String(value),
    expected: `an integer from ${low} to ${high}`,
    fix: 'Change it.',
  });
}
