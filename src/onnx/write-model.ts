/**
 * Writes an ONNX model with its weights to the disk, one weight after the other: memory holds the largest, not the model.
 *
 * A message of protocol buffers says its length before it begins, so all lengths are known before the first weight is
 * made. Such a message ends at 2 GiB; larger weights go into files beside the model (ONNX "external data").
 */
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from 'onnx-buf';
import { UsageError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-write.ts';
import { requireDiskSpace } from '../files/disk-space.ts';
import { byteWidth, elementCount } from '../tensor/element-type.ts';
import { type ModelInterface, modelMessage } from './encode-model.ts';
import { dataTypes, type Lowering, type OnnxType } from './lowering.ts';

export interface WeightType {
  readonly name: string;
  readonly dtype: OnnxType;
  readonly shape: readonly number[];
}

/** Weights that are made together. */
export interface WeightGroup {
  readonly types: readonly WeightType[];
  /** Their bytes, little-endian and row-major; called when their turn has come. */
  make(): Promise<readonly Uint8Array[]>;
}

export interface ModelToWrite extends ModelInterface {
  readonly lowering: Lowering;
  readonly weights: readonly WeightGroup[];
}

export interface WriteLimits {
  /** Most bytes of a model whose weights are inside. Default: 1.9 GB, below the end of messages. */
  readonly modelBytes?: number;
  /** Most bytes of a data file, unless one weight alone has more. Default: 1.9 GB, which browsers hold in one array. */
  readonly dataBytes?: number;
}

/** In bytes; a longer name is none of a checkpoint. */
const longestName = 4096;

/** At which ONNX Runtime maps data files into memory. */
const alignment = 4096;

/** Numbers of fields, from onnx.proto. */
const fields = { modelGraph: 7, graphInitializer: 5, tensorRawData: 9 } as const;

/** The name of a data file beside a model. */
const dataFileName = (model: string, index: number): string => `${model}_data${index === 0 ? '' : `_${index}`}`;

/**
 * @returns how many data files there are beside the model
 * @throws UsageError for a name that is used twice or is too long, a size that cannot be counted, a graph that is too large
 * without its weights, or a disk without room
 */
export async function writeModel(
  path: string,
  model: ModelToWrite,
  { modelBytes = 1.9e9, dataBytes = 1.9e9 }: WriteLimits = {},
): Promise<number> {
  const { lowering, weights } = model;
  requireSound(weights, lowering);
  const message = modelMessage(lowering, model);
  const { start, total } = startOf(message, weights);
  await requireDiskSpace(path, total);
  if (total > modelBytes) return writeBeside(path, message, weights, { modelBytes, dataBytes });
  await writeFileAtomically(path, async (file) => {
    await file.appendFile(start);
    for (const group of weights) {
      for (const [type, bytes] of await made(group)) {
        await file.appendFile(initializerStart(type));
        await file.appendFile(bytes);
      }
    }
  });
  return 0;
}

/** The weights in files of their own, and then the model. */
async function writeBeside(
  path: string,
  message: ModelProto,
  weights: readonly WeightGroup[],
  { modelBytes, dataBytes }: Required<WriteLimits>,
): Promise<number> {
  const files = intoFiles(weights, dataBytes);
  const fileName = (index: number) => dataFileName(basename(path), index);
  message.graph!.initializer.push(
    ...files.flatMap(({ types }, index) => types.map(({ type, offset }) => elsewhere(type, fileName(index), offset))),
  );
  const bytes = toBinary(ModelProtoSchema, message);
  if (bytes.length > modelBytes) throw refuse(`${bytes.length} bytes of graph`, `at most ${modelBytes}`);
  for (const [index, { groups }] of files.entries()) {
    await writeFileAtomically(join(dirname(path), fileName(index)), (file) => writeData(file, groups));
  }
  await writeFileAtomically(path, bytes);
  return files.length;
}

const byteLength = ({ dtype, shape }: WeightType): number => byteWidth(dtype) * elementCount(shape)!;

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

function requireSound(weights: readonly WeightGroup[], { initializers, nodes }: Lowering): void {
  const known = new Set([...initializers.map(({ name }) => name), ...nodes.flatMap(({ output }) => output)]);
  for (const { name, dtype, shape } of weights.flatMap(({ types }) => types)) {
    const short = name.slice(0, 80);
    if (name === '' || Buffer.byteLength(name) > longestName) {
      throw refuse(`a name of ${Buffer.byteLength(name)} bytes, ${JSON.stringify(short)}`, `1 to ${longestName}`);
    }
    if (known.has(name)) throw refuse(`a second value called ${JSON.stringify(short)}`, 'names that differ');
    known.add(name);
    const count = elementCount(shape);
    if (count === undefined || count === 0 || !Number.isSafeInteger(count * byteWidth(dtype))) {
      throw refuse(`the shape [${shape.join(', ')}] of ${JSON.stringify(short)}`, 'sizes that can be counted');
    }
  }
}

const refuse = (found: string, expected: string): UsageError =>
  new UsageError({ field: 'ONNX model', found, expected, fix: 'Check the configuration of the model.' });

async function made({ types, make }: WeightGroup): Promise<[WeightType, Uint8Array][]> {
  const arrays = await make();
  return types.map((type, i) => {
    const found = arrays[i]?.byteLength;
    if (found !== byteLength(type)) throw new Error(`weight ${type.name} has ${found} bytes, not ${byteLength(type)}`);
    return [type, arrays[i]];
  });
}

/** Everything before the first weight, of a model with its weights inside, and how many bytes it has in all. */
function startOf(message: ModelProto, weights: readonly WeightGroup[]): { start: Uint8Array; total: number } {
  const types = weights.flatMap((group) => group.types);
  const { graph, ...others } = message;
  const before = toBinary(ModelProtoSchema, create(ModelProtoSchema, others));
  const nodes = toBinary(GraphProtoSchema, graph!);
  const inWeights = sumOf(types, (type) => initializerStart(type).length + byteLength(type));
  const opening = lengthDelimited(fields.modelGraph, nodes.length + inWeights);
  const start = Buffer.concat([before, opening, nodes]);
  return { start, total: start.length + inWeights };
}

/** What stands before the bytes of an initializer. */
function initializerStart(type: WeightType): Uint8Array {
  const tensor = toBinary(TensorProtoSchema, tensorMessage(type));
  const data = lengthDelimited(fields.tensorRawData, byteLength(type));
  const opening = lengthDelimited(fields.graphInitializer, tensor.length + data.length + byteLength(type));
  return Buffer.concat([opening, tensor, data]);
}

/** Tag and length of a field. */
function lengthDelimited(field: number, length: number): Uint8Array {
  const writer = new BinaryWriter().tag(field, WireType.LengthDelimited);
  // Lengths beyond 32 bits only occur in sums that are then too large to be written.
  return writer.uint64(length).finish();
}

const tensorMessage = ({ name, dtype, shape }: WeightType): TensorProto =>
  create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType: dataTypes[dtype] });

/** A tensor whose bytes are in another file. */
function elsewhere(type: WeightType, location: string, offset: number): TensorProto {
  const entries = { location, offset: String(offset), length: String(byteLength(type)) };
  const externalData = Object.entries(entries).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return Object.assign(tensorMessage(type), { externalData, dataLocation: TensorProto_DataLocation.EXTERNAL });
}

interface DataFile {
  readonly groups: WeightGroup[];
  readonly types: { readonly type: WeightType; readonly offset: number }[];
  end: number;
}

const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** In order, each file as full as it gets. */
function intoFiles(weights: readonly WeightGroup[], most: number): readonly DataFile[] {
  const files: DataFile[] = [];
  for (const group of weights) {
    const bytes = sumOf(group.types, (type) => aligned(byteLength(type)));
    if (files.length === 0 || files.at(-1)!.end + bytes > most) files.push({ groups: [], types: [], end: 0 });
    const file = files.at(-1)!;
    file.groups.push(group);
    for (const type of group.types) {
      file.types.push({ type, offset: file.end });
      file.end += aligned(byteLength(type));
    }
  }
  return files;
}

async function writeData(file: FileHandle, groups: readonly WeightGroup[]): Promise<void> {
  for (const group of groups) {
    for (const [type, bytes] of await made(group)) {
      await file.appendFile(bytes);
      await file.appendFile(new Uint8Array(aligned(byteLength(type)) - byteLength(type)));
    }
  }
}
