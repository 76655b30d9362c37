/** Any model as a GGUF file. */
import type { GgufDtype } from '../checkpoint/gguf/choose-type.ts';
import { type ExportReport, saveGgufModel } from '../checkpoint/gguf/save-gguf-model.ts';
import { type ExportSource, sourceValues } from './export-source.ts';

/**
 * Weights are read and written one after the other.
 * @throws as `saveGgufModel`
 */
export async function saveGguf(
  path: string,
  source: ExportSource,
  { dtype, signal }: { readonly dtype: GgufDtype; readonly signal?: AbortSignal },
): Promise<ExportReport> {
  const { config, parameters, tokenizer, modules } = source;
  const valuesOf = sourceValues(source, signal);
  const tensors = parameters.map(({ name, shape }) => ({ name, shape, data: () => valuesOf(name) }));
  // A folder that says nothing is read as the mean; of a file llama.cpp would take something else.
  const pooling = modules?.pooling ?? (source.kind === 'encoder' ? 'mean' : undefined);
  const report = await saveGgufModel(path, { config, tensors, tokenizer, pooling, dtype });
  return { ...report, notes: [...report.notes, ...lostModules(source)] };
}

/** What a file has no place for of how vectors are made. */
function lostModules(source: ExportSource): readonly string[] {
  const { modules, kind } = source;
  const notes: string[] = [];
  if (kind === 'encoder' && source.carried.length > 0)
    notes.push('the pooler, which no vector is made of, is left out');
  if (!modules || kind === 'encoder-decoder') return notes;
  const { positions } = (kind === 'encoder' ? source.encoder : source.decoder).sizes;
  const { normalize, maxLength = positions, prompts } = modules;
  if (!normalize) notes.push('that vectors keep their lengths is not kept: most programs make them 1');
  if (maxLength < positions) notes.push(`that texts are cut behind ${maxLength} tokens is not kept`);
  if (Object.values(prompts).some((prompt) => prompt !== '')) notes.push('prompts before texts are not kept');
  return notes;
}
