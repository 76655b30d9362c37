/** Any model as a Hugging Face folder; one that makes vectors of texts as one of sentence-transformers. */
import type { StorageType } from '../checkpoint/safetensors/write.ts';
import { writeSentenceModules } from '../embed/sentence-modules.ts';
import { elementCount } from '../graph/tensor.ts';
import { saveStreamedEncoderDecoder } from '../models/encoder-decoder-model.ts';
import { saveStreamedEncoder } from '../models/encoder-model.ts';
import { saveStreamed } from '../models/model.ts';
import { type ExportSource, sourceValues } from './export-source.ts';

export interface SaveFolderOptions {
  readonly dtype: StorageType;
  /** Whether a folder that is there already may be replaced. Default no. */
  readonly replace?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Weights are read and written one after the other.
 * @throws UsageError if the folder exists or the disk has no room; InputError for weights that `dtype` cannot hold
 */
export async function saveFolder(
  folder: string,
  source: ExportSource,
  { dtype, replace, signal }: SaveFolderOptions,
): Promise<void> {
  const valuesOf = sourceValues(source, signal);
  const modulesOf = (width: number) => async (temporary: string) => {
    if (source.modules) await writeSentenceModules(temporary, source.modules, width);
  };
  switch (source.kind) {
    case 'decoder': {
      const also = modulesOf(source.decoder.sizes.hidden);
      return saveStreamed(folder, { ...source, valuesOf }, { dtype, also, replace });
    }
    case 'encoder': {
      const also = modulesOf(source.encoder.sizes.hidden);
      const carried = await carriedTensors(source);
      return saveStreamedEncoder(folder, { ...source, carried, valuesOf }, { dtype, also, replace });
    }
    case 'encoder-decoder':
      return saveStreamedEncoderDecoder(folder, { ...source, valuesOf }, { dtype, replace });
    default:
      return source satisfies never;
  }
}

async function carriedTensors({ carried, stored }: Extract<ExportSource, { readonly kind: 'encoder' }>) {
  const tensors = carried.map((spec) => ({ ...spec, data: new Float32Array(elementCount(spec.shape)) }));
  await stored.readAllInto(tensors.map(({ name, data }) => [name, data] as const));
  return tensors;
}
