/** The Python that the result of a merge needs where transformers does not have its architecture. */
import { findModelCode } from '../../checkpoint/huggingface/model-code.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { customCodeFields, customCodeFile } from '../../models/custom-code.ts';
import type { Companion } from './merge-plan.ts';
import type { OpenedSource } from './tensor-sources.ts';

interface CodeFiles {
  readonly companions: ReadonlyMap<string, Companion>;
  /** Fields of `config.json` that name it. */
  readonly config: JsonObject;
  readonly warnings: readonly string[];
}

/**
 * What the folder of the leading model brings with it; ours, if we have it, where the model's own is not whole.
 * @throws InputError as `findModelCode`
 */
export async function codeFiles({ model, opened: { folder, config } }: OpenedSource): Promise<CodeFiles> {
  const { files, missing, ofModel } = await findModelCode(folder);
  const found = [...files].map(([name, path]) => [name, { path }] as const);
  const modelType = String(config.model_type);
  const isWhole = ofModel.size > 0 && missing.every((name) => !ofModel.has(name));
  const own = isWhole ? undefined : customCodeFile({ modelType });
  return {
    companions: new Map([...found, ...(own ? [[own.name, { path: own.path }] as const] : [])]),
    config: own ? customCodeFields({ modelType }) : {},
    warnings: missing
      .filter((name) => !(own && ofModel.has(name)))
      .map((name) => `${model.text} names ${name} in auto_map, which is not there: the result lacks it, too.`),
  };
}
