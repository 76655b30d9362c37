/** How a model is held and run, as options of a command. */
import type { Command } from 'commander';
import type { Precision } from '../../models/inference-graph.ts';
import { adapterOption } from '../model-folder.ts';
import { integer, wrongValue } from '../option-values.ts';

export interface ModelFlags {
  readonly precision: Precision;
  readonly threads?: number;
  readonly adapter?: string;
}

const precisions: readonly Precision[] = ['f32', 'int8', 'int4'];

function precision(word: string): Precision {
  const found = precisions.find((name) => name === word);
  if (found) return found;
  throw wrongValue('--precision', JSON.stringify(word), precisions.join(', '));
}

export function addModelOptions(command: Command): Command {
  return command
    .option('--precision <type>', 'weights as f32, int8 or int4: fewer bits take less memory', precision, 'f32')
    .option(...adapterOption)
    .option('--threads <n>', 'threads to compute with; default all cores', integer('--threads', 1, 1024));
}
