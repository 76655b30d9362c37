/**
 * Whether programs that open what Finery writes answer as Finery does: greedy continuations by `transformers` of the
 * Hugging Face folder, by transformers.js of the exported ONNX folder and by llama.cpp of the exported GGUF file. Prints a
 * table; exits with 1 where a token differs.
 *
 *   node --import tsx scripts/exported-answers.ts MODELS --python PYTHON --transformers-js FOLDER --llama FOLDER
 *
 * MODELS holds Hugging Face folders, such as `random-models.ts` writes. PYTHON has `transformers`; the folders are ones in
 * which `npm install @huggingface/transformers` or `npm install node-llama-cpp` was run. A program that is not given is
 * left out. All compute in float32.
 */
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { saveGgufModel } from '../src/checkpoint/gguf/save-gguf-model.ts';
import { UsageError } from '../src/errors.ts';
import { saveOnnxModel } from '../src/export/onnx/save-onnx-model.ts';
import { openModel } from '../src/generate/open-model.ts';
import { loadModel } from '../src/models/model.ts';
import { openModelCheckpoint } from '../src/models/model-checkpoint.ts';
import { askProgram } from './parity/ask-program.ts';
import { llamaCppAnswers } from './parity/llama-cpp-answers.ts';
import { continuation } from './parity/our-continuation.ts';
import { type Answer, request } from './parity/request.ts';

const { values: programs, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string' },
    'transformers-js': { type: 'string' },
    llama: { type: 'string' },
  },
});
const [models] = positionals;
if (models === undefined)
  throw new Error('usage: exported-answers.ts MODELS [--python P] [--transformers-js T] [--llama L]');

const scriptPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function ourAnswers(model: string): Promise<readonly Answer[]> {
  const opened = await openModel(model, { precision: 'f32', threads: 1 });
  try {
    const answers: Answer[] = [];
    for (const text of request.texts) {
      const ids = [...opened.tokenizer.encode(text, { addSpecialTokens: false })];
      answers.push({ ids, greedy: await continuation(opened, ids.slice(0, request.promptTokens)) });
    }
    return answers;
  } finally {
    await opened.close();
  }
}

/** Exports the model for one program and asks it; `folder` is a place to write to. */
type Program = (model: string, folder: string) => Promise<readonly Answer[]>;

function asked(): Readonly<Record<string, Program>> {
  const { python, llama, 'transformers-js': transformersJs } = programs;
  return {
    ...(python !== undefined && {
      transformers: async (model: string) =>
        askProgram<Answer>(python, [scriptPath('goldens/transformers_answers.py'), model]),
    }),
    ...(transformersJs !== undefined && {
      'transformers.js': async (model: string, folder: string) => {
        const out = join(folder, 'onnx-folder');
        const opened = await openModelCheckpoint(model);
        await saveOnnxModel(out, opened, { forms: ['fp32'] });
        await opened.checkpoint.close();
        return askProgram<Answer>(process.execPath, [scriptPath('transformers-js.mjs'), transformersJs, out, 'fp32']);
      },
    }),
    ...(llama !== undefined && {
      'llama.cpp': async (model: string, folder: string) => {
        const path = join(folder, 'model.gguf');
        const { config, decoder, parameters, tokenizer } = await loadModel(model);
        const tensors = decoder.parameters.map(({ name, shape }) => {
          return { name, shape, data: parameters.get(name)!.weight };
        });
        await saveGgufModel(path, { config, tensors, tokenizer, dtype: 'f32' });
        return llamaCppAnswers(llama, path, 'F32');
      },
    }),
  };
}

/** Tokens up to the first that differs. */
function commonLength(a: readonly number[], b: readonly number[]): number {
  const first = a.findIndex((id, i) => id !== b[i]);
  return first < 0 ? a.length : first;
}

function compare(ours: readonly Answer[], theirs: readonly Answer[]): string {
  if (ours.some(({ ids }, i) => ids.join() !== theirs[i].ids.join())) return 'OTHER IDS';
  const lengths = ours.map(({ greedy }, i) => commonLength(greedy, theirs[i].greedy));
  const same = lengths.filter((length, i) => length === ours[i].greedy.length).length;
  const agreement = `${same} of ${ours.length}`;
  return same === ours.length ? agreement : `${agreement}, THE OTHERS UP TO TOKEN ${Math.min(...lengths)}`;
}

const columns = asked();
const rows: string[][] = [['model', ...Object.keys(columns)]];
const folder = await mkdtemp(join(tmpdir(), 'finery-exported-answers-'));
try {
  for (const name of readdirSync(models).sort()) {
    const model = join(models, name);
    const ours = await ourAnswers(model);
    const cells: string[] = [];
    for (const [program, answer] of Object.entries(columns)) {
      try {
        cells.push(compare(ours, await answer(model, join(folder, name))));
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        cells.push('no form');
      }
      if (/[A-Z]{5}/.test(cells.at(-1)!)) process.exitCode = 1;
      console.error(`${name}, ${program}: ${cells.at(-1)}`);
    }
    rows.push([name, ...cells]);
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n'));
console.log(`${request.texts.length} texts, ${request.greedyTokens} tokens each`);
