/** What `finery run --dry-run` prints: a line for each stage, and what the run would take. */
import { formatAmount, formatBytes, formatCount, formatPlural } from '../observe/numbers.ts';
import { formatDuration } from '../observe/progress.ts';
import type { RunEstimate, StageEstimate } from '../recipe/plan/plan-run.ts';
import { formatTable } from './layout.ts';
import { printable } from './style.ts';

export function planTable({ stages, memory, seconds }: RunEstimate): string {
  const header = ['stage', 'from', 'state', 'steps', 'tokens', 'FLOPs', 'memory', 'time'];
  const table = formatTable([header, ...stages.map(rowOf)], { right: [3, 4, 5, 6, 7] });
  const need = `memory: about ${formatBytes(memory.predicted)} at most, of ${formatBytes(memory.available)} that may be used`;
  const merges = stages.flatMap(({ name, merge }) => (merge ? [`${describeMerge(name, merge)}\n`] : [])).join('');
  return `${table}\n${merges}${need}\ntraining time: about ${formatDuration(seconds)}, measurements not counted`;
}

function describeMerge(stage: string, { method, models, tensors, bytes }: NonNullable<StageEstimate['merge']>): string {
  const listed = models.map(printable).join(', ');
  return `${stage}: ${method} of ${listed}; writes ${formatPlural(tensors, 'tensor')}, ${formatBytes(bytes)}`;
}

function rowOf({ name, from, state, training }: StageEstimate): string[] {
  if (training === undefined) return [name, from, state, '', '', '', '', ''];
  const { steps, tokens, operations, memory, seconds } = training;
  return [
    name,
    from,
    state,
    formatCount(steps),
    formatAmount(tokens),
    operations.toExponential(1).replace('e+', 'e'),
    formatBytes(memory),
    seconds === null ? '' : formatDuration(seconds),
  ];
}
