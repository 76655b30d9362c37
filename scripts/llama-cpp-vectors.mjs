/**
 * The vectors that llama.cpp makes with a GGUF file, for `exported-vectors.ts`, in a process of its own.
 *
 *   node scripts/llama-cpp-vectors.mjs LLAMA FILE.gguf < request.json > answer.json
 *
 * LLAMA is a folder in which `npm install node-llama-cpp` was run. The request is {"texts"}; the answer has a vector for
 * each text.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [installed, path] = process.argv.slice(2);
const { texts } = JSON.parse(await text(process.stdin));
const entry = createRequire(join(resolve(installed), 'package.json')).resolve('node-llama-cpp');
const { getLlama } = await import(pathToFileURL(entry).href);
const llama = await getLlama({ gpu: false, build: 'never', logLevel: 'error', maxThreads: 1 });
const model = await llama.loadModel({ modelPath: resolve(path) });
const context = await model.createEmbeddingContext({ threads: 1 });
// node-llama-cpp leaves out the beginning token of Unigram vocabularies, where llama.cpp itself asks the file.
const begin = model.tokens.shouldPrependBosToken ? [model.tokens.bos] : [];
const vectors = [];
for (const one of texts) {
  const { vector } = await context.getEmbeddingFor([...begin, ...model.tokenize(one)]);
  vectors.push(vector);
}
process.stdout.write(JSON.stringify(vectors));
await llama.dispose();
