/** The models that a merge document names, wherever it names them. */
import { parseReference, type ReferenceInput } from './model-reference.ts';
import type { MergeRecipeInput } from './schema.ts';

type Path = readonly (string | number)[];

/** What a model or an adapter is called from now on. @param path where in the document it is named */
export type RenameModel = (name: string, path: Path) => string;

/** A copy of the document with other names for its models and adapters. */
export function mapModels<Document extends Omit<MergeRecipeInput, 'name'>>(
  document: Document,
  rename: RenameModel,
): Document {
  const copy = structuredClone(document);

  function visit<Key extends string>(
    holder: { [key in Key]?: ReferenceInput | null },
    key: Key,
    path: Path,
    reserved: readonly unknown[] = [],
  ): void {
    const input = holder[key];
    if (input == null || reserved.includes(input)) return;
    const { model, lora } = parseReference(input);
    const at = [...path, key];
    holder[key] = written(rename(model, at), lora === undefined ? undefined : rename(lora, at));
  }

  for (const [body, path] of [
    [copy, []] as const,
    ...Object.entries(copy.modules ?? {}).map(([name, module]) => [module, ['modules', name]] as const),
  ]) {
    for (const [i, model] of (body.models ?? []).entries()) visit(model, 'model', [...path, 'models', i]);
    for (const [i, slice] of (body.slices ?? []).entries()) {
      const at = [...path, 'slices', i];
      visit(slice, 'base_model', at);
      for (const [j, source] of slice.sources.entries()) visit(source, 'model', [...at, 'sources', j]);
    }
  }
  visit(copy, 'base_model', []);
  visit(copy, 'tokenizer_source', [], vocabularies);
  if (copy.tokenizer) visit(copy.tokenizer, 'source', ['tokenizer'], vocabularies);
  for (const [token, entry] of Object.entries(copy.tokenizer?.tokens ?? {})) {
    const at = ['tokenizer', 'tokens', token];
    const { source } = entry;
    if (typeof source !== 'object' || source === null || !('kind' in source)) {
      visit(entry as { source?: ReferenceInput | null }, 'source', at);
    } else if (source.kind === 'model_token') visit(source, 'model', [...at, 'source']);
  }
  return copy;
}

/** Where a model or an adapter is named first; the document itself for one that is not. */
export function pathOfModel(document: Omit<MergeRecipeInput, 'name'>, name: string): Path {
  let found: Path | undefined;
  mapModels(document, (each, path) => {
    if (each === name) found ??= path;
    return each;
  });
  return found ?? [];
}

/** Sources of a tokenizer that are no models. */
const vocabularies = ['union', 'base'];

/** An object where a plus in a name would be read as that before an adapter. */
function written(model: string, lora: string | undefined): ReferenceInput {
  if (model.includes('+') || lora?.includes('+')) return { model, ...(lora !== undefined && { lora }) };
  return lora === undefined ? model : `${model}+${lora}`;
}
