/** What a stage took of tokens and time, from its log. */
import type { RunSummary, StageSummary } from '../summary.ts';
import { curveOf } from './curve.ts';

export interface StageBudget {
  readonly name: string;
  readonly steps: number;
  readonly tokens: number;
  /** Of training alone: evaluations, samples and checkpoints are left out. Undefined where the log does not tell. */
  readonly seconds: number | undefined;
}

export function stageBudgets({ stages, events }: Pick<RunSummary, 'stages' | 'events'>): StageBudget[] {
  return stages.map((stage) => {
    const { name, steps, tokens } = stage;
    return { name, steps, tokens, seconds: secondsOf(stage, events) };
  });
}

/** Each entry of the log has the tokens so far, and the speed since the entry before. */
function secondsOf({ name }: Pick<StageSummary, 'name'>, events: RunSummary['events']): number | undefined {
  const speeds = new Map(curveOf(events, name, 'tokens_per_second').map(({ x, y }) => [x, y]));
  let before = 0;
  let seconds = 0;
  for (const { x, y } of curveOf(events, name, 'tokens')) {
    const speed = speeds.get(x);
    if (speed === undefined || !(speed > 0) || !Number.isFinite(y)) return undefined;
    seconds += Math.max(0, y - before) / speed;
    before = y;
  }
  return before > 0 ? seconds : undefined;
}
