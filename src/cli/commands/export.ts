/** `finery export`: a model in the form that other programs take. */
import type { Command } from 'commander';
import type { WeightedAdapter } from '../../adapters/merge.ts';
import { openMergedCheckpoint } from '../../adapters/merged-checkpoint.ts';
import { readAdapter } from '../../adapters/peft/read-adapter.ts';
import { type GgufDtype, ggufDtypes } from '../../checkpoint/gguf/choose-type.ts';
import { saveGgufModel } from '../../checkpoint/gguf/save-gguf-model.ts';
import type { StorageType } from '../../checkpoint/safetensors/write.ts';
import { UsageError } from '../../errors.ts';
import { onnxForms } from '../../export/onnx/forms.ts';
import { type EncoderToExport, openEncoderToExport, saveOnnxEncoder } from '../../export/onnx/save-onnx-encoder.ts';
import { saveOnnxModel } from '../../export/onnx/save-onnx-model.ts';
import type { OnnxOptions, OnnxReport } from '../../export/onnx/write-onnx-folder.ts';
import { exists } from '../../files/temporary-name.ts';
import { holdsEncoderDecoder, loadEncoderDecoder, saveEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import { saveStreamed } from '../../models/model.ts';
import type { ModelCheckpoint } from '../../models/model-checkpoint.ts';
import { streamedModel } from '../../models/streamed-model.ts';
import { formatPlural } from '../../observe/numbers.ts';
import { formatFields } from '../layout.ts';
import { modelArgument, modelFolder } from '../model-folder.ts';
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
--to gguf writes one file for llama.cpp, Ollama, LM Studio and others. Models with a byte-level
tokenizer have that form; docs/models.md says of which architectures. q4_k_m and q4_0 keep about a
quarter of the bytes of f16, q8_0 half of them. Rows that a type's blocks do not divide are kept in
a type of smaller blocks.
--to hf writes a Hugging Face folder, from a GGUF file too.
--to onnx writes a folder for transformers.js and other programs that run ONNX models, with a model
for each type that is named: q8 and q4 are integers of 8 and 4 bits for the matrices, with a table of
embeddings in 8 bits. By default those are written that transformers.js opens when none is named, in
Node.js and in browsers. Of an encoder it is the hidden states, of which vectors are made.
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
    .option('--adapter <folder>', 'a LoRA or DoRA adapter, as PEFT writes it, to merge into the model')
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
  { to, dtype = forms[to].usual, adapter: adapterFolder, out }: Options,
  terminal: Terminal,
): Promise<void> {
  // Found out before a model is read.
  const save = forms[to].saver(out, dtype, terminal);
  if (await exists(out)) throw alreadyThere(out);
  const adapters = adapterFolder === undefined ? [] : [{ adapter: await readAdapter(adapterFolder) }];
  const { report, fields } = await save({ path: await modelFolder(name, terminal), adapters });
  for (const note of report.notes ?? []) terminal.warn(note);
  await terminal.print({ out, to, dtype, adapter: adapterFolder, ...report }, () => {
    const { style } = terminal;
    const form = `${forms[to].title}, ${dtype}`;
    return formatFields([['model', style.bold(out)], ['form', form], ['adapter', adapterFolder], ...fields], style);
  });
}

interface Saved {
  /** What is printed with --json; the notes go to the other channel too. */
  readonly report: { readonly notes?: readonly string[] };
  readonly fields: readonly (readonly [name: string, value: string | undefined])[];
}

/** A stored model, and what is merged into it while it is read. */
interface Source {
  readonly path: string;
  readonly adapters: readonly WeightedAdapter[];
}

/** Saves the model in a folder or file. */
type Saver = (source: Source) => Promise<Saved>;

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

async function opened<T>(
  { path, adapters }: Source,
  terminal: Terminal,
  use: (model: ModelCheckpoint) => Promise<T>,
): Promise<T> {
  const model = await openMergedCheckpoint(path, adapters);
  try {
    for (const warning of model.warnings) terminal.warn(warning);
    return await use(model);
  } finally {
    await model.checkpoint.close();
  }
}

function ggufSaver(out: string, word: string, terminal: Terminal): Saver {
  const dtype: GgufDtype = oneOf('--dtype', word, ggufDtypes);
  if (!out.endsWith('.gguf')) throw wrongValue('--out', JSON.stringify(out), 'a name that ends in .gguf');
  return (source) =>
    opened(source, terminal, async (model) => {
      const { config, decoder, tokenizer, valuesOf } = streamedModel(model, terminal.signal);
      const tensors = decoder.parameters.map(({ name, shape }) => ({ name, shape, data: () => valuesOf(name) }));
      const report = await saveGgufModel(out, { config, tensors, tokenizer, dtype });
      const { types, tied, permuted } = report;
      const counts = Object.entries(types).map(([type, count]) => `${formatPlural(count, 'tensor')} ${type}`);
      const rows = `${formatPlural(permuted.length, 'tensor')} reordered for rotary pairs`;
      return {
        report,
        fields: [
          ['stored as', counts.join(', ')],
          ['head', tied ? 'tied to the embedding' : 'of its own'],
          ['rows', permuted.length > 0 ? rows : undefined],
        ],
      };
    });
}

function folderSaver(out: string, word: string, terminal: Terminal): Saver {
  const dtype = oneOf('--dtype', word, storageTypes);
  return async (source) => {
    if (await holdsEncoderDecoder(source.path)) await saveWhole(source, terminal, out, dtype);
    else await opened(source, terminal, (model) => saveStreamed(out, streamedModel(model, terminal.signal), { dtype }));
    return { report: {}, fields: [] };
  };
}

/** An encoder-decoder, by way of memory. */
async function saveWhole(
  { path, adapters }: Source,
  terminal: Terminal,
  out: string,
  dtype: StorageType,
): Promise<void> {
  if (adapters.length > 0) throw wrongValue('--adapter', 'it with an encoder-decoder', 'a decoder');
  const model = await loadEncoderDecoder(path);
  for (const warning of model.warnings) terminal.warn(warning);
  terminal.signal.throwIfAborted();
  await saveEncoderDecoder(out, model, { dtype });
}

function onnxSaver(out: string, words: string, terminal: Terminal): Saver {
  const chosen = [...new Set(words.split(',').map((word) => oneOf('--dtype', word.trim(), onnxForms)))];
  const options = { forms: chosen, signal: terminal.signal };
  return async (source) => {
    const encoder = await openEncoderToExport(source.path);
    const report = encoder
      ? await saveEncoder(out, encoder, source, options, terminal)
      : await opened(source, terminal, (model) => saveOnnxModel(out, model, options));
    return { report, fields: [['files', Object.keys(report.files).join(', ')]] };
  };
}

async function saveEncoder(
  out: string,
  encoder: EncoderToExport,
  { adapters }: Source,
  options: OnnxOptions,
  terminal: Terminal,
): Promise<OnnxReport> {
  try {
    if (adapters.length > 0) throw wrongValue('--adapter', 'it with an encoder', 'a decoder');
    for (const warning of encoder.warnings) terminal.warn(warning);
    return await saveOnnxEncoder(out, encoder, options);
  } finally {
    await encoder.close();
  }
}

function alreadyThere(out: string): UsageError {
  return new UsageError({
    field: '--out',
    found: `${out}, which is there already`,
    expected: 'a path that does not exist yet',
    fix: 'Choose another name, or remove it first.',
  });
}
