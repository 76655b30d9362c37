/** What `finery ablate --dry-run` prints: the stages of each chain, and what the ablation would take. */
import type { AblationEstimate, ChainEstimate } from '../../ablate/estimate-ablation.ts';
import { formatAmount, formatCount, formatPlural } from '../../observe/numbers.ts';
import { formatDuration } from '../../observe/progress.ts';
import { formatTable } from '../layout.ts';
import { describeMemory, formatOperations, trainingCells, trainingHeader } from '../plan-table.ts';

export function chainsTable({ chains, left, operations, seconds, memory }: AblationEstimate): string {
  const header = ['chain', 'seed', 'stage', ...trainingHeader];
  const table = formatTable([header, ...chains.flatMap(rowsOf)], { right: [1, 4, 5, 6, 7, 8] });
  const trained = chains.map(({ tokens }) => tokens);
  const [least, most] = [Math.min(...trained), Math.max(...trained)].map(formatAmount);
  const lines = [
    `${formatPlural(chains.length, 'chain')}, each trained on ${least === most ? least : `${least} to ${most}`} tokens without padding`,
    ...(left.length > 0 ? [`not part of the chains: ${left.join(', ')}`] : []),
    describeMemory(memory),
    `training time: about ${formatDuration(seconds)} for ${formatOperations(operations)} FLOPs, measurements not counted`,
  ];
  return [table, ...lines].join('\n');
}

/** The name of a chain stands before its first stage. */
const rowsOf = ({ variant, seed, stages }: ChainEstimate): string[][] =>
  stages.map(({ name, state, training }, i) => [
    i === 0 ? variant : '',
    i === 0 ? formatCount(seed) : '',
    name,
    ...trainingCells(state, training),
  ]);
