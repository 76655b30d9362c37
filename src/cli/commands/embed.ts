/** `finery embed`: vectors of texts. */
import { type Command, Option } from 'commander';
import { type EmbeddedRecord, embedRecords } from '../../embed/embed-records.ts';
import { type Embedder, openEmbedder } from '../../embed/embedder.ts';
import { requireVectorFile, writeVectorFile } from '../../embed/vector-file.ts';
import { type Pooling, poolings } from '../../objectives/encoder/text-batch.ts';
import { formatPlural } from '../../observe/numbers.ts';
import { adapterFolder, adapterOption, modelFolder } from '../model-folder.ts';
import { integer, wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

interface Flags {
  readonly out?: string;
  readonly field?: string;
  readonly adapter?: string;
  readonly prompt?: string;
  readonly prefix?: string;
  readonly dimensions?: number;
  readonly pooling?: Pooling;
  readonly normalize: boolean;
  readonly maxLength?: number;
  readonly threads?: number;
}

const details = `
Prints one line for each record, in their order:
  {"id":"..","embedding":[..]}

With --out the vectors go into a file instead, float32 [records, dimensions]: .npy for NumPy, or
.safetensors with one tensor "embeddings".

MODEL is an encoder (bert, roberta, xlm-roberta), a folder of sentence-transformers, or a decoder,
whose last token is then taken. What its folder says about pooling, length and prompts holds unless
told otherwise. Texts that are too long are cut, and it is said how many.

  finery embed BAAI/bge-small-en-v1.5 passages.jsonl --out passages.npy
  finery embed intfloat/multilingual-e5-small questions.jsonl --field question --prefix 'query: '
  finery embed train BAAI/bge-small-en-v1.5 pairs.jsonl runs/finder`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Vectors of texts, by which they are compared and found.')
    .argument('<model>', 'Hugging Face folder, folder of sentence-transformers, .gguf file, or hub id')
    .argument('<file>', 'records with a text: .jsonl, .json, .csv, .parquet, .txt')
    .option('--out <file>', 'write the vectors to this .npy or .safetensors file')
    .option('--field <name>', 'the field that holds the text; default text')
    .option(...adapterOption)
    .option('--prompt <name>', "name of the model's prompt that goes before each text")
    .option('--prefix <text>', 'text that goes before each text')
    .option('--dimensions <n>', 'the first n numbers of each vector', integer('--dimensions', 1))
    .addOption(new Option('--pooling <kind>', 'what a vector is made of').choices([...poolings]))
    .option('--no-normalize', 'leave vectors at their lengths')
    .option('--max-length <n>', 'tokens of a text, those around it among them', integer('--max-length', 1))
    .option('--threads <n>', 'threads to compute with; default all cores', integer('--threads', 1, 1024))
    .addHelpText('after', details)
    .action((model: string, file: string, flags: Flags) => embed(model, file, flags, terminal));
}

async function embed(name: string, file: string, flags: Flags, terminal: Terminal): Promise<void> {
  const { out, prompt, prefix } = flags;
  if (prompt !== undefined && prefix !== undefined)
    throw wrongValue('--prefix', 'it together with --prompt', 'one of them');
  if (out !== undefined) requireVectorFile(out);
  const embedder = await openEmbedder(await modelFolder(name, terminal), {
    ...flags,
    adapter: await adapterFolder(flags.adapter, terminal),
    // Said only if it is not to be: else the folder decides.
    normalize: flags.normalize ? undefined : false,
    onWarning: (warning) => terminal.warn(warning),
  });
  const progress = terminal.progressLine();
  try {
    const records = embedRecords(embedder, file, {
      ...flags,
      signal: terminal.signal,
      onProgress: (done) => progress.update({ stage: 'embed', step: done, total: 0 }),
    });
    const count = out === undefined ? await print(records, terminal) : await store(out, records, embedder, flags);
    progress.done();
    conclude(count, embedder, out, terminal);
  } finally {
    progress.done();
    await embedder.close();
  }
}

async function print(records: AsyncIterable<EmbeddedRecord>, terminal: Terminal): Promise<number> {
  let count = 0;
  for await (const { id, vector } of records) {
    await terminal.write(`${JSON.stringify({ id, embedding: Array.from(vector) })}\n`);
    count++;
  }
  return count;
}

async function store(
  path: string,
  records: AsyncIterable<EmbeddedRecord>,
  embedder: Embedder,
  { dimensions = embedder.dimensions }: Flags,
): Promise<number> {
  const vectors = async function* () {
    for await (const { vector } of records) yield vector;
  };
  return writeVectorFile(path, dimensions, vectors());
}

function conclude(count: number, embedder: Embedder, out: string | undefined, terminal: Terminal): void {
  const { maxLength } = embedder.settings;
  if (embedder.cutTexts > 0) {
    const were = embedder.cutTexts === 1 ? 'was' : 'were';
    terminal.warn(`${formatPlural(embedder.cutTexts, 'text')} ${were} cut to ${maxLength} tokens`);
  }
  terminal.talk(`${formatPlural(count, 'vector')}${out === undefined ? '' : ` in ${out}`}`);
}
