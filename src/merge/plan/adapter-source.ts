/** A LoRA folder of PEFT as part of a source: nothing is merged beforehand, each tensor is adapted while it is read. */
import { join } from 'node:path';
import { configFile, weightsFile } from '../../adapters/peft/adapter-config.ts';
import { readPeftConfig } from '../../adapters/peft/read-config.ts';
import { parseTensorName, tensorName } from '../../adapters/peft/tensor-names.ts';
import { scaleOf } from '../../adapters/settings.ts';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { InputError } from '../../errors.ts';
import { isFloatType } from '../../tensor/element-type.ts';
import type { AdaptedTensor, StoredTensor } from '../stream/job.ts';

export interface AdapterSource {
  /** Its file of weights. */
  readonly path: string;
  /** @throws InputError unless every layer that it adapts is there in the shape that it needs. */
  requireTargets(tensors: ReadonlyMap<string, StoredTensor>): void;
  apply(name: string, weight: StoredTensor): StoredTensor | AdaptedTensor;
}

export async function openAdapterSource(folder: string): Promise<AdapterSource> {
  const orPlus = 'Check the name behind the plus; a model whose own name has one is written as {model: NAME}.';
  const { settings } = await readPeftConfig(folder, orPlus);
  if (settings.method === 'dora') {
    const fix = 'Merge the adapter into its base first, with mergeAdapters of the library or merge_and_unload of PEFT.';
    throw refuse(`${join(folder, configFile)}, use_dora`, 'a DoRA adapter', 'LoRA or rsLoRA', fix);
  }
  const scale = scaleOf(settings);
  const file = await openSafetensors(join(folder, weightsFile));
  await file.close();
  const stored = (tensor: string): StoredTensor => {
    const entry = file.tensors.get(tensor);
    if (!entry || !isFloatType(entry.dtype)) {
      throw refuse(
        `${file.path}, tensor ${tensor}`,
        entry?.dtype ?? 'no such tensor',
        'both factors of each update',
        again,
      );
    }
    return {
      kind: 'stored',
      path: file.path,
      position: file.dataStart + entry.begin,
      dtype: entry.dtype,
      shape: entry.shape,
    };
  };
  const updates = new Map<string, AdaptedTensor['updates'][number]>();
  for (const tensor of file.tensors.keys()) {
    const parsed = parseTensorName(tensor);
    if (!parsed) throw refuse(`${file.path}, tensor ${tensor}`, 'no part of LoRA', 'lora_A and lora_B', again);
    const { module } = parsed;
    updates.set(`${module}.weight`, { a: stored(tensorName(module, 'a')), b: stored(tensorName(module, 'b')), scale });
  }
  return {
    path: file.path,
    requireTargets(tensors) {
      for (const [name, { a, b }] of updates) {
        const shape = tensors.get(name)?.shape;
        const [rows, columns] = shape ?? [];
        const fits = shape?.length === 2 && a.shape.length === 2 && b.shape.length === 2;
        if (fits && a.shape[1] === columns && b.shape[0] === rows && a.shape[0] === b.shape[1]) continue;
        const found = shape
          ? `shape [${shape}] for factors [${b.shape}] and [${a.shape}]`
          : 'no such tensor in the model';
        throw refuse(`${file.path}, update of ${name}`, found, 'an adapter of this model', again);
      }
    },
    apply(name, weight) {
      const update = updates.get(name);
      return update ? { kind: 'adapted', weight, updates: [update], shape: weight.shape } : weight;
    },
  };
}

const again = 'Use an adapter that was trained on this model.';

function refuse(field: string, found: string, expected: string, fix: string): InputError {
  return new InputError({ field, found, expected, fix });
}
