/** `finery init`: a new model with random weights, from a configuration. */
import type { Command } from 'commander';
import type { StorageType } from '../../checkpoint/safetensors/write.ts';
import { requireAbsent } from '../../files/atomic-write.ts';
import { readJsonObject } from '../../files/json-file.ts';
import { initModel, saveModel } from '../../models/model.ts';
import { formatAmount, formatCount } from '../../observe/numbers.ts';
import { elementCount } from '../../tensor/element-type.ts';
import { loadTokenizer } from '../../tokenizer/load.ts';
import { formatFields } from '../layout.ts';
import { integer, wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly out: string;
  readonly tokenizer?: string;
  readonly seed: number;
  readonly dtype: StorageType;
}

const storageTypes: readonly StorageType[] = ['f32', 'bf16', 'f16'];

function storageType(word: string): StorageType {
  const type = storageTypes.find((name) => name === word);
  if (type) return type;
  throw wrongValue('--dtype', JSON.stringify(word), storageTypes.join(', '));
}

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Makes a new model with the initialization of its architecture and writes a Hugging Face folder.')
    .argument('<config>', 'a config.json, as Hugging Face models have')
    .requiredOption('--out <folder>', 'the folder to make (required)')
    .option('--tokenizer <tokenizer>', 'tokenizer to put beside the weights')
    .option('--seed <n>', 'same seed, same weights', integer('--seed', 0, 2 ** 32 - 1), 0)
    .option('--dtype <type>', 'element type of the file: f32, bf16 or f16', storageType, 'f32')
    .action((config: string, options: Options) => init(config, options, terminal));
}

async function init(path: string, options: Options, terminal: Terminal): Promise<void> {
  const { out, seed, dtype } = options;
  await requireAbsent(out);
  const config = await readJsonObject(path);
  const tokenizer = options.tokenizer === undefined ? undefined : await loadTokenizer(options.tokenizer);
  const model = initModel(config, { seed, tokenizer, purpose: 'inference' });
  await saveModel(out, model, { dtype });
  const { modelType, sizes, parameters } = model.decoder;
  const count = parameters.reduce((sum, { shape }) => sum + elementCount(shape)!, 0);
  const { style } = terminal;
  await terminal.print({ out, architecture: modelType, parameters: count, dtype, seed }, () =>
    formatFields(
      [
        ['model', style.bold(out)],
        ['architecture', `${modelType}, ${sizes.layers} layers, hidden ${sizes.hidden}`],
        ['parameters', `${formatAmount(count)} (${formatCount(count)}) as ${dtype}`],
        ['tokenizer', tokenizer ? `${formatCount(tokenizer.vocabSize)} tokens` : style.dim('none')],
        ['seed', String(seed)],
      ],
      style,
    ),
  );
}
