/** `finery export`: a model in the form that other programs take. */
import type { Command } from 'commander';
import { readAdapter } from '../../adapters/peft/read-adapter.ts';
import { type GgufDtype, ggufDtypes } from '../../checkpoint/gguf/choose-type.ts';
import type { StorageType } from '../../checkpoint/safetensors/write.ts';
import { readSentenceModules } from '../../embed/sentence-modules.ts';
import { UsageError } from '../../errors.ts';
import { type ExportSource, type ExportSourceOptions, openExportSource } from '../../export/export-source.ts';
import { onnxForms } from '../../export/onnx/forms.ts';
import { saveFolder } from '../../export/save-folder.ts';
import { saveGguf } from '../../export/save-gguf.ts';
import { saveOnnx } from '../../export/save-onnx.ts';
import { exists } from '../../files/temporary-name.ts';
import { formatPlural } from '../../observe/numbers.ts';
import { formatFields } from '../layout.ts';
import { adapterFolder, adapterOption, modelArgument, modelFolder } from '../model-folder.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly to: Form;
  readonly dtype?: string;
  readonly adapter?: string;
  readonly out: string;
}

const storageTypes = ['f32', 'f16', 'bf16'] as const satisfies readonly StorageType[];

const details = `
MODEL is a decoder, an encoder that makes vectors of texts, or an encoder-decoder (T5).
--to gguf writes one file for llama.cpp, Ollama, LM Studio and others; docs/models.md says of which
architectures and tokenizers. q4_k_m and q4_0 keep about a quarter of the bytes of f16, q8_0 half of
them. Rows that a type's blocks do not divide are kept in a type of smaller blocks.
--to hf writes a Hugging Face folder, from a GGUF file too; of an encoder one of
sentence-transformers.
--to onnx writes a folder for transformers.js and other programs that run ONNX models, with a model
for each type that is named: q8 and q4 are integers of 8 and 4 bits for the matrices, with a table of
embeddings in 8 bits. By default those are written that transformers.js opens when none is named, in
Node.js and in browsers. Of an encoder it is the hidden states, of which vectors are made; of T5 there
are two, one that reads and one that writes.
Weights are read one after the other, and merged with those of an adapter, so a model may be larger
than memory.

  finery export MODEL --to gguf --dtype q8_0 --out model-q8_0.gguf
  finery export model.gguf --to hf --dtype bf16 --out model
  finery export MODEL --to onnx --dtype fp16,q4 --out model-onnx
  finery export MODEL --adapter runs/filings/adapter --to gguf --out tuned.gguf`;

export function configure(command: Command, terminal: Terminal): void {
  const dtypes = `gguf: ${ggufDtypes.join(', ')}; hf: ${storageTypes.join(', ')}; default f16; onnx: some of ${onnxForms.join(', ')}; default ${usualForms}`;
  command
    .description('Writes a model as a GGUF file, a Hugging Face folder or an ONNX folder.')
    .argument('<model>', modelArgument)
    .requiredOption('--to <form>', `${formNames.join(', ')} (required)`, (word) => oneOf('--to', word, formNames))
    .option('--dtype <type>', dtypes)
    .option(...adapterOption)
    .requiredOption('--out <path>', 'the file or folder to make (required)')
    .addHelpText('after', details)
    .action((model: string, options: Options) => exportModel(model, options, terminal));
}

function oneOf<T extends string>(option: string, word: string, words: readonly T[]): T {
  const found = words.find((known) => known === word);
  if (found !== undefined) return found;
  throw wrongValue(option, JSON.stringify(word), words.join(', '));
}

async function exportModel(
  name: string,
  { to, dtype = forms[to].usual, adapter, out }: Options,
  terminal: Terminal,
): Promise<void> {
  // Found out before a model is read.
  const save = forms[to].saver(out, dtype, terminal);
  if (await exists(out)) throw alreadyThere(out);
  const adapted = await adapterOptions(await adapterFolder(adapter, terminal));
  const source = await openExportSource(await modelFolder(name, terminal), adapted);
  const { report, fields } = await saveAndClose(source, save, terminal);
  for (const note of report.notes ?? []) terminal.warn(note);
  await terminal.print({ out, to, dtype, adapter, ...report }, () => {
    const { style } = terminal;
    const form = `${forms[to].title}, ${dtype}`;
    return formatFields([['model', style.bold(out)], ['form', form], ['adapter', adapter], ...fields], style);
  });
}

/** An adapter to merge; one that learnt to make vectors in another way than its base says so. */
const adapterOptions = async (folder: string | undefined): Promise<ExportSourceOptions> => {
  if (folder === undefined) return {};
  return { adapters: [{ adapter: await readAdapter(folder) }], modules: await readSentenceModules(folder) };
};

async function saveAndClose(source: ExportSource, save: Saver, terminal: Terminal): Promise<Saved> {
  try {
    for (const warning of source.warnings) terminal.warn(warning);
    return await save(source);
  } finally {
    await source.close();
  }
}

interface Saved {
  /** What is printed with --json; the notes go to the other channel too. */
  readonly report: { readonly notes?: readonly string[] };
  readonly fields: readonly (readonly [name: string, value: string | undefined])[];
}

/** Saves the model in a folder or file. */
type Saver = (source: ExportSource) => Promise<Saved>;

interface FormOfModel {
  readonly title: string;
  /** Type where none is given. */
  readonly usual: string;
  /** @throws UsageError for a name or a type that the form does not have */
  saver(out: string, dtype: string, terminal: Terminal): Saver;
}

/** What transformers.js opens when no type is named: the first in Node.js, the second in browsers. */
const usualForms = 'fp32,q8';

const forms = {
  gguf: { title: 'GGUF', usual: 'f16', saver: ggufSaver },
  hf: { title: 'Hugging Face folder', usual: 'f16', saver: folderSaver },
  onnx: { title: 'ONNX folder', usual: usualForms, saver: onnxSaver },
} as const satisfies Record<string, FormOfModel>;

type Form = keyof typeof forms;
const formNames = Object.keys(forms) as Form[];

function ggufSaver(out: string, word: string, { signal }: Terminal): Saver {
  const dtype: GgufDtype = oneOf('--dtype', word, ggufDtypes);
  if (!out.endsWith('.gguf')) throw wrongValue('--out', JSON.stringify(out), 'a name that ends in .gguf');
  return async (source) => {
    const report = await saveGguf(out, source, { dtype, signal });
    const { types, tied, permuted } = report;
    const counts = Object.entries(types).map(([type, count]) => `${formatPlural(count, 'tensor')} ${type}`);
    const rows = `${formatPlural(permuted.length, 'tensor')} reordered for rotary pairs`;
    const head = tied ? 'tied to the embedding' : 'of its own';
    return {
      report,
      fields: [
        ['stored as', counts.join(', ')],
        ['head', source.kind === 'encoder' ? undefined : head],
        ['rows', permuted.length > 0 ? rows : undefined],
      ],
    };
  };
}

function folderSaver(out: string, word: string, { signal }: Terminal): Saver {
  const dtype: StorageType = oneOf('--dtype', word, storageTypes);
  return async (source) => {
    await saveFolder(out, source, { dtype, signal });
    return { report: {}, fields: [] };
  };
}

function onnxSaver(out: string, words: string, { signal }: Terminal): Saver {
  const forms = [...new Set(words.split(',').map((word) => oneOf('--dtype', word.trim(), onnxForms)))];
  return async (source) => {
    const report = await saveOnnx(out, source, { forms, signal });
    return { report, fields: [['files', Object.keys(report.files).join(', ')]] };
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
