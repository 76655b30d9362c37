/**
 * Trains an adapter for a few steps on the tiny decoder of `goldens/adapters.py`, saves it, and writes the logits that
 * Finery computes with it, for that script to compare with what PEFT makes of the same folder.
 *
 *   node --import tsx scripts/adapter-logits.ts METHOD FOLDER EXPECTED.json
 *   python scripts/goldens/adapters.py --check FOLDER EXPECTED.json
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { attachAdapter } from '../src/adapters/attach.ts';
import { saveAdapter } from '../src/adapters/peft/save-adapter.ts';
import { adapterMethods } from '../src/adapters/settings.ts';
import { loadModel } from '../src/models/model.ts';
import { CausalLmProgram } from '../src/objectives/causal-lm/program.ts';
import { Engine } from '../src/runtime/engine.ts';
import { createAdamW } from '../src/train/optimizers/adamw.ts';

const [name, folder, out] = process.argv.slice(2);
const method = adapterMethods.find((known) => known === name);
if (!method || out === undefined) throw new Error('usage: adapter-logits.ts METHOD FOLDER EXPECTED.json');

const base = await loadModel(fileURLToPath(new URL('../test/golden/decoders/qwen2', import.meta.url)));
const model = attachAdapter(base, { method, r: 4, alpha: 8, targetModules: 'all-linear' }, { seed: 1 });
const length = 24;
const ids = Int32Array.from({ length }, (_, i) => (i * 37 + 5) % model.decoder.sizes.vocabulary);
const batch = {
  rows: 1,
  length,
  ids,
  positions: ids.map((_, i) => i),
  segments: ids.map(() => 1),
  labels: ids.map((_, i) => (i + 1 < length ? ids[i + 1] : -1)),
};
const engine = new Engine({ threads: 1 });
const program = new CausalLmProgram(engine, model.decoder, model.parameters, batch);
const optimizer = createAdamW(model.trainable.values());
for (let step = 0; step < 20; step++) {
  await program.forwardBackward(batch, { labelWeight: 1 / (length - 1), accumulate: false });
  optimizer.step({ learningRate: 0.01 });
}
await saveAdapter(folder, model.adapter);
await writeFile(out, JSON.stringify({ ids: [[...ids]], logits: [...(await program.logits(batch))] }));
program.release();
await engine.close();
