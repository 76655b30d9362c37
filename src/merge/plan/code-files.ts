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
 * What the folder of the leading model brings with it; ours, if we have it, where something of that is missing.
 * @throws InputError as `findModelCode`
 */
export async function codeFiles({ model, opened: { folder, config } }: OpenedSource): Promise<CodeFiles> {
  const { files, missing } = await findModelCode(folder);
  const found = [...files].map(([name, path]) => [name, { path }] as const);
  const modelType = String(config.model_type);
  const own = customCodeFile({ modelType });
  if (own && (files.size === 0 || missing.length > 0)) {
    const companions = new Map([...found, [own.name, { path: own.path }]]);
    return { companions, config: customCodeFields({ modelType }), warnings: [] };
  }
  return {
    companions: new Map(found),
    config: {},
    warnings: missing.map(
      (name) => `${model.text} names ${name} in auto_map, which is not there: the result lacks it, too.`,
    ),
  };
}
