/** The pictures of a training stage. */

import { formatAmount } from '../../observe/numbers.ts';
import { quantileRange, type Range, rangeOf } from '../../report/axis.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { isContrastiveStage, isTrainingStage, type Stage, settingsOf } from '../stage.ts';
import type { RunSummary, StageSummary } from '../summary.ts';
import { alarmsOf } from './alarms.ts';
import { curveOf, type Point, smooth, thin } from './curve.ts';
import { formatBits } from './figures.ts';
import { type ChartLine, type ChartOptions, lineChart } from './line-chart.ts';

/** Colours in the page's palette. */
const TONES = 6;
const NARROW = 440;
const WIDE = 900;
/** Enough for a name of ten letters and its value. */
const LABEL_ROOM = 112;
const LONGEST_NAME = 12;
const RAW_BINS = 500;
/** Height of a row of marks, as a share of the picture. */
const ROW_OF_MARKS = 0.07;
/** Share of the values that may be cut off at each end of an axis, so that one spike does not flatten the rest. */
const CUT_OFF = 0.01;

export function trainingCharts(summary: RunSummary, stage: StageSummary): Markup {
  const setup = summary.recipe.stages.find(({ name }) => name === stage.name);
  const curve = (metric: string) => curveOf(summary.events, stage.name, metric);
  const loss = curve('loss');
  const skipped = skippedSteps(summary, stage);
  const marks = [
    { at: skipped, label: skipped.length === 1 ? 'a skipped step' : 'skipped steps' },
    ...alarmsOf(summary.events, stage.name).map(({ kind, at }) => ({ at, label: kind.replaceAll('_', ' ') })),
  ].filter(({ at }) => at.length > 0);
  const lossChart = (width: number, height: number) =>
    lineChart({
      ...frame(stage, width, height),
      title: 'Training loss',
      unit: setup && isContrastiveStage(setup) ? 'nats per query' : 'nats per token',
      lines: [noisyLine(loss, (value) => value.toFixed(2), 0)],
      range: withRoom(rangeOf([...ends(quantileRange(ys(loss), CUT_OFF / 2)), ...ys(smooth(loss))]), marks.length),
      marks,
    });
  const small = { ...frame(stage, NARROW, 230), labelRoom: LABEL_ROOM };
  const norm = curve('grad_norm');
  const limit = setup && clippedAbove(setup);
  const rate = curve('learning_rate');
  const speed = curve('tokens_per_second');
  const charts: (ChartOptions | undefined)[] = [
    bitsChart(summary, stage, small),
    rate.length > 0
      ? {
          ...small,
          title: 'Learning rate',
          lines: [{ label: '', points: thin(rate, RAW_BINS), tone: 5 }],
          range: rangeOf([0, ...ys(rate)]),
        }
      : undefined,
    norm.length > 0
      ? {
          ...small,
          title: 'Gradient norm',
          unit: 'before clipping',
          lines: [noisyLine(norm, (value) => value.toPrecision(2), 2)],
          range: rangeOf([0, ...ends(quantileRange(ys(norm), CUT_OFF)), ...ys(smooth(norm))]),
          reference: limit === undefined ? undefined : { y: limit, label: `clipped above ${limit}` },
        }
      : undefined,
    speed.length > 0
      ? {
          ...small,
          title: 'Speed',
          unit: 'tokens per second',
          lines: [noisyLine(speed, formatAmount, 4)],
          range: rangeOf([0, ...ys(speed)]),
        }
      : undefined,
  ];
  return markup`${
    loss.length > 0 &&
    markup`<figure class="wide">${lossChart(WIDE, 300)}</figure>
<figure class="narrow">${lossChart(NARROW, 260)}</figure>
`
  }<div class="charts">
${charts.filter((chart) => chart !== undefined).map((chart) => markup`<figure>${lineChart(visibleReference(chart))}</figure>\n`)}</div>
`;
}

function clippedAbove(stage: Stage): number | undefined {
  if (isContrastiveStage(stage)) return stage.contrastive.max_grad_norm ?? undefined;
  return isTrainingStage(stage) ? (settingsOf(stage).max_grad_norm ?? undefined) : undefined;
}

/** Bits per byte from the measurement before the stage to the one after it, with those in between. */
function bitsChart(summary: RunSummary, stage: StageSummary, small: Frame): ChartOptions | undefined {
  const before = summary.measurements.find(({ at }) => at === stage.from);
  const after = summary.measurements.find(({ at }) => at === stage.name);
  if (before === undefined) return undefined;
  const lines = before.sets.map(({ name, value, low, high }, tone): ChartLine => {
    const last = after?.sets.find((set) => set.name === name && Number.isFinite(set.value));
    const during = curveOf(summary.events, stage.name, `bits_per_byte/${name}`).filter(
      ({ x, y }) => x > 0 && x < stage.steps && Number.isFinite(y),
    );
    const points = [{ x: 0, y: value }, ...during, ...(last === undefined ? [] : [{ x: stage.steps, y: last.value }])];
    return {
      label: `${shortened(name)} ${formatBits(points[points.length - 1].y)}`,
      points,
      intervals: [
        { x: 0, low, high },
        ...(last === undefined ? [] : [{ x: stage.steps, low: last.low, high: last.high }]),
      ],
      tone: tone % TONES,
      dots: true,
    };
  });
  const values = lines.flatMap(({ points, intervals = [] }) => [
    ...ys(points),
    ...intervals.flatMap(({ low, high }) => [low, high]),
  ]);
  return { ...small, title: 'Held-out text', unit: 'bits per byte', lines, range: rangeOf(values) };
}

type Frame = Pick<ChartOptions, 'width' | 'height' | 'across' | 'end' | 'labelRoom'>;

function frame({ steps }: StageSummary, width: number, height: number): Frame {
  return { width, height, across: 'optimizer steps', end: steps };
}

function noisyLine(points: readonly Point[], format: (value: number) => string, tone: number): ChartLine {
  const line = smooth(points);
  const last = line.at(-1);
  return { label: last === undefined ? '' : format(last.y), points: line, raw: thin(points, RAW_BINS), tone };
}

/** A reference beyond the axis would be a line outside of the picture. */
function visibleReference({ reference, ...chart }: ChartOptions): ChartOptions {
  const shown = reference !== undefined && reference.y >= chart.range.low && reference.y <= chart.range.high;
  return shown ? { ...chart, reference } : chart;
}

/** Steps with a reason to be skipped, and logged losses that are not finite. */
function skippedSteps({ events }: RunSummary, { name }: StageSummary): number[] {
  const steps = events
    .filter(
      ({ stage, metric, value }) =>
        stage === name &&
        (metric === 'skipped' || (metric === 'loss' && typeof value === 'number' && !Number.isFinite(value))),
    )
    .map(({ step }) => step);
  return [...new Set(steps)];
}

/** Room below the curve for rows of marks, so that their names do not stand on it. */
function withRoom({ low, high }: Range, rows: number): Range {
  return { low: low - rows * ROW_OF_MARKS * (high - low), high };
}

function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 1)}…`;
}

function ys(points: readonly Point[]): number[] {
  return points.map(({ y }) => y);
}

function ends({ low, high }: Range): number[] {
  return [low, high];
}
