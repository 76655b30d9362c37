/**
 * What transformers.js answers with the ONNX folder of an encoder-decoder, for `exported-pairs.ts`, in a process of its own.
 *
 *   node scripts/transformers-js-pairs.mjs TRANSFORMERS_JS FOLDER DTYPE < request.json > answer.json
 *
 * TRANSFORMERS_JS is a folder in which `npm install @huggingface/transformers` was run. The request is {"texts",
 * "greedyTokens"}; the answer has {"ids", "greedy", "logits"} for each text, logits those of the first token in
 * base64.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [installed, folder, dtype] = process.argv.slice(2);
const { texts, greedyTokens } = JSON.parse(await text(process.stdin));
const entry = createRequire(join(resolve(installed), 'package.json')).resolve('@huggingface/transformers');
const { pipeline, Tensor, env } = await import(pathToFileURL(entry).href);
env.allowRemoteModels = false;
const generate = await pipeline('text2text-generation', resolve(folder), {
  dtype,
  session_options: { intraOpNumThreads: 1 },
});
generate.model.generation_config.eos_token_id = null;
const answers = [];
for (const one of texts) {
  const inputs = generate.tokenizer(one);
  const output = await generate.model.generate({ ...inputs, max_new_tokens: greedyTokens, do_sample: false });
  // The start is the first token of the output.
  const greedy = output.tolist()[0].slice(1).map(Number);
  const start = new Tensor('int64', [BigInt(generate.model.config.decoder_start_token_id)], [1, 1]);
  const { logits } = await generate.model({ ...inputs, decoder_input_ids: start });
  const bytes = Buffer.from(Float32Array.from(logits.data).buffer).toString('base64');
  answers.push({ ids: inputs.input_ids.tolist()[0].map(Number), greedy, logits: bytes });
}
process.stdout.write(JSON.stringify(answers));
await generate.dispose();
