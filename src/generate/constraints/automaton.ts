/**
 * A network made deterministic while it is used: a state is the set of all places where the network may be after the bytes
 * so far, and is computed when it is first reached (Rabin and Scott, 1959; lazily, as in Thompson, 1968).
 *
 * Calls are made deterministic with it. All calls of a rule at the same byte share one frame, which holds every place to
 * come back to, so that alternatives with a common beginning do not double the set at each level of nesting (the
 * graph-structured stack of Tomita, Efficient Parsing for Natural Language, 1986). Without calls this is the subset
 * construction of a finite automaton.
 */

import { UsageError } from '../../errors.ts';
import { GROUP_OF } from './byte-groups.ts';
import { calledRule, highOf, isBytes, lowOf } from './edge-label.ts';
import type { Network } from './network.ts';

/** Ways into states kept; beyond, all states are forgotten and computed anew as they are needed. */
const MAX_STATES = 1 << 15;
/** Places visited in one operation, such as one mask: about a second. */
const MAX_WORK = 1 << 24;

/** A state of the network inside a frame. */
interface Place {
  readonly at: number;
  readonly frame: Frame;
}

interface Frame {
  readonly id: number;
  /** Calls open, those of rules that cannot nest left out. */
  readonly depth: number;
  /** Where to go on when the rule has ended; empty at the bottom, where the text is complete instead. */
  readonly returns: readonly Place[];
}

export interface State {
  /** Whether the text so far is accepted. */
  readonly accepts: boolean;
  /** Places that read a byte with which an accepted text can still be reached. None: only the end is possible. */
  readonly places: readonly Place[];
  /** [byte classes] the states after one more byte: null where there is none, undefined where it was not yet asked for. */
  readonly next: (State | null | undefined)[];
  readonly generation: number;
  /** Bit g is set if every byte of group g (`GROUP_OF`) leads back to this state; undefined until it is asked for. */
  loops?: number;
}

/** Calls of one rule at one depth. */
interface PendingCall {
  readonly rule: number;
  readonly depth: number;
  /** Whether the rule calls others. */
  readonly nests: boolean;
  readonly returns: Place[];
}

export class Automaton {
  /** [256] bytes that no edge tells apart have the same class. */
  readonly classOf: Uint8Array;
  readonly #network: Network;
  readonly #maxDepth: number;
  readonly #field: string;
  readonly #representatives: Uint8Array;
  readonly #bottom: Frame = { id: 0, depth: 0, returns: [] };
  #states = new Map<string, State>();
  /** By the places that were reached by a byte, before empty edges and calls are followed. */
  #closed = new Map<string, State | null>();
  #frames = new Map<string, Frame>();
  /** Ids are not used again: places of different generations may stand in one set. */
  #frameCount = 1;
  #generation = 0;
  #work = 0;

  /** `maxDepth` bounds the calls that are open at once. Throws a `UsageError` when no text at all is accepted. */
  constructor(network: Network, options: { readonly maxDepth: number; readonly field: string }) {
    this.#network = network;
    this.#maxDepth = options.maxDepth;
    this.#field = options.field;
    const { classOf, representatives } = byteClasses(network.label);
    this.classOf = classOf;
    this.#representatives = representatives;
    const { accepts, places } = this.start();
    if (!accepts && places.length === 0) {
      throw new UsageError({
        field: options.field,
        found: 'a constraint that no text meets',
        expected: `at least one text, with values nested at most ${options.maxDepth} deep`,
        fix: 'Look for contradictions, and for recursion that has no way out.',
      });
    }
  }

  /** The state before any byte. */
  start(): State {
    this.#work = 0;
    const { start } = this.#network.rules[0];
    return this.#close([{ at: start, frame: this.#bottom }]);
  }

  /** The same state, known to this generation. To be called once before each series of steps, whose work it bounds. */
  renew(state: State): State {
    this.#work = 0;
    if (state.generation === this.#generation) return state;
    const renewed = new Map<Frame, Frame>([[this.#bottom, this.#bottom]]);
    const renewPlace = ({ at, frame }: Place): Place => ({ at, frame: renewFrame(frame) });
    const renewFrame = (frame: Frame): Frame => {
      let known = renewed.get(frame);
      if (known === undefined) {
        known = this.#frame(frame.depth, frame.returns.map(renewPlace));
        renewed.set(frame, known);
      }
      return known;
    };
    return this.#intern(state.places.map(renewPlace), state.accepts);
  }

  /** The state after a byte of this class; null if no accepted text goes on like this. */
  step(state: State, byteClass: number): State | null {
    const known = state.next[byteClass];
    if (known !== undefined) return known;
    const { edgeStart, label, target } = this.#network;
    const byte = this.#representatives[byteClass];
    this.#count(state.places.length);
    const reached: Place[] = [];
    for (const { at, frame } of state.places) {
      for (let edge = edgeStart[at]; edge < edgeStart[at + 1]; edge++) {
        if (isBytes(label[edge]) && lowOf(label[edge]) <= byte && byte <= highOf(label[edge])) {
          reached.push({ at: target[edge], frame });
        }
      }
    }
    const next = reached.length === 0 ? null : this.#after(reached);
    state.next[byteClass] = next;
    return next;
  }

  /** The groups of bytes (`GROUP_OF`) that all lead from a state back to itself, as bits. */
  loopsOf(state: State): number {
    if (state.loops === undefined) {
      let others = 0;
      for (let byte = 0; byte < 256; byte++) {
        if (this.step(state, this.classOf[byte]) !== state) others |= 1 << GROUP_OF[byte];
      }
      state.loops = ~others;
    }
    return state.loops;
  }

  /** Forgets all states. Those still held remain valid, and are to be renewed before they are used again. */
  forget(): void {
    this.#generation++;
    this.#states = new Map();
    this.#closed = new Map();
    this.#frames = new Map();
  }

  /** The state of places that were just reached; null if nothing goes on from there. Many bytes reach the same places. */
  #after(reached: readonly Place[]): State | null {
    const key = this.#sortedKeys(reached);
    let state = this.#closed.get(key);
    if (state === undefined) {
      if (this.#closed.size >= MAX_STATES) this.forget();
      const closed = this.#close(reached);
      state = closed.accepts || closed.places.length > 0 ? closed : null;
      this.#closed.set(key, state);
    }
    return state;
  }

  /** The set of places reached from some without reading, through ends and calls of rules. */
  #close(seeds: readonly Place[]): State {
    const { rules } = this.#network;
    const seen = new Set<number>();
    const places: Place[] = [];
    const calls = new Map<string, PendingCall>();
    let accepts = this.#expand(seeds, seen, places, calls);
    for (let call = nextCall(calls); call !== undefined; call = nextCall(calls)) {
      const { rule, depth, returns } = call;
      const entry = { at: rules[rule].start, frame: this.#frame(depth, returns) };
      accepts = this.#expand([entry], seen, places, calls) || accepts;
    }
    return this.#intern(places, accepts);
  }

  /** Follows empty edges and ends of rules; collects places that read a byte, and calls. Whether the text is complete. */
  #expand(seeds: readonly Place[], seen: Set<number>, places: Place[], calls: Map<string, PendingCall>): boolean {
    const { edgeStart, label, target, endOf, needed, rules } = this.#network;
    const pending: Place[] = [];
    const reach = (place: Place): void => {
      if (seen.has(this.#key(place))) return;
      seen.add(this.#key(place));
      pending.push(place);
    };
    let accepts = false;
    seeds.forEach(reach);
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      const { at, frame } = place;
      let reads = false;
      if (endOf[at] >= 0) {
        if (frame === this.#bottom) accepts = true;
        frame.returns.forEach(reach);
      }
      this.#count(1 + frame.returns.length + edgeStart[at + 1] - edgeStart[at]);
      for (let edge = edgeStart[at]; edge < edgeStart[at + 1]; edge++) {
        const rule = calledRule(label[edge]);
        // From there the end is too deep, or there is none.
        if (frame.depth + needed[target[edge]] > this.#maxDepth) continue;
        if (isBytes(label[edge])) reads = true;
        else if (rule < 0) reach({ at: target[edge], frame });
        else {
          const depth = frame.depth + rules[rule].depth;
          const key = `${rule}:${depth}`;
          const call = calls.get(key);
          const place = { at: target[edge], frame };
          if (call === undefined) calls.set(key, { rule, depth, nests: rules[rule].depth > 0, returns: [place] });
          else call.returns.push(place);
        }
      }
      if (reads) places.push(place);
    }
    return accepts;
  }

  #intern(places: Place[], accepts: boolean): State {
    const key = `${accepts ? '$' : ''}${this.#sortedKeys(places)}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state: State = {
      accepts,
      places,
      next: new Array(this.#representatives.length),
      generation: this.#generation,
    };
    this.#states.set(key, state);
    return state;
  }

  #frame(depth: number, returns: Place[]): Frame {
    const key = `${depth}:${this.#sortedKeys(returns)}`;
    let frame = this.#frames.get(key);
    if (frame === undefined) {
      frame = { id: this.#frameCount++, depth, returns };
      this.#frames.set(key, frame);
    }
    return frame;
  }

  /** The places in one order, without repetitions, as a text. */
  #sortedKeys(places: readonly Place[]): string {
    const keys = Float64Array.from(places, (place) => this.#key(place)).sort();
    this.#count(keys.length);
    return keys.filter((key, i) => key !== keys[i - 1]).join(',');
  }

  /** A number of its own for each place. */
  #key({ at, frame }: Place): number {
    return frame.id * this.#network.endOf.length + at;
  }

  #count(work: number): void {
    this.#work += work;
    if (this.#work <= MAX_WORK) return;
    this.#work = 0;
    throw new UsageError({
      field: this.#field,
      found: 'a constraint that can be read in too many ways at once',
      expected: `at most ${MAX_WORK} steps of the automaton for one token`,
      fix: 'Use fewer overlapping alternatives and smaller counts inside repetitions.',
    });
  }
}

/**
 * Takes out a call of the lowest depth, of rules that nest before those that do not: then no call of the same rule at the
 * same depth can follow, because calls come from places that are less deep, or as deep where the rule does not nest.
 */
function nextCall(calls: Map<string, PendingCall>): PendingCall | undefined {
  let first: [key: string, call: PendingCall] | undefined;
  for (const [key, call] of calls) {
    const order = first === undefined ? -1 : call.depth - first[1].depth || Number(first[1].nests) - Number(call.nests);
    if (order < 0) first = [key, call];
  }
  if (first !== undefined) calls.delete(first[0]);
  return first?.[1];
}

/** Bytes are of one class when they lie between the same limits of ranges. */
function byteClasses(labels: Int32Array): { classOf: Uint8Array; representatives: Uint8Array } {
  const begins = new Uint8Array(257);
  begins[0] = 1;
  for (const label of labels) {
    if (!isBytes(label)) continue;
    begins[lowOf(label)] = 1;
    begins[highOf(label) + 1] = 1;
  }
  const classOf = new Uint8Array(256);
  const representatives: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    if (begins[byte]) representatives.push(byte);
    classOf[byte] = representatives.length - 1;
  }
  return { classOf, representatives: Uint8Array.from(representatives) };
}
