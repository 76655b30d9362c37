/**
 * The peer of Finery's generation: llama.cpp on the CPU, through node-llama-cpp. It is not a dependency of Finery:
 * `npm i node-llama-cpp@3.22` in a folder of its own.
 *
 *   node bench/peers/llama_cpp.mjs --library FOLDER --model FILE.gguf [--threads 2] [--batch 1] [--prompt 128]
 *     [--tokens 64] [--repeats 3]
 *
 * Prints one JSON object: `seconds`, the median time between two tokens of one of `batch` sequences that are decoded
 * together, the likeliest token each time; with `--tokens 0`, the median time to read the prompt. A first round is not
 * measured. Prompts are read before the clock starts, all but their last token.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    library: { type: 'string' },
    model: { type: 'string' },
    threads: { type: 'string', default: '2' },
    batch: { type: 'string', default: '1' },
    prompt: { type: 'string', default: '128' },
    tokens: { type: 'string', default: '64' },
    repeats: { type: 'string', default: '3' },
  },
});
const [threads, batch, promptLength, tokens, repeats] = [
  values.threads,
  values.batch,
  values.prompt,
  values.tokens,
  values.repeats,
].map(Number);

const entry = createRequire(join(values.library, 'package.json')).resolve('node-llama-cpp');
const { getLlama } = await import(pathToFileURL(entry).href);
const llama = await getLlama({
  gpu: false,
  build: 'never',
  maxThreads: threads,
  progressLogs: false,
  logLevel: 'error',
});
const model = await llama.loadModel({ modelPath: values.model });
const context = await model.createContext({
  sequences: batch,
  contextSize: promptLength + tokens + 8,
  batchSize: 512,
  threads: { ideal: threads, min: threads },
});
const sequences = Array.from({ length: batch }, () => context.getSequence());

/** Other tokens in each round and sequence; the first 300 stand for bytes and marks. */
const promptOf = (round, sequence) =>
  Array.from({ length: promptLength }, (_, i) => 300 + ((i * 7919 + round * 104729 + sequence * 1299709) % 3000));

async function readingTime(round) {
  const [sequence] = sequences;
  await sequence.clearHistory();
  const start = performance.now();
  await sequence.evaluateWithoutGeneratingNewTokens(promptOf(round, 0));
  return [(performance.now() - start) / 1000];
}

/** Seconds between the tokens of the first sequence. */
async function intervals(round) {
  const found = [];
  const decode = async (sequence, index) => {
    const last = promptOf(round, index).at(-1);
    let [count, before] = [0, undefined];
    for await (const _ of sequence.evaluate([last], { temperature: 0, yieldEogTokens: true })) {
      const now = performance.now();
      if (index === 0 && before !== undefined) found.push((now - before) / 1000);
      before = now;
      if (++count === tokens) break;
    }
  };
  for (const [index, sequence] of sequences.entries()) {
    await sequence.clearHistory();
    await sequence.evaluateWithoutGeneratingNewTokens(promptOf(round, index).slice(0, -1));
  }
  await Promise.all(sequences.map(decode));
  return found;
}

const seconds = [];
for (let round = 0; round <= repeats; round++) {
  const found = tokens === 0 ? await readingTime(round) : await intervals(round);
  if (round > 0) seconds.push(...found);
}
seconds.sort((a, b) => a - b);
process.stdout.write(`${JSON.stringify({ seconds: seconds[seconds.length >> 1], threads, batch })}\n`);
await llama.dispose();
