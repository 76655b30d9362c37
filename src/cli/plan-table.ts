/** What `finery run --dry-run` prints: a line for each stage, and what the run would take. */
import { formatAmount, formatBytes, formatCount, formatPlural } from '../observe/numbers.ts';
import { formatDuration } from '../observe/progress.ts';
import type { RunEstimate, StageEstimate } from '../recipe/plan/plan-run.ts';
import { formatTable } from './layout.ts';
import { printable } from './style.ts';

export function planTable({ stages, memory, seconds }: RunEstimate): string {
  const header = ['stage', 'from', ...trainingHeader];
  const table = formatTable([header, ...stages.map(rowOf)], { right: [3, 4, 5, 6, 7] });
  const merges = stages.flatMap(({ name, merge }) => (merge ? [`${describeMerge(name, merge)}\n`] : [])).join('');
  return `${table}\n${merges}${describeMemory(memory)}\ntraining time: about ${formatDuration(seconds)}, measurements not counted`;
}

export const describeMemory = ({ predicted, available }: RunEstimate['memory']): string =>
  `memory: about ${formatBytes(predicted)} at most, of ${formatBytes(available)} that may be used`;

function describeMerge(stage: string, { method, models, tensors, bytes }: NonNullable<StageEstimate['merge']>): string {
  const listed = models.map(printable).join(', ');
  return `${stage}: ${method} of ${listed}; writes ${formatPlural(tensors, 'tensor')}, ${formatBytes(bytes)}`;
}

const rowOf = ({ name, from, state, step, training }: StageEstimate): string[] => [
  name,
  from,
  ...trainingCells(step === undefined ? state : `${state}, at ${formatCount(step)}`, training),
];

export const trainingHeader = ['state', 'steps', 'tokens', 'FLOPs', 'memory', 'time'] as const;

/** Cells under `trainingHeader`; all but the first are numbers. */
export function trainingCells(state: string, training: StageEstimate['training']): string[] {
  if (training === undefined) return [state, '', '', '', '', ''];
  const { steps, tokens, operations, memory, seconds } = training;
  return [
    state,
    formatCount(steps),
    formatAmount(tokens),
    formatOperations(operations),
    formatBytes(memory),
    seconds === null ? '' : formatDuration(seconds),
  ];
}

export const formatOperations = (count: number): string => count.toExponential(1).replace('e+', 'e');
