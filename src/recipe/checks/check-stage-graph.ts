/** Names of stages, and that each starts from something that is there before it. */
import { isPairSource } from '../../stages/pair-source.ts';
import type { Finding } from '../../yaml/explain-issues.ts';
import { nearest } from '../../yaml/near-miss.ts';
import { isStageName, modelsNamed } from '../schema/merge.ts';
import type { CheckedDocument } from '../schema/recipe.ts';
import { retrievalMetrics } from '../schema/retrieval-metrics.ts';
import { BASE, canStartFrom, stageNames } from '../schema/stage-names.ts';

export function* checkStageGraph({ stages, evaluation, data }: CheckedDocument): Generator<Finding> {
  const names = stageNames(stages);
  const pairs = Object.keys(data).filter((name) => isPairSource(data[name]));
  const texts = Object.keys(data).filter((name) => !pairs.includes(name));
  const bits = (evaluation.bits_per_byte.on ?? texts).map((set) => `bits_per_byte/${set}`);
  for (const [index, stage] of stages.entries()) {
    yield* nameOf(names, index);
    const path = ['stages', index];
    const input = { names, index, fits: stages.map((other) => canStartFrom(stage, other)) };
    if (stage.from === undefined) yield* silentBase(stages, index);
    else yield* inputOf(stage.from, { ...input, path: [...path, 'from'] });
    if ('merge' in stage) {
      const advice = 'Name the base or a stage before this one; a folder has a slash in its path, such as ./model.';
      for (const { name, path: at } of modelsNamed(stage.merge)) {
        if (isStageName(name)) yield* inputOf(name, { ...input, path: [...path, 'merge', ...at], advice });
      }
    }
    const metrics = 'gate' in stage ? (stage.gate.metrics ?? []) : [];
    const place = [...path, 'gate', 'metrics'];
    if ('contrastive' in stage)
      yield* metricsOf(metrics, { known: pairs.flatMap(retrievalMetrics), asks: false, path: place });
    else yield* metricsOf(metrics, { known: bits, asks: evaluation.tasks.on.length > 0, path: place });
  }
}

function* nameOf(names: readonly string[], index: number): Generator<Finding> {
  const name = names[index];
  const twice = names.indexOf(name) < index;
  if (!twice && name !== BASE) return;
  yield {
    path: ['stages', index, 'name'],
    found: twice ? `a second stage called ${JSON.stringify(name)}` : `a stage called ${BASE}`,
    expected: twice ? 'a name of its own' : 'another name, because that is what the run starts from',
    fix: 'Give the stage another name.',
  };
}

/** What follows stages that only make vectors would take the base itself, unseen. */
function* silentBase(stages: CheckedDocument['stages'], index: number): Generator<Finding> {
  const stage = stages[index];
  if (!('evaluate' in stage || 'export' in stage)) return;
  const before = stages.slice(0, index);
  if (before.some((other) => canStartFrom(stage, other)) || !before.some((other) => 'contrastive' in other)) return;
  yield {
    path: ['stages', index],
    found: 'a stage for language models after stages that only make vectors',
    expected: '"from", because such stages give no model to start from',
    fix: `Remove the stage, or add "from: ${BASE}" where the base itself is meant.`,
  };
}

interface Input {
  readonly names: readonly string[];
  /** By stage: whether this one can start from it. */
  readonly fits: readonly boolean[];
  /** Of the stage that starts from it. */
  readonly index: number;
  readonly path: Finding['path'];
  /** Where no name is near. */
  readonly advice?: string;
}

/** Only what comes earlier can be started from, so there are no cycles. */
function* inputOf(from: string, input: Input): Generator<Finding> {
  const { names, index, path, advice = 'Name the base or a stage before this one.' } = input;
  const earlier = [BASE, ...names.slice(0, index).filter((_, i) => input.fits[i])];
  if (earlier.includes(from)) return;
  const place = names.indexOf(from);
  const meant = nearest(from, earlier);
  const expected = `one of ${earlier.join(', ')}`;
  const fix = meant === undefined ? advice : `Did you mean "${meant}"?`;
  if (place < 0) yield { path, found: `no stage called ${JSON.stringify(from)}`, expected, fix };
  else if (place === index) yield { path, found: 'the stage itself', expected, fix: 'Name what it starts from.' };
  else if (place > index) {
    const found = `${JSON.stringify(from)}, a stage that comes later`;
    yield { path, found, expected, fix: 'Move that stage before this one.' };
  } else yield { path, found: `${JSON.stringify(from)}, a stage that gives no model to start from`, expected, fix };
}

interface Measured {
  readonly known: readonly string[];
  /** Whether there are tasks, whose names are known only when these are loaded. */
  readonly asks: boolean;
  readonly path: Finding['path'];
}

function* metricsOf(metrics: readonly string[], { known, asks, path }: Measured): Generator<Finding> {
  for (const [index, metric] of metrics.entries()) {
    if (known.includes(metric) || (asks && !metric.startsWith('bits_per_byte/'))) continue;
    const meant = nearest(metric, known);
    yield {
      path: [...path, index],
      found: `${JSON.stringify(metric)}, which is not measured`,
      expected: `${asks ? 'a task, or ' : ''}one of ${known.join(', ')}`,
      fix: meant === undefined ? 'Measure it: add it under evaluation.' : `Did you mean "${meant}"?`,
    };
  }
}
