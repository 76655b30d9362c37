/** Refuses rules that call themselves without reading anything: such calls say nothing, and only use up the depth. */

import { UsageError } from '../../errors.ts';
import { calledRule, isBytes } from './edge-label.ts';
import type { NetworkGraph } from './network.ts';

/** Throws a `UsageError` that names a rule from which a circle of calls is reached before any byte is read. */
export function assertProgress(network: NetworkGraph, field: string): void {
  const { rules } = network;
  const begun = rules.map((_, rule) => callsBeforeReading(network, rule));
  const callers: number[][] = rules.map(() => []);
  begun.forEach((called, rule) => {
    for (const other of called) callers[other].push(rule);
  });
  // Rules are taken away when all that they begin with has been; circles never are.
  const waiting = begun.map((called) => called.size);
  const ready = rules.flatMap((_, rule) => (waiting[rule] === 0 ? [rule] : []));
  for (let rule = ready.pop(); rule !== undefined; rule = ready.pop()) {
    for (const caller of callers[rule]) if (--waiting[caller] === 0) ready.push(caller);
  }
  const circular = rules.find((_, rule) => waiting[rule] > 0);
  if (circular === undefined) return;
  throw new UsageError({
    field: `${field}${circular.name}`,
    found: 'a reference that leads back to itself without any text between',
    expected: 'recursion through a property or an item',
    fix: 'Remove the circle of references.',
  });
}

function callsBeforeReading(network: NetworkGraph, rule: number): ReadonlySet<number> {
  const { edgeStart, label, target, endOf, rules } = network;
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
