/** The Python that the result of a merge needs where transformers does not have its architecture, or its tokenizer. */
import { readFile } from 'node:fs/promises';
import { findModelCode, findTokenizerCode, tokenizerClass } from '../../checkpoint/huggingface/model-code.ts';
import { InputError } from '../../errors.ts';
import { isJsonObject, type JsonObject } from '../../files/json-file.ts';
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
 * The model's code from the folder that leads, or ours, if we have it, where that is not whole; the tokenizer's from the folder
 * that the tokenizer comes from.
 * @throws InputError as `findModelCode`, or where both have another file of one name
 */
export async function codeFiles(lead: OpenedSource, owner: OpenedSource): Promise<CodeFiles> {
  const [ofModel, ofTokenizer] = await Promise.all([
    findModelCode(lead.opened.folder),
    findTokenizerCode(owner.opened.folder),
  ]);
  const modelType = String(lead.opened.config.model_type);
  const isWhole = ofModel.files.size > 0 && ofModel.missing.length === 0;
  const own = isWhole ? undefined : customCodeFile({ modelType });
  const files = new Map([...ofModel.files, ...(own ? [[own.name, own.path] as const] : [])]);
  for (const [name, path] of ofTokenizer.files) {
    await requireSame(files.get(name) ?? path, path);
    files.set(name, path);
  }
  const lacks = ({ model }: OpenedSource, names: readonly string[]): readonly string[] =>
    names.map((name) => `${model.text} names ${name} in auto_map, which is not there: the result lacks it, too.`);
  return {
    companions: new Map([...files].map(([name, path]) => [name, { path }])),
    config: own ? customCodeFields({ modelType }) : autoMap(lead, owner),
    warnings: [
      ...lacks(lead, own ? [] : ofModel.missing),
      ...lacks(
        owner,
        ofTokenizer.missing.filter((name) => !files.has(name)),
      ),
    ],
  };
}

/** The lead's, with what the owner of the tokenizer says of that. */
function autoMap(lead: OpenedSource, owner: OpenedSource): JsonObject {
  const [own, other] = [lead, owner].map(({ opened: { config } }) =>
    isJsonObject(config.auto_map) ? config.auto_map : {},
  );
  const { [tokenizerClass]: replaced, ...classes } = own;
  const { [tokenizerClass]: tokenizer } = other;
  if (replaced === undefined && tokenizer === undefined) return {};
  return { auto_map: { ...classes, ...(tokenizer !== undefined && { [tokenizerClass]: tokenizer }) } };
}

async function requireSame(path: string, other: string): Promise<void> {
  if (path === other) return;
  const [one, two] = await Promise.all([path, other].map((each) => readFile(each)));
  if (one.equals(two)) return;
  throw new InputError({
    field: other,
    found: `code of the tokenizer that is not that of ${path}`,
    expected: 'one file of a name in the result',
    fix: 'Rename one of them where it is named and imported, or take the tokenizer of the model that leads.',
  });
}
