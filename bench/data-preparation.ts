/**
 * How fast text becomes batches: megabytes of text, UTF-8, in a second of processor time, all threads together. Of documents:
 * reading and tokenising files into the cache, reading them from there, and packing one pass into batches; of conversations:
 * reading, the chat template and the masks. One Markdown table on stdout. Medians of `--runs`, after one that is not counted.
 *
 *   node --import tsx bench/data-preparation.ts [--data FILE.jsonl] [--tokenizer assets/nano] [--megabytes 20] [--runs 3]
 *
 * Without `--data` the documents are finworld's. Fails below 5 MB/s.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { readConversations } from '../src/data/conversations/read-conversations.ts';
import { BatchStream } from '../src/data/stream.ts';
import { tokenizeDocuments } from '../src/data/tokenize.ts';
import { generateFinance, generateQuestions } from '../src/finworld/index.ts';
import { turnEnd } from '../src/generate/prompt/answer-ends.ts';
import { ChatTemplate } from '../src/tokenizer/chat/chat-template.ts';
import { sourcesOf } from '../src/tokenizer/chat/template-sources.ts';
import { loadTokenizer } from '../src/tokenizer/load.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    tokenizer: { type: 'string', default: 'assets/nano' },
    megabytes: { type: 'string', default: '20' },
    runs: { type: 'string', default: '3' },
  },
});
const [megabytes, runs] = [values.megabytes, values.runs].map(Number);
const limit = 5;
const [rows, length] = [8, 512];

const root = await mkdtemp(join(tmpdir(), 'finery-data-'));
const tokenizer = await loadTokenizer(values.tokenizer);
const templates = sourcesOf(tokenizer.files);
const template = new ChatTemplate(templates);

/** @returns bytes of text in the records */
async function writeRecords(path: string, records: Iterable<object>, textOf: (record: object) => string) {
  const file = createWriteStream(path);
  let bytes = 0;
  for (const record of records) {
    if (!file.write(`${JSON.stringify(record)}\n`)) await once(file, 'drain');
    bytes += Buffer.byteLength(textOf(record));
    if (bytes >= megabytes * 1e6) break;
  }
  file.end();
  await finished(file);
  return bytes;
}

interface Measured {
  readonly bytes: number;
  readonly tokens: number;
  readonly cpu: number;
}

async function measured(work: () => Promise<Omit<Measured, 'cpu'>>): Promise<Measured> {
  const before = process.cpuUsage();
  const done = await work();
  const { user, system } = process.cpuUsage(before);
  return { ...done, cpu: (user + system) / 1e6 };
}

const times = new Map<string, Measured[]>();
const record = (title: string, result: Measured) => times.set(title, [...(times.get(title) ?? []), result]);

try {
  const documents = values.data ? resolve(values.data) : join(root, 'documents.jsonl');
  if (!values.data) {
    const written = generateFinance({ seed: 1, split: 'train', documents: Number.MAX_SAFE_INTEGER });
    await writeRecords(documents, written, (document) => (document as { text: string }).text);
  }
  const chats = join(root, 'chats.jsonl');
  const questions = (['lookup', 'numeric', 'sentiment'] as const).flatMap((kind) =>
    generateQuestions({ kind, seed: 1, split: 'train', questions: 5000 }),
  );
  const chatBytes = await writeRecords(
    chats,
    questions.map(({ prompt, reply }) => ({ prompt, completion: reply })),
    (chat) => Object.values(chat).join(''),
  );
  const encoder = { tokenizer, template, turnEnd: await turnEnd(template, tokenizer), toolMarks: [] };
  for (let run = 0; run <= runs; run++) {
    const cacheDir = join(root, `cache-${run}`);
    await mkdir(cacheDir);
    const read = async () => {
      const corpus = await tokenizeDocuments(documents, tokenizer, { cacheDir });
      return { corpus, bytes: corpus.bytes, tokens: corpus.tokens };
    };
    const cold = await measured(read);
    const warm = await measured(read);
    const { corpus } = await read();
    const packed = await measured(async () => {
      const stream = new BatchStream([{ name: 'documents', store: corpus, maxEpochs: 1 }], { rows, length, seed: run });
      let batches = 0;
      while (stream.next()) batches++;
      return { bytes: corpus.bytes, tokens: batches * rows * length };
    });
    const encoded = await measured(async () => {
      const fields = { messages: 'messages', prompt: 'prompt', completion: 'completion' };
      const { examples } = await readConversations([chats], encoder, { root, fields, skipBroken: false });
      return { bytes: chatBytes, tokens: examples.reduce((sum, { ids }) => sum + ids.length, 0) };
    });
    if (run === 0) continue;
    record('documents: read and tokenised', cold);
    record('documents: from the cache', warm);
    record(`documents: packed into ${rows} x ${length}`, packed);
    record('conversations: template, tokens, masks', encoded);
    await rm(cacheDir, { recursive: true });
  }
  const { size } = await stat(documents);
  console.log(
    `${(size / 1e6).toFixed(1)} MB of documents on the disk, ${tokenizer.vocabSize} tokens in the vocabulary\n`,
  );
} finally {
  await template.close();
  await rm(root, { recursive: true });
}

console.log(
  '| step | MB of text | tokens | processor s | MB/s | tokens/s |\n| --- | ---: | ---: | ---: | ---: | ---: |',
);
for (const [title, results] of times) {
  const { bytes, tokens, cpu } = results.toSorted((a, b) => a.cpu - b.cpu)[results.length >> 1];
  const rate = bytes / 1e6 / cpu;
  const figures = [(bytes / 1e6).toFixed(1), tokens.toLocaleString('en'), cpu.toFixed(2), rate.toFixed(1)];
  console.log(`| ${title} | ${figures.join(' | ')} | ${Math.round(tokens / cpu).toLocaleString('en')} |`);
  if (rate < limit) process.exitCode = 1;
}
