/**
 * A base model whose linear layers inside the blocks are in four bits; embeddings, head, norms and biases stay in
 * float32, as in QLoRA. Programs unpack one layer at a time, so that the model never exists in float32 as a whole.
 */
import { elementCount } from '../../graph/tensor.ts';
import { allocateParameters } from '../../kernels/allocate-parameters.ts';
import { referenceKernels } from '../../kernels/reference-kernels.ts';
import type { ParameterSpec } from '../../models/decoder.ts';
import type { Model } from '../../models/model.ts';
import { openModelCheckpoint, requireFinite } from '../../models/model-checkpoint.ts';
import { requireWeightMemory } from '../../models/weight-memory.ts';
import type { BaseModel, FrozenParameter } from '../base-model.ts';
import { linearModules, moduleName } from '../target-modules.ts';
import { Nf4Matrix, nf4Bytes } from './nf4-matrix.ts';

/** Whether a parameter is packed, by its checkpoint name. */
function packedNames({ decoder }: Pick<BaseModel, 'decoder'>): ReadonlySet<string> {
  const layers = Array.from({ length: decoder.sizes.layers }, (_, layer) => layer);
  const modules = linearModules(decoder);
  return new Set(layers.flatMap((layer) => modules.map(({ name }) => `${moduleName(decoder, layer, name)}.weight`)));
}

/** Bytes that a parameter takes in a quantised model, for predictions of memory. */
export function quantizedBytes({ decoder }: Pick<BaseModel, 'decoder'>): (spec: ParameterSpec) => number {
  const packed = packedNames({ decoder });
  return ({ name, shape }) => (packed.has(name) ? nf4Bytes(elementCount(shape)) : 4 * elementCount(shape));
}

/**
 * Loads a Hugging Face folder, each matrix packed as soon as it was read.
 * @throws as `loadModel`
 */
export async function loadQuantizedModel(folder: string): Promise<BaseModel> {
  const { checkpoint, decoder, tokenizer, warnings } = await openModelCheckpoint(folder);
  try {
    const packed = packedNames({ decoder });
    const bytesOf = quantizedBytes({ decoder });
    requireWeightMemory(
      folder,
      decoder.parameters.reduce((sum, spec) => sum + bytesOf(spec), 0),
    );
    const plain = allocateParameters(
      decoder.parameters.filter(({ name }) => !packed.has(name)),
      ['weight'],
    );
    const largest = Math.max(
      ...decoder.parameters.map(({ name, shape }) => (packed.has(name) ? elementCount(shape) : 0)),
    );
    const room = new Float32Array(largest);
    const parameters = new Map<string, FrozenParameter>();
    for (const { name, shape } of decoder.parameters) {
      const values = plain.get(name)?.weight ?? room.subarray(0, elementCount(shape));
      await checkpoint.readAllInto([[name, values]]);
      requireFinite(folder, name, referenceKernels.sumOfSquares(values));
      parameters.set(name, { name, shape, weight: packed.has(name) ? new Nf4Matrix(values) : values });
    }
    return { config: checkpoint.config, decoder, parameters, tokenizer, warnings };
  } finally {
    await checkpoint.close();
  }
}

/**
 * The same model with its matrices packed; what stays in float32 is copied, so that the original can go. A model that is
 * packed already stays as it is.
 */
export function quantizeModel(model: BaseModel): BaseModel {
  const packed = packedNames(model);
  if ([...packed].every((name) => model.parameters.get(name)!.weight instanceof Nf4Matrix)) return model;
  const pack = (name: string, weight: Float32Array) => (packed.has(name) ? new Nf4Matrix(weight) : weight.slice());
  const parameters = [...model.parameters].map(([name, { shape, weight }]): [string, FrozenParameter] => [
    name,
    { name, shape, weight: weight instanceof Float32Array ? pack(name, weight) : weight },
  ]);
  return { ...model, parameters: new Map(parameters) };
}

/** A model in float32 that computes what the quantised one computes: what an adapter of that one is merged into. */
export async function dequantizeModel(model: BaseModel): Promise<Model> {
  const { decoder } = model;
  requireWeightMemory('model', 4 * decoder.parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0));
  const parameters = allocateParameters(decoder.parameters, ['weight']);
  for (const [name, { weight: target }] of parameters) {
    const { weight } = model.parameters.get(name)!;
    if (weight instanceof Float32Array) target.set(weight);
    else await weight.unpack(target);
  }
  return { ...model, parameters };
}
