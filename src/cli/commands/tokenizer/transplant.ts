/** `finery tokenizer transplant`: a model with the vocabulary of another. */
import type { Command } from 'commander';
import { formatCount } from '../../../observe/numbers.ts';
import { Engine } from '../../../runtime/engine.ts';
import {
  type TransplantMethod,
  type TransplantOptions,
  transplantMethods,
  transplantModel,
} from '../../../vocabulary/transplant-model.ts';
import { formatFields } from '../../layout.ts';
import { folderArgument, modelFolder } from '../../model-folder.ts';
import { integer, wrongValue } from '../../option-values.ts';
import { printable } from '../../style.ts';
import type { Terminal } from '../../terminal.ts';

interface Options {
  readonly out: string;
  readonly method: TransplantMethod;
  readonly atoms?: number;
  readonly padTo?: number;
  readonly seed: number;
  readonly threads?: number;
}

const details = `
Tokens that both models have keep the rows of MODEL. How the others are made:

  omp       the row of DONOR as a sum of few shared tokens, by orthogonal matching pursuit, and the
            same sum of rows of MODEL
  nearest   the same with the nearest shared tokens, each weighted by one over its distance
  subword   the mean of what the token is in the tokenizer of MODEL
  mean, random, zero

omp and nearest read the tables of DONOR; the others its tokenizer alone.`;

function methodOf(word: string): TransplantMethod {
  const method = transplantMethods.find((name) => name === word);
  if (method) return method;
  throw wrongValue('--method', JSON.stringify(word), transplantMethods.join(', '));
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Writes a model with the tokenizer of another, and token tables that fit it.')
    .argument('<model>', folderArgument)
    .argument('<donor>', 'the folder, or hub id, of the model or tokenizer whose vocabulary it gets')
    .requiredOption('--out <folder>', 'the folder to make (required)')
    .option('--method <method>', transplantMethods.join(', '), methodOf, 'omp')
    .option('--atoms <n>', 'shared tokens in a row of omp (64) or nearest (8), at most', integer('--atoms', 1, 4096))
    .option('--pad-to <n>', 'make the rows of the tables a multiple of this', integer('--pad-to', 1, 1 << 16))
    .option('--seed <n>', 'of random rows', integer('--seed', 0, 2 ** 32 - 1), 0)
    .option('--threads <n>', 'threads of one operator; default all cores', integer('--threads', 1, 1024))
    .addHelpText('after', details)
    .action((model: string, donor: string, options: Options) => transplant(model, donor, options, terminal));
}

async function transplant(model: string, donor: string, options: Options, terminal: Terminal): Promise<void> {
  const { out, method, atoms, padTo, seed, threads } = options;
  const folder = await modelFolder(model, terminal);
  const given = await modelFolder(donor, terminal);
  const settings: TransplantOptions = { method, atoms, padToMultipleOf: padTo, seed };
  const engine = new Engine({ threads });
  try {
    const { tokens, rows, shared, keepsEnd, warnings } = await transplantModel(engine, folder, given, out, settings);
    for (const warning of warnings) terminal.warn(printable(warning));
    if (!keepsEnd) terminal.warn('the donor has no end of text: what the model writes goes on to its longest length');
    const { style } = terminal;
    await terminal.print({ out, method, tokens, shared, rows }, () =>
      formatFields(
        [
          ['model', style.bold(printable(out))],
          ['tokens', `${formatCount(tokens)}, ${formatCount(shared)} of them known before`],
          ['others', method],
          ['rows', formatCount(rows)],
        ],
        style,
      ),
    );
  } finally {
    await engine.close();
  }
}
