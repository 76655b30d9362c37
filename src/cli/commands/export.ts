/** `finery export`: a model in the form that other programs take. */
import type { Command } from 'commander';
import { type GgufDtype, ggufDtypes } from '../../checkpoint/gguf/choose-type.ts';
import { type ExportReport, saveGgufModel } from '../../checkpoint/gguf/save-gguf-model.ts';
import type { StorageType } from '../../checkpoint/safetensors/write.ts';
import { UsageError } from '../../errors.ts';
import { exists } from '../../files/temporary-name.ts';
import { loadModel, type Model, saveModel } from '../../models/model.ts';
import { formatPlural } from '../../observe/numbers.ts';
import { formatFields } from '../layout.ts';
import { modelArgument, modelFolder } from '../model-folder.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly to: Form;
  readonly dtype?: string;
  readonly out: string;
}

const forms = ['gguf', 'hf'] as const;
type Form = (typeof forms)[number];

const storageTypes = ['f32', 'f16', 'bf16'] as const satisfies readonly StorageType[];

const details = `
--to gguf writes one file for llama.cpp, Ollama, LM Studio and others. Models with a byte-level
tokenizer have that form; docs/models.md says of which architectures. q4_k_m and q4_0 keep about a
quarter of the bytes of f16, q8_0 half of them. Rows that a type's blocks do not divide are kept in
a type of smaller blocks.
--to hf writes a Hugging Face folder, from a GGUF file too.

  finery export MODEL --to gguf --dtype q8_0 --out model-q8_0.gguf
  finery export model.gguf --to hf --dtype bf16 --out model`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Writes a model as a GGUF file or a Hugging Face folder.')
    .argument('<model>', modelArgument)
    .requiredOption('--to <form>', `${forms.join(' or ')} (required)`, (word) => oneOf('--to', word, forms))
    .option('--dtype <type>', `gguf: ${ggufDtypes.join(', ')}; hf: ${storageTypes.join(', ')}; default f16`)
    .requiredOption('--out <path>', 'the file or folder to make (required)')
    .addHelpText('after', details)
    .action((model: string, options: Options) => exportModel(model, options, terminal));
}

function oneOf<T extends string>(option: string, word: string, words: readonly T[]): T {
  const found = words.find((known) => known === word);
  if (found !== undefined) return found;
  throw wrongValue(option, JSON.stringify(word), words.join(', '));
}

async function exportModel(name: string, { to, dtype = 'f16', out }: Options, terminal: Terminal): Promise<void> {
  // Found out before a model is loaded.
  const save = to === 'gguf' ? ggufSaver(out, dtype) : folderSaver(out, dtype);
  if (await exists(out)) throw alreadyThere(out);
  const model = await loadModel(await modelFolder(name, terminal));
  for (const warning of model.warnings) terminal.warn(warning);
  terminal.signal.throwIfAborted();
  const report = await save(model);
  for (const note of report?.notes ?? []) terminal.warn(note);
  await terminal.print({ out, to, dtype, ...report }, () => {
    const { style } = terminal;
    const types = Object.entries(report?.types ?? {}).map(
      ([type, count]) => `${formatPlural(count, 'tensor')} ${type}`,
    );
    return formatFields(
      [
        ['model', style.bold(out)],
        ['form', to === 'gguf' ? `GGUF, ${dtype}` : `Hugging Face folder, ${dtype}`],
        ['stored as', types.length > 0 ? types.join(', ') : undefined],
        ['head', report && (report.tied ? 'tied to the embedding' : 'of its own')],
        [
          'rows',
          report && report.permuted.length > 0
            ? `${formatPlural(report.permuted.length, 'tensor')} reordered for rotary pairs`
            : undefined,
        ],
      ],
      style,
    );
  });
}

type Saver = (model: Model) => Promise<ExportReport | undefined>;

function ggufSaver(out: string, word: string): Saver {
  const dtype: GgufDtype = oneOf('--dtype', word, ggufDtypes);
  if (!out.endsWith('.gguf')) throw wrongValue('--out', JSON.stringify(out), 'a name that ends in .gguf');
  return ({ config, decoder, parameters, tokenizer }) => {
    const tensors = decoder.parameters.map(({ name, shape }) => ({ name, shape, data: parameters.get(name)!.weight }));
    return saveGgufModel(out, { config, tensors, tokenizer, dtype });
  };
}

function folderSaver(out: string, word: string): Saver {
  const dtype = oneOf('--dtype', word, storageTypes);
  return async (model) => {
    await saveModel(out, model, { dtype });
    return undefined;
  };
}

function alreadyThere(out: string): UsageError {
  return new UsageError({
    field: '--out',
    found: `${out}, which is there already`,
    expected: 'a path that does not exist yet',
    fix: 'Choose another name, or remove it first.',
  });
}
