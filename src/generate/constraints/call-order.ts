/** The order in which rules begin one another, which exists unless a rule calls itself without reading anything. */

import { UsageError } from '../../errors.ts';
import { calledRule, isBytes, type NetworkGraph } from './network.ts';

/**
 * [rules] ranks: a rule ranks above every rule that it may call before it has read a byte. Throws a `UsageError` that names
 * a rule from which a circle of such calls is reached, since the automaton would call for ever.
 */
export function callRanks(network: NetworkGraph, field: string) {
  const { rules } = network;
  const begun = rules.map((_, rule) => callsBeforeReading(network, rule));
  const callers: number[][] = rules.map(() => []);
  begun.forEach((called, rule) => {
    for (const other of called) callers[other].push(rule);
  });
  // A rule is ranked when all that it begins with have been; circles never are.
  const ranks = new Int32Array(rules.length).fill(-1);
  const waiting = begun.map((called) => called.size);
  const ready = rules.flatMap((_, rule) => (waiting[rule] === 0 ? [rule] : []));
  let rank = 0;
  for (let rule = ready.pop(); rule !== undefined; rule = ready.pop()) {
    ranks[rule] = rank++;
    for (const caller of callers[rule]) if (--waiting[caller] === 0) ready.push(caller);
  }
  const circular = ranks.indexOf(-1);
  if (circular < 0) return ranks;
  throw new UsageError({
    field: `${field}${rules[circular].name}`,
    found: 'a reference that leads back to itself without any text between',
    expected: 'recursion through a property or an item',
    fix: 'Remove the circle of references.',
  });
}

function callsBeforeReading(
  { edgeStart, label, target, endOf, rules }: NetworkGraph,
  rule: number,
): ReadonlySet<number> {
  const called = new Set<number>();
  // A set is walked in the order of insertion, what is added on the way included.
  const reached = new Set([rules[rule].start]);
  for (const state of reached) {
    if (rule > 0 && endOf[state] >= 0) throw new Error(`the rule ${rules[rule].name} accepts the empty text`);
    for (let edge = edgeStart[state]; edge < edgeStart[state + 1]; edge++) {
      if (calledRule(label[edge]) >= 0) called.add(calledRule(label[edge]));
      else if (!isBytes(label[edge])) reached.add(target[edge]);
    }
  }
  return called;
}
