/**
 * A grammar as a nondeterministic automaton over bytes, one fragment per rule (Thompson, Regular Expression Search
 * Algorithm, 1968, with calls as in Woods, Transition Network Grammars for Natural Language Analysis, 1970).
 *
 * An edge reads one byte of a range, reads nothing, or calls a rule: the automaton goes on in the rule's fragment and
 * comes back to the edge's target when the rule has ended.
 */

import { UsageError } from '../../errors.ts';
import { byteLabel, callLabel, EMPTY } from './edge-label.ts';
import type { Expression, Grammar, ListItem } from './expression.ts';
import { neededDepths } from './needed-depths.ts';
import { addProduct, type Fragment } from './product.ts';
import { assertProgress } from './progress.ts';
import { utf8Sequences } from './utf8-sequences.ts';

/** A few tens of megabytes and about a tenth of a second. */
const MAX_STATES = 1 << 18;
const MAX_EDGES = 1 << 21;

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

  edge(from: number, label: number, to: number): void {
    if (this.#from.length === MAX_EDGES) this.#refuse(`more than ${MAX_EDGES} automaton edges`);
    this.#from.push(from);
    this.#label.push(label);
    this.#target.push(to);
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
        this.edge(at, EMPTY, to);
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
        addProduct(this.#fragment(expression.left), this.#fragment(expression.right), from, to, this);
        break;
      case 'call':
        this.calls++;
        this.edge(from, callLabel(expression.rule), to);
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

  /** Edges for the parts of the range that are in the alphabet. */
  #byteEdge(from: number, low: number, high: number, to: number): void {
    for (let byte = low; byte <= high; byte++) {
      if (!this.#alphabet[byte]) continue;
      const first = byte;
      while (byte < high && this.#alphabet[byte + 1]) byte++;
      this.edge(from, byteLabel(first, byte), to);
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
    this.edge(from, EMPTY, root);
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
      this.edge(at, EMPTY, to);
    }
  }

  /** Counted copies of the body; the last one of an endless repetition goes back to its own beginning. */
  #addRepeat(repeat: Extract<Expression, { kind: 'repeat' }>, from: number, to: number): void {
    const { body, minimum, maximum, separator } = repeat;
    if (minimum === 0) this.edge(from, EMPTY, to);
    const isEndless = maximum === Number.POSITIVE_INFINITY;
    const copies = isEndless ? Math.max(minimum, 1) : maximum;
    const separate = (exit: number, entry: number): void =>
      separator === undefined ? this.edge(exit, EMPTY, entry) : this.add(separator, exit, entry);
    let last = from;
    for (let count = 1; count <= copies; count++) {
      const [entry, exit] = [this.state(), this.state()];
      if (count === 1) this.edge(from, EMPTY, entry);
      else separate(last, entry);
      this.add(body, entry, exit);
      if (count >= minimum) this.edge(exit, EMPTY, to);
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
      if (none !== undefined) this.edge(none, EMPTY, entry);
      if (some !== undefined) this.add(separator, some, entry);
      this.add(body, entry, exit);
      if (instead === 'end') for (const row of [none, some]) if (row !== undefined) this.edge(row, EMPTY, to);
      if (instead === 'skip' && some !== undefined) this.edge(some, EMPTY, exit);
      if (instead !== 'skip') none = undefined;
      some = exit;
    }
    for (const row of [none, some]) if (row !== undefined) this.edge(row, EMPTY, to);
  }

  #fragment(expression: Expression): Fragment {
    const builder = new Builder(this.#alphabet, this.#field);
    const [start, end] = [builder.state(), builder.state()];
    builder.add(expression, start, end);
    if (builder.calls > 0) throw new Error('an intersection cannot hold calls');
    return { start, end, ...builder.edges() };
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
