/** What came of a run, in words and numbers, and how sure they are. */
import { formatAmount } from '../../observe/numbers.ts';
import { formatDifference, formatScore } from '../../report/figures.ts';
import { setsOf } from '../stage.ts';
import type { MergeSummary, RunSummary } from '../summary.ts';
import { type ComparedRow, compareBits, compareTasks } from './compare.ts';
import { bitsFigures, formatBits, formatChange, formatLevel, formatRange, taskFigures } from './figures.ts';

/** What was done, on what. */
export function describeRun(summary: RunSummary): string {
  const { base, recipe, stages, merges } = summary;
  const tokens = stages.reduce((sum, stage) => sum + stage.tokens, 0);
  const sets = [...new Set(recipe.stages.flatMap(setsOf))];
  const size = `${formatAmount(base.parameters)} parameters`;
  return `${base.description} (${size}), trained on ${formatAmount(tokens)} tokens of ${listing(sets)}${merges.map(describeMerge).join('')}`;
}

const describeMerge = ({ name, method, models }: MergeSummary): string =>
  `; ${name} merges ${listing(models)} by ${method}`;

/** More tasks than this are counted instead of told. */
const MOST_TASKS = 3;

/** The verdict in a few sentences: tasks, then bits per byte. */
export function verdict(summary: RunSummary): string {
  const { recipe, state, measurements } = summary;
  const last = measurements.at(-1);
  if (last === undefined || measurements.length < 2) {
    return state === 'done' ? 'Nothing was measured after training.' : `The run is not complete: ${state}.`;
  }
  const level = formatLevel(recipe.evaluation.bits_per_byte.confidence);
  const sets = compareBits(summary).filter(({ isSource }) => !isSource);
  const bits = sets.map((row, index) => bitsClause(row, level, index === 0 ? ' bits per byte' : ''));
  const tasks = taskClauses(compareTasks(summary), level);
  return `After ${formatAmount(last.tokensSeen)} tokens: ${[...tasks, ...bits].join('; ')}.`;
}

function taskClauses(rows: readonly ComparedRow[], level: string): string[] {
  if (rows.length === 0) return [];
  if (rows.length > MOST_TASKS) {
    const count = (direction: ComparedRow['direction']) => rows.filter((row) => row.direction === direction).length;
    return [
      `of ${rows.length} tasks ${count('better')} better, ${count('worse')} worse and ${count('unclear')} without a clear change`,
    ];
  }
  return rows.map(({ name, before, after, change, range, direction }) => {
    if (after === undefined) return `${name} was not asked again`;
    const values = `${formatScore(before.value)} to ${formatScore(after.value)}`;
    if (change === undefined) return `no comparison on ${name} (${values})`;
    const interval = range === undefined ? '' : `, ${level} interval ${formatRange(range, taskFigures)}`;
    const words = { better: 'better at', worse: 'worse at', unclear: 'no clear change at' }[direction];
    return `${words} ${name} (${values}${direction === 'unclear' ? `, ${formatDifference(change)}` : ''}${interval})`;
  });
}

function bitsClause({ name, before, after, change, range, direction }: ComparedRow, level: string, unit: string) {
  if (after === undefined) return `${name} was not measured again`;
  const values = `${formatBits(before.value)} to ${formatBits(after.value)}`;
  if (change === undefined) return `no comparison on ${name} (${values})`;
  const interval = range === undefined ? '' : `, ${level} interval ${formatRange(range, bitsFigures)}`;
  if (direction === 'unclear') return `no clear change on ${name} (${values}, ${formatChange(change)}${interval})`;
  const amount = formatChange(Math.abs(change)).replace('+', '');
  return `${amount} ${direction === 'better' ? 'fewer' : 'more'}${unit} on ${name} (${values}${interval})`;
}

/** `a`, `a and b`, `a, b and c` */
function listing(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
