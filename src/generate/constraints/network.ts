/**
 * A grammar as a nondeterministic automaton over bytes, one fragment per rule (Thompson, Regular Expression Search
 * Algorithm, 1968, with calls as in Woods, Transition Network Grammars for Natural Language Analysis, 1970).
 *
 * An edge reads one byte of a range, reads nothing, or calls a rule: the automaton goes on in the rule's fragment and
 * comes back to the edge's target when the rule has ended.
 */

import { UsageError } from '../../errors.ts';
import type { Expression, Grammar, ListItem } from './expression.ts';
import { neededDepths } from './needed-depths.ts';
import { assertProgress } from './progress.ts';
import { utf8Sequences } from './utf8-sequences.ts';

/** A few tens of megabytes and about a tenth of a second. */
const MAX_STATES = 1 << 18;
const MAX_EDGES = 1 << 21;

/** Labels of edges: a byte range is `low | high << 8`, calls are `CALL + rule`. */
const EMPTY = -1;
const CALL = 1 << 16;

export const isBytes = (label: number): boolean => label >= 0 && label < CALL;
export const lowOf = (label: number): number => label & 0xff;
export const highOf = (label: number): number => label >> 8;
/** The rule that an edge calls; negative for other edges. */
export const calledRule = (label: number): number => label - CALL;

export interface Network {
  /** [states + 1] the edges of state s are those from edgeStart[s] to edgeStart[s + 1] - 1. */
  readonly edgeStart: Int32Array;
  /** [edges] */
  readonly label: Int32Array;
  /** [edges] */
  readonly target: Int32Array;
  readonly rules: readonly NetworkRule[];
  /** [states] the rule that ends in this state, -1 for other states. */
  readonly endOf: Int32Array;
  /**
   * [states] how many calls deep the automaton must be able to go from here to end the state's rule; 2^30 where it
   * never can.
   */
  readonly needed: Int32Array;
}

/** The automaton itself, before anything is derived from it. */
export type NetworkGraph = Omit<Network, 'needed'>;

interface NetworkRule {
  readonly name: string;
  readonly start: number;
  /** What a call adds to the depth: rules that call nothing are free, since they cannot nest. */
  readonly depth: 0 | 1;
}

/**
 * Compiles a grammar. Only bytes of `alphabet` ([256], nonzero = there is a token of this byte alone) are read, so that
 * what is reachable can be spelled. Throws a `UsageError` when the automaton becomes too large or a rule could call itself
 * without having read anything.
 */
export function buildNetwork(grammar: Grammar, alphabet: Uint8Array, field: string): Network {
  const builder = new Builder(alphabet, field);
  const fragments = grammar.rules.map(({ name, body }) => {
    const [start, end] = [builder.state(), builder.state()];
    const before = builder.calls;
    builder.add(body, start, end);
    return { name, start, end, depth: builder.calls > before ? (1 as const) : (0 as const) };
  });
  const { edgeStart, label, target } = builder.edges();
  const endOf = new Int32Array(edgeStart.length - 1).fill(-1);
  fragments.forEach(({ end }, rule) => {
    endOf[end] = rule;
  });
  const graph = { edgeStart, label, target, endOf, rules: fragments };
  assertProgress(graph, field);
  return { ...graph, needed: neededDepths(graph) };
}

/** States and edges under construction. Fragments never add edges into their `from` nor out of their `to`. */
class Builder {
  /** Calls added so far. */
  calls = 0;
  readonly #alphabet: Uint8Array;
  readonly #field: string;
  readonly #from: number[] = [];
  readonly #label: number[] = [];
  readonly #target: number[] = [];
  #states = 0;

  constructor(alphabet: Uint8Array, field: string) {
    this.#alphabet = alphabet;
    this.#field = field;
  }

  state(): number {
    if (this.#states === MAX_STATES) this.#refuse(`more than ${MAX_STATES} automaton states`);
    return this.#states++;
  }

  /** Adds paths that read what `expression` accepts. */
  add(expression: Expression, from: number, to: number): void {
    switch (expression.kind) {
      case 'characters':
        this.#addByteSequences(utf8Sequences(expression.set), from, to);
        break;
      case 'texts':
        this.#addTexts(expression.texts, from, to);
        break;
      case 'sequence': {
        let at = from;
        for (const part of expression.parts) {
          const next = this.state();
          this.add(part, at, next);
          at = next;
        }
        this.#edge(at, EMPTY, to);
        break;
      }
      case 'choice':
        for (const option of expression.options) this.add(option, from, to);
        break;
      case 'repeat':
        this.#addRepeat(expression, from, to);
        break;
      case 'list':
        this.#addList(expression.items, expression.separator, from, to);
        break;
      case 'both':
        this.#addBoth(expression.left, expression.right, from, to);
        break;
      case 'call':
        this.calls++;
        this.#edge(from, CALL + expression.rule, to);
        break;
      default:
        expression satisfies never;
    }
  }

  /** The edges, sorted by the state that they leave. */
  edges(): Pick<Network, 'edgeStart' | 'label' | 'target'> {
    const edgeStart = new Int32Array(this.#states + 1);
    for (const from of this.#from) edgeStart[from + 1]++;
    for (let state = 0; state < this.#states; state++) edgeStart[state + 1] += edgeStart[state];
    const label = new Int32Array(this.#from.length);
    const target = new Int32Array(this.#from.length);
    const next = edgeStart.slice();
    this.#from.forEach((from, edge) => {
      const at = next[from]++;
      label[at] = this.#label[edge];
      target[at] = this.#target[edge];
    });
    return { edgeStart, label, target };
  }

  #edge(from: number, label: number, to: number): void {
    if (this.#from.length === MAX_EDGES) this.#refuse(`more than ${MAX_EDGES} automaton edges`);
    this.#from.push(from);
    this.#label.push(label);
    this.#target.push(to);
  }

  /** Edges for the parts of the range that are in the alphabet. */
  #byteEdge(from: number, low: number, high: number, to: number): void {
    for (let byte = low; byte <= high; byte++) {
      if (!this.#alphabet[byte]) continue;
      const first = byte;
      while (byte < high && this.#alphabet[byte + 1]) byte++;
      this.#edge(from, first | (byte << 8), to);
    }
  }

  /** Sequences that end alike share the states of their ends. */
  #addByteSequences(sequences: ReturnType<typeof utf8Sequences>, from: number, to: number): void {
    const states = new Map<string, number>();
    for (const bytes of sequences) {
      let next = to;
      let ending = '';
      for (const [low, high] of bytes.slice(1).toReversed()) {
        ending += `${low}-${high} `;
        let state = states.get(ending);
        if (state === undefined) {
          state = this.state();
          states.set(ending, state);
          this.#byteEdge(state, low, high, next);
        }
        next = state;
      }
      this.#byteEdge(from, bytes[0][0], bytes[0][1], next);
    }
  }

  /** A tree of the texts' bytes. */
  #addTexts(texts: readonly string[], from: number, to: number): void {
    const utf8 = new TextEncoder();
    const children = new Map<number, number>();
    const root = this.state();
    this.#edge(from, EMPTY, root);
    for (const text of new Set(texts)) {
      let at = root;
      for (const byte of utf8.encode(text)) {
        const key = at * 256 + byte;
        let child = children.get(key);
        if (child === undefined) {
          child = this.state();
          children.set(key, child);
          this.#byteEdge(at, byte, byte, child);
        }
        at = child;
      }
      this.#edge(at, EMPTY, to);
    }
  }

  /** Counted copies of the body; the last one of an endless repetition goes back to its own beginning. */
  #addRepeat(repeat: Extract<Expression, { kind: 'repeat' }>, from: number, to: number): void {
    const { body, minimum, maximum, separator } = repeat;
    if (minimum === 0) this.#edge(from, EMPTY, to);
    const isEndless = maximum === Number.POSITIVE_INFINITY;
    const copies = isEndless ? Math.max(minimum, 1) : maximum;
    const separate = (exit: number, entry: number): void =>
      separator === undefined ? this.#edge(exit, EMPTY, entry) : this.add(separator, exit, entry);
    let last = from;
    for (let count = 1; count <= copies; count++) {
      const [entry, exit] = [this.state(), this.state()];
      if (count === 1) this.#edge(from, EMPTY, entry);
      else separate(last, entry);
      this.add(body, entry, exit);
      if (count >= minimum) this.#edge(exit, EMPTY, to);
      if (isEndless && count === copies) separate(exit, entry);
      last = exit;
    }
  }

  /**
   * Two rows of states, before each item: nothing written so far, and something written, after which a separator must
   * come. Each body stands once between the rows.
   */
  #addList(items: readonly ListItem[], separator: Expression, from: number, to: number): void {
    let none: number | undefined = from;
    let some: number | undefined;
    for (const { body, instead } of items) {
      const [entry, exit] = [this.state(), this.state()];
      if (none !== undefined) this.#edge(none, EMPTY, entry);
      if (some !== undefined) this.add(separator, some, entry);
      this.add(body, entry, exit);
      if (instead === 'end') for (const row of [none, some]) if (row !== undefined) this.#edge(row, EMPTY, to);
      if (instead === 'skip' && some !== undefined) this.#edge(some, EMPTY, exit);
      if (instead !== 'skip') none = undefined;
      some = exit;
    }
    for (const row of [none, some]) if (row !== undefined) this.#edge(row, EMPTY, to);
  }

  /** The product of two automata: pairs of states that can be reached together. */
  #addBoth(left: Expression, right: Expression, from: number, to: number): void {
    const [a, b] = [this.#separately(left), this.#separately(right)];
    const states = new Map<number, number>();
    const pending: (readonly [number, number, number])[] = [];
    const pair = (p: number, q: number): number => {
      const key = p * MAX_STATES + q;
      let state = states.get(key);
      if (state === undefined) {
        state = this.state();
        states.set(key, state);
        pending.push([p, q, state]);
      }
      return state;
    };
    this.#edge(from, EMPTY, pair(a.start, b.start));
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [p, q, state] = next;
      if (p === a.end && q === b.end) this.#edge(state, EMPTY, to);
      for (let j = b.edgeStart[q]; j < b.edgeStart[q + 1]; j++) {
        if (b.label[j] === EMPTY) this.#edge(state, EMPTY, pair(p, b.target[j]));
      }
      for (let i = a.edgeStart[p]; i < a.edgeStart[p + 1]; i++) {
        if (a.label[i] === EMPTY) this.#edge(state, EMPTY, pair(a.target[i], q));
        else this.#commonEdges(state, a.label[i], b, q, (other) => pair(a.target[i], other));
      }
    }
  }

  #separately(expression: Expression) {
    const builder = new Builder(this.#alphabet, this.#field);
    const [start, end] = [builder.state(), builder.state()];
    builder.add(expression, start, end);
    if (builder.calls > 0) throw new Error('an intersection cannot hold calls');
    return { start, end, ...builder.edges() };
  }

  /** Edges for the bytes that are both in the range `label` and read by state `q` of the other automaton. */
  #commonEdges(
    state: number,
    label: number,
    other: Pick<Network, 'edgeStart' | 'label' | 'target'>,
    q: number,
    pairWith: (target: number) => number,
  ): void {
    for (let j = other.edgeStart[q]; j < other.edgeStart[q + 1]; j++) {
      if (other.label[j] === EMPTY) continue;
      const low = Math.max(lowOf(label), lowOf(other.label[j]));
      const high = Math.min(highOf(label), highOf(other.label[j]));
      if (low <= high) this.#edge(state, low | (high << 8), pairWith(other.target[j]));
    }
  }

  #refuse(found: string): never {
    throw new UsageError({
      field: this.#field,
      found,
      expected: `at most ${MAX_STATES} states and ${MAX_EDGES} edges`,
      fix: 'Lower the counts and lengths, or use fewer alternatives.',
    });
  }
}
