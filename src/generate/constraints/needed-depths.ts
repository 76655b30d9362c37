/** How deep calls must be able to go from each state of a network to the end of its rule. */

import { calledRule, isBytes } from './edge-label.ts';
import type { NetworkGraph } from './network.ts';

/** Larger than any depth: from here the rule never ends. */
const UNREACHABLE = 2 ** 30;

/**
 * [states] the smallest depth of calls with which the end of the state's rule can be reached; `UNREACHABLE` for dead ends,
 * such as a rule that calls itself whatever it does. A backward search in order of depth: what needs depth d is known
 * before the calls that need d + 1 are opened.
 */
export function neededDepths(network: NetworkGraph): Int32Array {
  const { edgeStart, label, target, endOf, rules } = network;
  const incoming = reverse(network);
  const startOf = new Map(rules.map(({ start }, rule) => [start, rule]));
  const callsOf: number[][] = rules.map(() => []);
  label.forEach((value, edge) => {
    if (calledRule(value) >= 0) callsOf[calledRule(value)].push(edge);
  });

  const needed = new Int32Array(edgeStart.length - 1).fill(UNREACHABLE);
  const isOpen = new Uint8Array(rules.length);
  const queue: number[] = [];
  /** Rules whose end was found to be reachable at this depth, and which can be called one deeper. */
  let found: number[] = [];
  let depth = 0;

  const reach = (state: number): void => {
    if (needed[state] !== UNREACHABLE) return;
    needed[state] = depth;
    queue.push(state);
  };
  const open = (rule: number): void => {
    isOpen[rule] = 1;
    for (const edge of callsOf[rule]) if (needed[target[edge]] !== UNREACHABLE) reach(incoming.from[edge]);
  };

  endOf.forEach((rule, state) => {
    if (rule >= 0) reach(state);
  });
  for (;;) {
    for (let state = queue.pop(); state !== undefined; state = queue.pop()) {
      for (let i = incoming.start[state]; i < incoming.start[state + 1]; i++) {
        const edge = incoming.edge[i];
        const rule = calledRule(label[edge]);
        if (isBytes(label[edge]) || rule < 0 || isOpen[rule]) reach(incoming.from[edge]);
      }
      const rule = startOf.get(state);
      if (rule === undefined) continue;
      if (rules[rule].depth === 0) open(rule);
      else found.push(rule);
    }
    if (found.length === 0) return needed;
    depth++;
    const opened = found;
    found = [];
    opened.forEach(open);
  }
}

/** The edges by the state that they lead to: from[edge] is the state that an edge leaves. */
function reverse({ edgeStart, target }: Pick<NetworkGraph, 'edgeStart' | 'target'>) {
  const states = edgeStart.length - 1;
  const start = new Int32Array(states + 1);
  for (const state of target) start[state + 1]++;
  for (let state = 0; state < states; state++) start[state + 1] += start[state];
  const next = start.slice();
  const edge = new Int32Array(target.length);
  const from = new Int32Array(target.length);
  for (let state = 0; state < states; state++) {
    for (let i = edgeStart[state]; i < edgeStart[state + 1]; i++) {
      from[i] = state;
      edge[next[target[i]]++] = i;
    }
  }
  return { start, edge, from };
}
