/** What ends a stage early or chooses its result is measured while it trains. */
import { isPairSource } from '../../stages/pair-source.ts';
import type { WatchSettings } from '../../stages/training-watch.ts';
import { metricValue } from '../../train/metric.ts';
import type { Finding } from '../../yaml/explain-issues.ts';
import { nearest } from '../../yaml/near-miss.ts';
import type { CheckedDocument } from '../schema/recipe.ts';
import { kindOf } from '../schema/stage-names.ts';
import type { CheckedStage } from '../schema/stages.ts';

export function* checkWatched({ data, evaluation, stages }: CheckedDocument): Generator<Finding> {
  const texts = Object.keys(data).filter((name) => !isPairSource(data[name]));
  const bits = (evaluation.bits_per_byte.on ?? texts).map((set) => `bits_per_byte/${set}`);
  const asks = evaluation.tasks.on.length > 0;
  for (const [index, stage] of stages.entries()) {
    const settings = watchSettings(stage);
    if (settings === undefined) continue;
    const at = ['stages', index, kindOf(stage)];
    const { early_stopping: stopping, load_best: best } = settings;
    if (stopping) yield* unmeasured(stopping.metric, { bits, asks, path: [...at, 'early_stopping', 'metric'] });
    if (typeof best === 'string') yield* unmeasured(best, { bits, asks, path: [...at, 'load_best'] });
    if (!stopping || settings.evaluation.every !== null) continue;
    yield {
      path: [...at, 'early_stopping'],
      found: 'no evaluations while training',
      expected: 'a share of the run in evaluation.every',
      fix: 'Set evaluation.every, such as 0.05, or leave early_stopping out.',
    };
  }
}

function watchSettings(stage: CheckedStage): (WatchSettings & { evaluation: { every: number | null } }) | undefined {
  if ('cpt' in stage) return stage.cpt;
  if ('sft' in stage) return stage.sft;
  return 'joint' in stage ? stage.joint : undefined;
}

interface Measured {
  readonly bits: readonly string[];
  /** Whether there are tasks, whose names are known only when these are loaded. */
  readonly asks: boolean;
  readonly path: Finding['path'];
}

function* unmeasured(name: string, { bits, asks, path }: Measured): Generator<Finding> {
  const known = [...bits, 'loss'];
  if (metricValue({ name }, Object.fromEntries(known.map((metric) => [metric, 0]))) !== undefined) return;
  if (asks && !name.startsWith('bits_per_byte')) return;
  const meant = nearest(name, [...known, 'bits_per_byte']);
  yield {
    path,
    found: `${JSON.stringify(name)}, which is not measured`,
    expected: `${asks ? 'a metric of a task, or ' : ''}one of bits_per_byte, ${known.join(', ')}`,
    fix: meant === undefined ? 'Name a metric that is measured while training.' : `Did you mean "${meant}"?`,
  };
}
