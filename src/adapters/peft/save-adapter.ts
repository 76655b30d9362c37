/** Adapter folders as the PEFT library writes them, which PEFT, vLLM and llama.cpp's converter load. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ManifestNotes, writeManifest } from '../../checkpoint/manifest.ts';
import { requireRepresentable } from '../../checkpoint/representable.ts';
import { type StorageType, type TensorToWrite, writeSafetensors } from '../../checkpoint/safetensors/write.ts';
import { writeFolderAtomically } from '../../files/atomic-write.ts';
import type { Adapter, AdapterModule } from '../adapter.ts';
import { configFile, formatPeftConfig, type PeftTask, weightsFile } from './adapter-config.ts';
import { tensorName } from './tensor-names.ts';

export interface SaveAdapterOptions {
  /** The folder or hub id of the base, for `base_model_name_or_path`. */
  readonly baseModel?: string;
  /** What the base is for. Default `CAUSAL_LM`; `SEQ_2_SEQ_LM` of an encoder-decoder, `FEATURE_EXTRACTION` of an encoder. */
  readonly taskType?: PeftTask;
  /** Default f32. */
  readonly dtype?: StorageType;
  /** Writes further files into the folder, before its manifest is made. */
  readonly also?: (folder: string) => Promise<void>;
  /** Goes into the manifest. */
  readonly notes?: ManifestNotes;
  /** Whether a folder that is there already may be replaced. Default no. */
  readonly replace?: boolean;
}

/**
 * Writes `adapter_config.json` and `adapter_model.safetensors`; the folder appears whole or not at all.
 * @throws UsageError if the folder exists or the disk has no room; InputError naming the tensor for weights that are not
 * finite in `dtype`.
 */
export async function saveAdapter(folder: string, adapter: Adapter, options: SaveAdapterOptions = {}): Promise<void> {
  const { baseModel, taskType, dtype = 'f32', also, notes, replace } = options;
  const tensors = tensorsOf(adapter, dtype);
  for (const { name, data } of tensors) requireRepresentable(name, data, dtype);
  await writeFolderAtomically(
    folder,
    async (temporary) => {
      const config = formatPeftConfig(adapter, { baseModel, taskType });
      await writeFile(join(temporary, configFile), `${JSON.stringify(config, null, 2)}\n`);
      await writeSafetensors(join(temporary, weightsFile), tensors, { metadata: { format: 'pt' } });
      await also?.(temporary);
      await writeManifest(temporary, notes);
    },
    { replace },
  );
}

function tensorsOf({ settings: { r }, modules }: Adapter, dtype: StorageType) {
  return [...modules].flatMap(([module, { a, b, magnitude }]) => {
    const tensor = (part: keyof AdapterModule, data: Float32Array, shape: readonly number[]) => {
      return { name: tensorName(module, part), shape, dtype, data } satisfies TensorToWrite;
    };
    return [
      tensor('a', a, [r, a.length / r]),
      tensor('b', b, [b.length / r, r]),
      ...(magnitude ? [tensor('magnitude', magnitude, [magnitude.length])] : []),
    ];
  });
}
