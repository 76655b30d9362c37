/**
 * Logits and token ids that Finery computes from a checkpoint, for `goldens/check_checkpoint.py` to compare with what
 * transformers makes of the same folder.
 *
 *   node --import tsx scripts/checkpoint-logits.ts FOLDER EXPECTED.json
 */
import { writeFile } from 'node:fs/promises';
import { loadModel } from '../src/models/model.ts';
import { CausalLmProgram } from '../src/objectives/causal-lm/program.ts';
import { Engine } from '../src/runtime/engine.ts';

const [folder, out] = process.argv.slice(2);
if (out === undefined) throw new Error('usage: checkpoint-logits.ts FOLDER EXPECTED.json');

const text =
  'The Committee raised the target range by 25 basis points to 5.25 percent. Net income rose 12.5% to $1,234.5 million.';
const model = await loadModel(folder);
if (!model.tokenizer) throw new Error(`${folder} has no tokenizer`);
const ids = model.tokenizer.encode(text, { addSpecialTokens: false });
const { length } = ids;
const engine = new Engine();
const program = new CausalLmProgram(engine, model.decoder, model.parameters, { rows: 1, length });
const logits = await program.logits({
  rows: 1,
  length,
  ids,
  positions: ids.map((_, i) => i),
  segments: new Int32Array(length).fill(1),
  labels: new Int32Array(length).fill(-100),
});
const { vocabulary } = model.decoder.sizes;
const rows = Array.from({ length }, (_, i) => [...logits.subarray(i * vocabulary, (i + 1) * vocabulary)]);
await writeFile(out, JSON.stringify({ ids: [...ids], logits: rows, texts: [{ text, ids: [...ids] }] }));
await engine.close();
