/** Adapter folders of the PEFT library, read with the suspicion that files of strangers deserve. */
import { join } from 'node:path';
import { openSafetensors, type SafetensorsFile } from '../../checkpoint/safetensors/read.ts';
import { InputError } from '../../errors.ts';
import { requireWeightMemory } from '../../models/weight-memory.ts';
import { elementCount } from '../../tensor/element-type.ts';
import type { Adapter, AdapterModule } from '../adapter.ts';
import { type PeftConfig, weightsFile } from './adapter-config.ts';
import { readPeftConfig } from './read-config.ts';
import { parseTensorName, tensorName } from './tensor-names.ts';

/**
 * Reads `adapter_config.json` and `adapter_model.safetensors`, weights widened to float32. Whether the adapter fits a
 * model is looked at where it is attached or merged.
 * @throws InputError for a field or tensor that is unknown, missing, of a wrong shape or not finite; UsageError where it
 * does not fit into memory.
 */
export async function readAdapter(folder: string): Promise<Adapter> {
  const config = await readPeftConfig(folder);
  const file = await openSafetensors(join(folder, weightsFile));
  try {
    const names = moduleNames(file, config);
    for (const module of names) assertModule(file, module, config);
    const elements = [...file.tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape)!, 0);
    requireWeightMemory(file.path, 4 * elements);
    const arrays = new Map(
      [...file.tensors].map(([name, { shape }]) => [name, new Float32Array(elementCount(shape)!)]),
    );
    await file.readAllInto(arrays);
    for (const [tensor, values] of arrays) {
      if (!values.every(Number.isFinite)) throw misfit(file, tensor, 'NaN or infinite numbers', 'finite numbers');
    }
    const part = (module: string, which: keyof AdapterModule) => arrays.get(tensorName(module, which));
    const moduleOf = (name: string): AdapterModule => {
      const magnitude = part(name, 'magnitude');
      return { a: part(name, 'a')!, b: part(name, 'b')!, ...(magnitude && { magnitude }) };
    };
    return { settings: config.settings, modules: new Map(names.map((name) => [name, moduleOf(name)])) };
  } finally {
    await file.close();
  }
}

/** Reads the weights of an adapter of the same layers and rank into its arrays. @throws InputError where the file has others. */
export async function readAdapterInto(folder: string, { modules }: Adapter): Promise<void> {
  const file = await openSafetensors(join(folder, weightsFile));
  try {
    const arrays = [...modules].flatMap(([module, { a, b, magnitude }]): [string, Float32Array][] => [
      [tensorName(module, 'a'), a],
      [tensorName(module, 'b'), b],
      ...(magnitude ? [[tensorName(module, 'magnitude'), magnitude] satisfies [string, Float32Array]] : []),
    ]);
    await file.readAllInto(arrays);
  } finally {
    await file.close();
  }
}

/** The linear layers that the file has tensors for, in its order; all of them must be among those the configuration names. */
function moduleNames(file: SafetensorsFile, { targets }: PeftConfig): string[] {
  const modules = new Set<string>();
  for (const tensor of file.tensors.keys()) {
    const parsed = parseTensorName(tensor);
    if (!parsed)
      throw misfit(file, tensor, 'a tensor that is no part of LoRA or DoRA', 'lora_A, lora_B or lora_magnitude_vector');
    if (!targets(parsed.module)) {
      throw misfit(
        file,
        tensor,
        'an update of a layer that target_modules leaves out',
        'updates of the target modules',
      );
    }
    modules.add(parsed.module);
  }
  if (modules.size > 0) return [...modules];
  throw misfit(file, '', 'no tensors', 'the updates of at least one linear layer');
}

function assertModule(file: SafetensorsFile, module: string, { settings: { method, r } }: PeftConfig): void {
  const shapeOf = (part: keyof AdapterModule) => file.tensors.get(tensorName(module, part))?.shape;
  const [a, b, magnitude] = [shapeOf('a'), shapeOf('b'), shapeOf('magnitude')];
  const format = (shape: readonly number[] | undefined) => (shape ? `shape [${shape.join(', ')}]` : 'no such tensor');
  const refuse = (part: keyof AdapterModule, found: readonly number[] | undefined, expected: string) =>
    misfit(file, tensorName(module, part), format(found), expected);
  if (a?.length !== 2 || a[0] !== r || a[1] < 1) throw refuse('a', a, `shape [${r}, inputs]`);
  if (b?.length !== 2 || b[1] !== r || b[0] < 1) throw refuse('b', b, `shape [outputs, ${r}]`);
  if (method !== 'dora') {
    if (magnitude) throw refuse('magnitude', magnitude, 'no such tensor, as use_dora is false');
    return;
  }
  if (magnitude?.length !== 1 || magnitude[0] !== b[0]) throw refuse('magnitude', magnitude, `shape [${b[0]}]`);
}

const misfit = ({ path }: SafetensorsFile, tensor: string, found: string, expected: string): InputError =>
  new InputError({
    field: tensor === '' ? path : `${path}, tensor ${JSON.stringify(tensor)}`,
    found,
    expected,
    fix: 'Weights and adapter_config.json are not of one adapter, or of a kind that is not supported.',
  });
