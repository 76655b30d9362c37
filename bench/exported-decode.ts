/**
 * How long an exported decoder takes for a prompt and for each token after it, run by the binding that transformers.js runs
 * it with, on one thread; random weights. A Markdown table of medians on stdout.
 *
 *   node --import tsx bench/exported-decode.ts [CONFIG ...] [--dtype fp32,q8,q4] [--prompt 128] [--tokens 32] [--repeats 3]
 *
 * A CONFIG is a name in bench/configs; default: experts and all-experts, of whose 8 experts a token is sent to 2 and to all.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { modelFileName, onnxForms } from '../src/export/onnx/forms.ts';
import { saveOnnxModel } from '../src/export/onnx/save-onnx-model.ts';
import { type ExportedDecoder, openExportedDecoder } from '../src/export/onnx/testing/exported-decoder.ts';
import { randomModel, randomPrompt, readConfig } from './generate/random-model.ts';
import { median } from './generate/settings.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dtype: { type: 'string', default: 'fp32,q8,q4' },
    prompt: { type: 'string', default: '128' },
    tokens: { type: 'string', default: '32' },
    repeats: { type: 'string', default: '3' },
  },
});
const [prompt, tokens, repeats] = [values.prompt, values.tokens, values.repeats].map(Number);
const words = values.dtype.split(',');
const forms = onnxForms.filter((form) => words.includes(form));
const configs = positionals.length > 0 ? positionals : ['experts', 'all-experts'];

/** Milliseconds of the prompt, and of each token after it. */
async function measure(decoder: ExportedDecoder, vocabulary: number) {
  const [ofPrompt, ofToken]: [number[], number[]] = [[], []];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const ids = randomPrompt(vocabulary, prompt + tokens, repeat);
    let start = performance.now();
    let { cache } = await decoder.read({ ids: [ids.slice(0, prompt)] });
    if (repeat > 0) ofPrompt.push(performance.now() - start);
    for (const id of ids.slice(prompt)) {
      start = performance.now();
      ({ cache } = await decoder.read({ ids: [[id]], cache }));
      if (repeat > 0) ofToken.push(performance.now() - start);
    }
  }
  return { ofPrompt: median(ofPrompt), ofToken: median(ofToken) };
}

process.stdout.write(
  `| model | type | prompt of ${prompt}, ms | a token after it, ms |\n| --- | --- | ---: | ---: |\n`,
);
for (const config of configs) {
  const folder = await mkdtemp(join(tmpdir(), 'finery-exported-decode-'));
  try {
    const { decoder, parameters } = randomModel(config);
    const stored = {
      tensors: new Map(decoder.parameters.map(({ name, shape }) => [name, { dtype: 'f32', shape } as const])),
      async readAllInto(targets: Iterable<readonly [name: string, target: Float32Array]>) {
        for (const [name, target] of targets) target.set(parameters.get(name)!.weight);
      },
    };
    const exported = join(folder, 'exported');
    await saveOnnxModel(exported, { config: readConfig(config), stored, decoder, tokenizer: undefined }, { forms });
    for (const form of forms) {
      const session = await openExportedDecoder(join(exported, 'onnx', modelFileName(form)));
      const { ofPrompt, ofToken } = await measure(session, decoder.sizes.vocabulary);
      await session.release();
      process.stdout.write(`| ${config} | ${form} | ${ofPrompt.toFixed(1)} | ${ofToken.toFixed(2)} |\n`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
