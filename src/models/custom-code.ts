/**
 * Python that goes into the folder of a model whose architecture `transformers` does not have. A loader who trusts the
 * folder (`trust_remote_code`) runs it, because `auto_map` in `config.json` names its classes. The code is ours; what a
 * checkpoint brought with it is never read and never passed on.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
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
export async function writeCustomCode(folder: string, { modelType }: Pick<Decoder, 'modelType'>): Promise<void> {
  const code = codeOf[modelType];
  if (!code) return;
  const source = new URL(`../../assets/modeling/${code.file}`, import.meta.url);
  await copyFile(source, join(folder, code.file));
}
