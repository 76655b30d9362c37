/**
 * What transformers.js answers with an ONNX folder, for `exported-answers.ts`, in a process of its own.
 *
 *   node scripts/transformers-js.mjs TRANSFORMERS_JS FOLDER DTYPE < request.json > answer.json
 *
 * TRANSFORMERS_JS is a folder in which `npm install @huggingface/transformers` was run. The request is {"texts",
 * "promptTokens", "greedyTokens"}; the answer has {"ids", "greedy"} for each text.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const [installed, folder, dtype] = process.argv.slice(2);
const { texts, promptTokens, greedyTokens } = JSON.parse(await text(process.stdin));
const entry = createRequire(join(resolve(installed), 'package.json')).resolve('@huggingface/transformers');
const { AutoModelForCausalLM, AutoTokenizer, Tensor, env } = await import(pathToFileURL(entry).href);
env.allowRemoteModels = false;
const path = resolve(folder);
const tokenizer = await AutoTokenizer.from_pretrained(path);
const model = await AutoModelForCausalLM.from_pretrained(path, { dtype, session_options: { intraOpNumThreads: 1 } });
model.generation_config.eos_token_id = null;

const answers = [];
for (const one of texts) {
  const ids = tokenizer.encode(one, { add_special_tokens: false });
  const prompt = ids.slice(0, promptTokens);
  const row = (values) => new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length]);
  const output = await model.generate({
    input_ids: row(prompt),
    attention_mask: row(prompt.map(() => 1)),
    max_new_tokens: greedyTokens,
    do_sample: false,
  });
  answers.push({ ids, greedy: output.tolist()[0].slice(prompt.length).map(Number) });
}
process.stdout.write(JSON.stringify(answers));
await model.dispose();
