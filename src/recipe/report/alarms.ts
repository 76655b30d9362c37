/** What the watchdog told of a stage, from the event log. */
import type { RunEvent } from '../../observe/events.ts';

const PREFIX = 'watchdog/';

export interface AlarmsOfKind {
  /** Such as `loss_spike`. */
  readonly kind: string;
  readonly at: readonly number[];
  /** The first one's, in words. */
  readonly message: string;
}

export function alarmsOf(events: readonly RunEvent[], stage: string): AlarmsOfKind[] {
  const kinds = new Map<string, { readonly steps: Set<number>; readonly message: string }>();
  for (const { stage: at, metric, step, value } of events) {
    if (at !== stage || !metric.startsWith(PREFIX)) continue;
    const kind = metric.slice(PREFIX.length);
    const known = kinds.get(kind) ?? { steps: new Set(), message: String(value) };
    known.steps.add(step);
    kinds.set(kind, known);
  }
  return [...kinds].map(([kind, { steps, message }]) => ({ kind, at: [...steps], message }));
}
