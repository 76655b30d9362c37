/** The texts that two automata accept both: pairs of their states, as far as they can be reached together. */

import { byteLabel, EMPTY, highOf, isBytes, lowOf } from './edge-label.ts';

/** An automaton without calls. Its end has no edges. */
export interface Fragment {
  readonly start: number;
  readonly end: number;
  /** [states + 1], [edges] and [edges], as in a network. */
  readonly edgeStart: Int32Array;
  readonly label: Int32Array;
  readonly target: Int32Array;
}

/** Where the product is written. */
interface Sink {
  state(): number;
  edge(from: number, label: number, to: number): void;
}

/**
 * Adds paths from `from` to `to` that read what both fragments accept. Only states that read a byte, and the ends, are
 * paired: pairing those between too would give one path for each order in which the two can take their empty edges.
 */
export function addProduct(a: Fragment, b: Fragment, from: number, to: number, sink: Sink): void {
  const [restsOfA, restsOfB] = [restingStates(a), restingStates(b)];
  const states = new Map<number, number>();
  const pending: (readonly [p: number, q: number, state: number])[] = [];

  const pair = (p: number, q: number): number => {
    const key = p * b.edgeStart.length + q;
    let state = states.get(key);
    if (state === undefined) {
      state = sink.state();
      states.set(key, state);
      pending.push([p, q, state]);
    }
    return state;
  };
  const arrive = (origin: number, label: number, p: number, q: number): void => {
    for (const restOfA of restsOfA(p)) {
      for (const restOfB of restsOfB(q)) {
        const [endsA, endsB] = [restOfA === a.end, restOfB === b.end];
        if (endsA && endsB) sink.edge(origin, label, to);
        else if (!endsA && !endsB) sink.edge(origin, label, pair(restOfA, restOfB));
      }
    }
  };

  arrive(from, EMPTY, a.start, b.start);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [p, q, state] = next;
    for (let i = a.edgeStart[p]; i < a.edgeStart[p + 1]; i++) {
      for (let j = b.edgeStart[q]; j < b.edgeStart[q + 1]; j++) {
        if (!isBytes(a.label[i]) || !isBytes(b.label[j])) continue;
        const low = Math.max(lowOf(a.label[i]), lowOf(b.label[j]));
        const high = Math.min(highOf(a.label[i]), highOf(b.label[j]));
        if (low <= high) arrive(state, byteLabel(low, high), a.target[i], b.target[j]);
      }
    }
  }
}

/** For each state, those that it reaches without reading where a byte is read next or the end is. */
function restingStates({ edgeStart, label, target, end }: Fragment): (state: number) => readonly number[] {
  const known = new Map<number, readonly number[]>();
  return (state) => {
    let resting = known.get(state);
    if (resting === undefined) {
      const reached = new Set([state]);
      const reads = new Set<number>();
      for (const at of reached) {
        if (at === end) reads.add(at);
        for (let edge = edgeStart[at]; edge < edgeStart[at + 1]; edge++) {
          if (isBytes(label[edge])) reads.add(at);
          else reached.add(target[edge]);
        }
      }
      resting = [...reads];
      known.set(state, resting);
    }
    return resting;
  };
}
