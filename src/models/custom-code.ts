/**
 * Python that goes into the folder of a model whose architecture `transformers` does not have. A loader who trusts the
 * folder (`trust_remote_code`) runs it, because `auto_map` in `config.json` names its classes. The code is ours: of a model
 * that we read and save or export, `transformers` needs no other, so what its checkpoint brought with it is not passed on;
 * merging, which copies files, passes it on (`merge/plan/code-files.ts`).
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../files/json-file.ts';
import type { Decoder } from './decoder.ts';

interface CustomCode {
  /** In `assets/modeling/`. */
  readonly file: string;
  /** Classes of the file, by the automatic class of `transformers` that stands for them. */
  readonly classes: Readonly<Record<string, string>>;
}

const codeOf: Readonly<Record<string, CustomCode>> = {
  qwen: { file: 'modeling_qwen.py', classes: { AutoConfig: 'QWenConfig', AutoModelForCausalLM: 'QWenLMHeadModel' } },
};

/** The file by its name and its path; undefined where `transformers` has the architecture. */
export function customCodeFile({ modelType }: Pick<Decoder, 'modelType'>) {
  const code = codeOf[modelType];
  if (!code) return undefined;
  return { name: code.file, path: fileURLToPath(new URL(`../../assets/modeling/${code.file}`, import.meta.url)) };
}

/** Fields for `config.json`; none where `transformers` has the architecture. */
export function customCodeFields({ modelType }: Pick<Decoder, 'modelType'>): JsonObject {
  const code = codeOf[modelType];
  if (!code) return {};
  const module = code.file.replace(/\.py$/, '');
  return {
    auto_map: Object.fromEntries(Object.entries(code.classes).map(([auto, name]) => [auto, `${module}.${name}`])),
  };
}

/** Puts the file into the folder of a model that needs it. */
export async function writeCustomCode(folder: string, model: Pick<Decoder, 'modelType'>): Promise<void> {
  const file = customCodeFile(model);
  if (file) await copyFile(file.path, join(folder, file.name));
}
