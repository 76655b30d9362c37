/**
 * Whether programs that open what Finery writes answer as Finery does: greedy continuations by `transformers` of the
 * Hugging Face folder, by transformers.js of the exported ONNX folder and by llama.cpp of the exported GGUF file. Prints a
 * table; exits with 1 where a token differs that float32 gives, or a tokenizer gives other ids.
 *
 *   node --import tsx scripts/exported-answers.ts MODELS --python PYTHON --transformers-js FOLDER --llama FOLDER
 *   node --import tsx scripts/exported-answers.ts MODELS --transformers-js FOLDER --onnx fp16,q8,q4
 *
 * MODELS holds Hugging Face folders, such as `random-models.ts` writes. PYTHON has `transformers`; the folders are ones in
 * which `npm install @huggingface/transformers` or `npm install node-llama-cpp` was run. A program that is not given is
 * left out.
 *
 * All compute in float32, unless `--onnx` names other forms for transformers.js: q8 and q4 are held against Finery's own
 * generation with integers of as many bits, fp16, which it does not have, against float32. Beside them stands what these
 * answers have in common with those of float32, which is what a form costs by itself.
 */
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { UsageError } from '../src/errors.ts';
import { openExportSource } from '../src/export/export-source.ts';
import { numbersOf, type OnnxForm, onnxForms } from '../src/export/onnx/forms.ts';
import { saveGguf } from '../src/export/save-gguf.ts';
import { saveOnnx } from '../src/export/save-onnx.ts';
import { openModel } from '../src/generate/open-model.ts';
import type { Precision } from '../src/models/inference-graph.ts';
import { agreementOf, isWhole, showAgreement } from './parity/agreement.ts';
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
    onnx: { type: 'string', default: 'fp32' },
  },
});
const [models] = positionals;
if (models === undefined)
  throw new Error('usage: exported-answers.ts MODELS [--python P] [--transformers-js T] [--llama L] [--onnx FORMS]');
const words = programs.onnx.split(',');
const unknown = words.find((word) => !onnxForms.some((form) => form === word));
if (unknown !== undefined) throw new Error(`--onnx: found ${unknown}, expected some of ${onnxForms.join(', ')}`);
const formsAsked = onnxForms.filter((form) => words.includes(form));

const scriptPath = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function ourAnswers(model: string, precision: Precision): Promise<readonly Answer[]> {
  const opened = await openModel(model, { precision, threads: 1 });
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

interface Program {
  /** How Finery computes what it is held against. */
  readonly precision: Precision;
  /** The program computes in float32 too, so that every token has to be the same. */
  readonly isFloat32: boolean;
  /** Exports the model and asks; `folder` is a place to write to. */
  answer(model: string, folder: string): Promise<readonly Answer[]>;
}

function asked(): Readonly<Record<string, Program>> {
  const { python, llama, 'transformers-js': transformersJs } = programs;
  return {
    ...(python !== undefined && {
      transformers: {
        precision: 'f32',
        isFloat32: true,
        answer: async (model) => askProgram(python, [scriptPath('goldens/transformers_answers.py'), model]),
      },
    }),
    ...(transformersJs !== undefined &&
      Object.fromEntries(formsAsked.map((form) => [`transformers.js ${form}`, onnxProgram(form, transformersJs)]))),
    ...(llama !== undefined && { 'llama.cpp': llamaProgram(llama) }),
  };
}

const onnxProgram = (form: OnnxForm, transformersJs: string): Program => ({
  precision: numbersOf[form].precision ?? 'f32',
  isFloat32: form === 'fp32',
  async answer(model, folder) {
    const out = join(folder, form);
    const source = await openExportSource(model);
    await saveOnnx(out, source, { forms: [form] });
    await source.close();
    return askProgram(process.execPath, [scriptPath('transformers-js.mjs'), transformersJs, out, form]);
  },
});

const llamaProgram = (llama: string): Program => ({
  precision: 'f32',
  isFloat32: true,
  async answer(model, folder) {
    const path = join(folder, 'model.gguf');
    const source = await openExportSource(model);
    await saveGguf(path, source, { dtype: 'f32' });
    await source.close();
    return llamaCppAnswers(llama, path, 'F32');
  },
});

const columns = asked();
const rows: string[][] = [['model', ...Object.keys(columns)]];
const folder = await mkdtemp(join(tmpdir(), 'finery-exported-answers-'));
try {
  for (const name of readdirSync(models).sort()) {
    const model = join(models, name);
    const exact = await ourAnswers(model, 'f32');
    const cells: string[] = [];
    for (const [program, { precision, isFloat32, answer }] of Object.entries(columns)) {
      try {
        const theirs = await answer(model, join(folder, name));
        const ours = precision === 'f32' ? exact : await ourAnswers(model, precision);
        const agreement = agreementOf(ours, theirs);
        // Ids are those of the tokenizer, whatever the model computes in.
        if (isFloat32 ? !isWhole(agreement) : agreement.otherIds > 0) process.exitCode = 1;
        const cost = ours === exact ? '' : `; of float32's ${showAgreement(agreementOf(exact, theirs))}`;
        cells.push(showAgreement(agreement) + cost);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        cells.push('no form');
      }
      console.error(`${name}, ${program}: ${cells.at(-1)}`);
    }
    rows.push([name, ...cells]);
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n'));
console.log(`${request.texts.length} texts, ${request.greedyTokens} tokens each`);
