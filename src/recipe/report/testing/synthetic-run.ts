/** Runs as they might have gone, and as somebody might wish that they went. */
import type { Interval } from '../../../eval/statistics/interval.ts';
import type { RunEvent } from '../../../observe/events.ts';
import { stream } from '../../../random/stream.ts';
import type { Sample } from '../../../stages/samples/generate-samples.ts';
import type { GatedMetric } from '../../gate.ts';
import { resolveRecipe } from '../../resolve-recipe.ts';
import type { MeasuredSet, RunSummary, TaskFigure } from '../../summary.ts';

const STEPS = 488;

/** A run as it might have gone: the loss falls with noise, a spike and two steps are skipped, general text gets a bit worse. */
export function syntheticRun(): RunSummary {
  const recipe = resolveRecipe({
    name: 'first-run',
    base: { checkpoint: '../assets/nano' },
    data: { finance: { finworld: { world: 'finance' } }, general: { finworld: { world: 'general' } } },
    stages: [{ cpt: { mixture: { finance: 0.7, general: 0.3 }, learning_rate: 1e-3, logging_steps: 1 } }],
  });
  const random = stream(1, 'synthetic run');
  const events: RunEvent[] = [];
  const log = (step: number, metrics: Record<string, number | string>) => {
    for (const [metric, value] of Object.entries(metrics))
      events.push({ step, stage: 'cpt', metric, value, time: '2026-01-31T09:30:00.000Z' });
  };
  const noise = () => random.float() + random.float() - 1;
  for (let step = 1; step <= STEPS; step++) {
    const progress = step / STEPS;
    const warm = Math.min(1, progress / 0.05);
    const loss = 2.05 + 1.5 * Math.exp(-9 * progress) - 0.25 * progress + 0.09 * noise() + (step === 300 ? 0.9 : 0);
    if (step === 180 || step === 181) {
      log(step, { skipped: 'the gradient is not finite', loss: Number.NaN });
      continue;
    }
    log(step, {
      loss,
      learning_rate: 1e-3 * warm * (0.1 + 0.45 * (1 + Math.cos(Math.PI * progress))),
      grad_norm: 0.5 + 1.6 * Math.exp(-12 * progress) + 0.12 * noise() + (step === 300 ? 6 : 0),
      ...(step === 300 && { 'watchdog/loss_spike': 'step 300: the loss 2.800 is a spike' }),
      tokens: 2048 * step,
      tokens_per_second: 6200 + 300 * noise() - (step % 97 === 0 ? 2600 : 0),
    });
    if (step % 122 === 0) {
      log(step, {
        'bits_per_byte/finance': 1.05 + 0.47 * Math.exp(-6 * progress),
        'bits_per_byte/general': 1.2 + 0.03 * progress + 0.02 * Math.sin(9 * progress),
      });
    }
  }
  const around = (value: number, half: number): Interval => ({ value, low: value - half, high: value + half });
  const genres = ['earnings-news', 'annual-report', 'credit-agreement', 'analyst-note', 'central-bank'];
  const set = (name: string, value: number, sources: readonly string[], change?: Interval): MeasuredSet => ({
    name,
    ...around(value, 0.012),
    documents: 400,
    bytes: 512_345,
    sources: sources.map((source, i) => ({
      name: source,
      ...around(value * (0.86 + 0.07 * i), 0.024 + 0.003 * i),
      documents: 80 + 7 * i,
      bytes: 100_000,
      ...(change && { change: around(change.value * (1.3 - 0.15 * i), 0.012) }),
    })),
    ...(change && { change }),
  });
  return {
    recipe,
    state: 'done',
    base: {
      description: 'nano',
      parameters: 3_541_632,
      card: { license: 'apache-2.0', languages: ['en'], datasets: ['some/texts'] },
    },
    measurements: [
      {
        at: 'base',
        tokensSeen: 0,
        sets: [set('finance', 1.523, genres), set('general', 1.2, ['letter', 'story'])],
        tasks: [task('lookup', 0.05), task('sentiment', 0.5), task('numeric', 0.2), task('facts', 0.1)],
        samples: [sample(['In', ' 2014', ' the', ' the'], [0.95, 0.6, 0.2, 0.04])],
      },
      {
        at: 'cpt',
        tokensSeen: 999_424,
        sets: [
          set('finance', 1.048, genres, around(-0.312, 0.008)),
          set('general', 1.231, ['letter', 'story'], around(0.026, 0.006)),
        ],
        tasks: [
          task('lookup', 0.625, { value: 0.575, interval: { low: 0.47, high: 0.68 } }),
          task('sentiment', 0.4, { value: -0.1, interval: { low: -0.18, high: -0.02 } }),
          task('numeric', 0.225, { value: 0.025, interval: { low: -0.05, high: 0.1 } }),
          task('facts', null, null),
        ],
        samples: [sample(['Delevdon', ' earned', ' 13', ',', '072', '.'], [0.3, 0.8, 0.995, 0.999, 0.5, 0.005])],
      },
    ],
    stages: [
      {
        name: 'cpt',
        from: 'base',
        result: 'cpt-0123456789ab',
        gate: {
          accepted: false,
          on_fail: 'warn',
          metrics: [
            gated({ metric: 'bits_per_byte/finance', own: true, before: 1.523, after: 1.048, improvement: 0.475 }),
            gated({ metric: 'lookup', before: 0.05, after: 0.625, improvement: 0.575 }),
            gated({ metric: 'sentiment', before: 0.5, after: 0.4, improvement: -0.1, passes: false }),
            gated({ metric: 'facts', before: null, after: null, improvement: null, limit: null }),
          ],
          reasons: ['sentiment went from 0.500 to 0.400, worse by 0.100 where 0.080 is tolerated'],
        },
        trainable: 3_541_632,
        steps: STEPS,
        tokens: 999_424,
        skippedSteps: 2,
        epochs: { finance: 0.84, general: 0.41 },
        fill: 0.987,
      },
    ],
    data: {
      finance: { documents: 4000, heldOutDocuments: 400, tokens: 812_331, bytes: 3_512_009, skipped: 0 },
      general: { documents: 4000, heldOutDocuments: 400, tokens: 734_020, bytes: 3_001_442, skipped: 0 },
    },
    merges: [],
    evaluations: [
      { name: 'exam', of: 'cpt', tasks: [task('bonds', 0.4)] },
      { name: 'later', of: 'cpt' },
    ],
    events,
    timing: { started: '2026-01-31T09:30:00.000Z', seconds: 187 },
    memory: { predicted: 610e6, peak: 590e6 },
    versions: { finery: '0.1.0', node: '20.20.2', onnxruntime: '1.30.0' },
    machine: {
      platform: 'Linux 6.1',
      architecture: 'x64',
      processor: 'Some CPU @ 2.5GHz',
      cores: 2,
      memoryBytes: 24 * 2 ** 30,
    },
    hashes: { recipe: 'ab'.repeat(32), base: 'cd'.repeat(32) },
    commands: ['finery run recipes/first-run.yaml', 'finery run runs/first-run/recipe.resolved.yaml --out again'],
  };
}

/** The same with an adapter over a frozen base. */
export function adaptedRun(): RunSummary {
  const run = syntheticRun();
  const [stage] = run.recipe.stages;
  if (!('cpt' in stage)) throw new Error('the synthetic run begins with cpt');
  const adapter = { method: 'dora' as const, r: 4, alpha: 8, dropout: 0.1, target_modules: ['q_proj', 'v_proj'] };
  return {
    ...run,
    recipe: { ...run.recipe, stages: [{ ...stage, cpt: { ...stage.cpt, adapter } }] },
    stages: run.stages.map((done) => ({ ...done, trainable: 21_248 })),
  };
}

const HOSTILE = `</title></svg><script>alert(1)</script><img src=x onerror='alert("2")'>\u202e\u0000\u001b[2J|\`a\`\n# b`;

export const UNPRINTABLE = /[^\P{Cc}\n]|\u202e/u;

/** Every name that can come from data, a checkpoint or a machine is hostile. */
export function hostileRun(): RunSummary {
  const run = syntheticRun();
  return {
    ...run,
    base: { ...run.base, description: HOSTILE, card: undefined },
    recipe: {
      ...run.recipe,
      data: { ...run.recipe.data, [HOSTILE]: { ...filesSet(), files: [HOSTILE, HOSTILE] } },
    },
    measurements: run.measurements.map((measurement) => ({
      ...measurement,
      at: measurement.at === 'base' ? 'base' : HOSTILE,
      samples: measurement.samples.map(() => ({
        ...sample([HOSTILE, 'x'.repeat(2 ** 20)], [0.5, 0.5]),
        source: HOSTILE,
        prompt: `${HOSTILE}${'\u05d0'.repeat(2 ** 20)}${HOSTILE}\nassistant`,
        expected: HOSTILE,
      })),
      tasks: measurement.tasks?.map((figure, i) => (i === 0 ? { ...figure, task: HOSTILE, metric: HOSTILE } : figure)),
      sets: measurement.sets.map((set, i) => ({
        ...set,
        name: i === 0 ? HOSTILE : set.name,
        sources: set.sources.map((source) => ({ ...source, name: `${source.name}${HOSTILE}` })),
      })),
    })),
    stages: run.stages.map((stage) => ({
      ...stage,
      name: HOSTILE,
      result: HOSTILE,
      stopped: HOSTILE,
      gate: { ...stage.gate!, metrics: [gated({ metric: HOSTILE })], reasons: [HOSTILE] },
    })),
    evaluations: [{ name: HOSTILE, of: HOSTILE, tasks: [task(HOSTILE, 0.5)] }],
    hashes: { [HOSTILE]: HOSTILE },
    events: run.events.map((event) => ({ ...event, stage: HOSTILE })),
    data: { ...run.data, [HOSTILE]: run.data.finance },
    machine: { ...run.machine, processor: HOSTILE, platform: HOSTILE, architecture: HOSTILE },
    commands: [HOSTILE, '```', '````'],
  };
}

const task = (name: string, value: number | null, change?: TaskFigure['change']): TaskFigure => ({
  task: name,
  metric: 'exact_match',
  higherIsBetter: true,
  value,
  stderr: value === null ? null : 0.03,
  interval: value === null ? null : { low: Math.max(0, value - 0.06), high: value + 0.06 },
  n: 120,
  ...(change !== undefined && { change }),
});

const gated = (changes: Partial<GatedMetric> & Pick<GatedMetric, 'metric'>): GatedMetric => ({
  own: false,
  before: null,
  after: null,
  improvement: null,
  standardError: 0.02,
  limit: 0.04,
  passes: true,
  ...changes,
});

/** An answer of tokens with their probabilities. */
export function sample(tokens: readonly string[], probabilities: readonly number[]): Sample {
  return {
    source: 'finance',
    prompt: 'user\nWhat did Delevdon earn in 2014?\nassistant\n',
    expected: 'Delevdon earned 13,072.',
    text: tokens.join(''),
    ids: tokens.map((_, id) => id),
    tokens,
    logprobs: probabilities.map(Math.log),
    finish_reason: 'stop',
    precision: 'f32',
  };
}

function filesSet() {
  return {
    files: [],
    held_out: { share: 0.05, group: 'document' as const, seed: 0 },
    skip_broken: false,
    text_field: 'text',
    max_documents: null,
  };
}
