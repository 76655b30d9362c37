/**
 * The vectors that transformers.js makes with an ONNX folder, for `exported-vectors.ts`, in a process of its own.
 *
 *   node scripts/transformers-js-vectors.mjs TRANSFORMERS_JS FOLDER < request.json > answer.json
 *
 * TRANSFORMERS_JS is a folder in which `npm install @huggingface/transformers` was run. The request is {"texts",
 * "pooling", "normalize"}; the answer has a vector for each text.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [installed, folder] = process.argv.slice(2);
const { texts, pooling, normalize } = JSON.parse(await text(process.stdin));
const entry = createRequire(join(resolve(installed), 'package.json')).resolve('@huggingface/transformers');
const { env, pipeline } = await import(pathToFileURL(entry).href);
env.allowRemoteModels = false;
const extract = await pipeline('feature-extraction', resolve(folder), {
  dtype: 'fp32',
  session_options: { intraOpNumThreads: 1 },
});
const vectors = await extract(texts, { pooling, normalize });
process.stdout.write(JSON.stringify(vectors.tolist()));
await extract.dispose();
