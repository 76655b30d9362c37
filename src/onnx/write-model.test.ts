import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from 'onnx-buf';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { encodeModel, type ValueType } from './encode-model.ts';
import { Lowering } from './lowering.ts';
import { type WeightGroup, type WeightType, type WriteLimits, writeModel } from './write-model.ts';

let root: string;
let path: string;
let models = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-write-model-'));
});
afterAll(() => rm(root, { recursive: true }));

/** A group of weights, each with bytes that tell it from the others. */
const group = (...types: readonly WeightType[]): WeightGroup => ({
  types,
  make: async () => types.map(bytesOf),
});

function bytesOf({ name, dtype, shape }: WeightType): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (dtype === 'u8') return new Uint8Array(count).fill(name.length);
  return new Uint8Array(Float32Array.from({ length: count }, (_, i) => Math.sin(i + name.length)).buffer);
}

const f32 = (name: string, ...shape: readonly number[]): WeightType => ({ name, dtype: 'f32', shape });

/** y = x + the first weight, with as many more weights as there are. */
async function write(weights: readonly WeightGroup[], limits?: WriteLimits) {
  path = join(root, `${models++}`, 'model.onnx');
  const lowering = new Lowering();
  lowering.emit('Add', ['x', weights[0]?.types[0]?.name ?? 'x'], { output: 'y' });
  const type: ValueType = { dtype: 'f32', shape: [3] };
  const io = { inputs: new Map([['x', type]]), outputs: new Map([['y', type]]) };
  const files = await writeModel(path, { lowering, weights, ...io }, limits);
  return { files, withoutWeights: encodeModel(lowering, io).length };
}

describe('weights inside', () => {
  it('are read back by a parser of the format and by the runtime', async () => {
    const types: WeightType[] = [f32('a', 3), { name: 'bytes', dtype: 'u8', shape: [2, 5] }, f32('matrix', 7, 300)];
    expect((await write([group(types[0], types[1]), group(types[2])])).files).toBe(0);
    const { graph, opsetImport } = fromBinary(ModelProtoSchema, readFileSync(path));
    expect(
      graph!.initializer.map(({ name, dims, rawData }) => [name, dims.map(Number), new Uint8Array(rawData)]),
    ).toEqual(types.map((type) => [type.name, [...type.shape], bytesOf(type)]));
    expect([graph!.node.length, opsetImport[0].version]).toEqual([1, 21n]);
    const session = await InferenceSession.create(path, { logSeverityLevel: 3 });
    await session.release();
  });

  it('are made one group after the other', async () => {
    const events: string[] = [];
    const logged = (name: string): WeightGroup => ({
      types: [f32(name, 3)],
      async make() {
        events.push(name);
        expect(events.length).toBe(1 + ['a', 'b', 'c'].indexOf(name));
        return [bytesOf(f32(name, 3))];
      },
    });
    await write(['a', 'b', 'c'].map(logged));
    expect(events).toEqual(['a', 'b', 'c']);
  });
});

describe('weights beside', () => {
  it('begin at pages, in files that are as full as they get', async () => {
    const types = ['a', 'b', 'c', 'd'].map((name) => f32(name, name === 'c' ? 3000 : 3));
    const { files } = await write(
      types.map((type) => group(type)),
      { modelBytes: 2000, dataBytes: 8192 },
    );
    expect(files).toBe(3);
    expect(readdirSync(join(path, '..')).sort()).toEqual([
      'model.onnx',
      'model.onnx_data',
      'model.onnx_data_1',
      'model.onnx_data_2',
    ]);
    const { graph } = fromBinary(ModelProtoSchema, readFileSync(path));
    const places = graph!.initializer.map(({ externalData }) =>
      Object.fromEntries(externalData.map(({ key, value }) => [key, value])),
    );
    expect(places.map(({ location, offset }) => `${location}@${offset}`)).toEqual([
      'model.onnx_data@0',
      'model.onnx_data@4096',
      'model.onnx_data_1@0',
      'model.onnx_data_2@0',
    ]);
    for (const [i, { location, offset, length }] of places.entries()) {
      const bytes = readFileSync(join(path, '..', location)).subarray(Number(offset), Number(offset) + Number(length));
      expect(new Uint8Array(bytes)).toEqual(bytesOf(types[i]));
    }
    const session = await InferenceSession.create(path, { logSeverityLevel: 3 });
    await session.release();
  });

  it('are chosen at the first byte too many', async () => {
    const weights = [group(f32('a', 100))];
    const { withoutWeights } = await write(weights);
    const { length } = readFileSync(path);
    expect(length).toBeGreaterThan(withoutWeights + 400);
    expect((await write(weights, { modelBytes: length })).files).toBe(0);
    expect((await write(weights, { modelBytes: length - 1 })).files).toBe(1);
  });
});

describe('what is refused', () => {
  it.each([
    ['two weights of one name', [group(f32('a', 3)), group(f32('a', 3))], 'a second value called "a"'],
    ['the name of a node', [group(f32('y', 3))], 'a second value called "y"'],
    ['no name', [group(f32('', 3))], 'a name of 0 bytes'],
    ['a long name', [group(f32('x'.repeat(4097), 3))], 'a name of 4097 bytes'],
    ['a name that is long in UTF-8', [group(f32('é'.repeat(2049), 3))], 'a name of 4098 bytes'],
    ['an empty shape', [group(f32('a', 3, 0))], 'the shape [3, 0]'],
    ['a negative size', [group(f32('a', -3, -1))], 'the shape [-3, -1]'],
    ['sizes that cannot be counted', [group(f32('a', 2 ** 40, 2 ** 40))], 'the shape [1099511627776, 1099511627776]'],
    ['more than any disk holds', [group(f32('a', 2 ** 48))], 'bytes free on its disk'],
    ['bytes that cannot be counted', [group(f32('a', 2 ** 52))], 'the shape [4503599627370496]'],
  ])('%s', async (_, weights, found) => {
    const work = write(weights);
    await expect(work).rejects.toThrow(UsageError);
    await expect(work).rejects.toThrow(found);
    expect(existsSync(path)).toBe(false);
  });

  it('a graph that is too large without its weights', async () => {
    await expect(write([group(f32('a', 3))], { modelBytes: 50 })).rejects.toThrow('bytes of graph');
    expect(existsSync(join(path, '..'))).toBe(false);
  });

  it('bytes of another number than was said', async () => {
    const short = { types: [f32('a', 3)], make: async () => [new Uint8Array(11)] };
    await expect(write([short])).rejects.toThrow('weight a has 11 bytes, not 12');
    expect(existsSync(path)).toBe(false);
  });
});
