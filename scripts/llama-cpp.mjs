/**
 * What llama.cpp makes of a GGUF file, for `gguf-parity.ts`: token ids of texts, logits behind each token, and greedy
 * continuations. In a process of its own, without a loader, where a fault of the native library ends nothing else.
 *
 *   node scripts/llama-cpp.mjs LLAMA FILE.gguf CACHE < request.json > answer.json
 *
 * LLAMA is a folder in which `npm install node-llama-cpp` was run; CACHE the type of keys and values, F16 or F32. The request is {"texts", "promptTokens",
 * "greedyTokens"}; the answer has {"ids", "logits", "greedy"} for each text, logits [tokens, vocabulary] as float32 in
 * base64.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [llamaFolder, path, cacheType] = process.argv.slice(2);
const { texts, promptTokens, greedyTokens } = JSON.parse(await text(process.stdin));
const entry = createRequire(join(resolve(llamaFolder), 'package.json')).resolve('node-llama-cpp');
const { getLlama } = await import(pathToFileURL(entry).href);
const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error', maxThreads: 1 });
const model = await llama.loadModel({ modelPath: path });
const context = await model.createContext({
  threads: 1,
  contextSize: 256,
  batchSize: 256,
  flashAttention: false,
  experimentalKvCacheKeyType: cacheType,
  experimentalKvCacheValueType: cacheType,
});
const sequence = context.getSequence();

/** A row of logits behind each of the tokens, which follow what the sequence has read before. */
async function rowsAfter(ids) {
  const results = await sequence.controlledEvaluate(ids.map((id) => [id, { generateNext: { logits: true } }]));
  return results.map(({ next }) => {
    const row = new Float32Array(next.logits.size);
    for (const [id, logit] of next.logits) row[id] = logit;
    return row;
  });
}

const argmax = (row) => row.reduce((best, value, i) => (value > row[best] ? i : best), 0);

async function continued(prompt) {
  await sequence.clearHistory();
  const answer = [];
  for (let read = prompt; answer.length < greedyTokens; read = answer.slice(-1)) {
    answer.push(argmax((await rowsAfter(read)).at(-1)));
  }
  return answer;
}

const answers = [];
for (const one of texts) {
  const ids = [...model.tokenize(one, false)];
  await sequence.clearHistory();
  const rows = await rowsAfter(ids);
  const logits = Buffer.concat(rows.map((row) => Buffer.from(row.buffer))).toString('base64');
  answers.push({ ids, logits, greedy: await continued(ids.slice(0, promptTokens)) });
}
process.stdout.write(JSON.stringify(answers));
await llama.dispose();
