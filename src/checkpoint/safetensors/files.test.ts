import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError, UsageError } from '../../errors.ts';
import { Arena } from '../../kernels/arena.ts';
import { openSafetensors } from './read.ts';
import { type StorageType, type TensorToWrite, writeSafetensors } from './write.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-safetensors-'));
});

afterAll(() => rm(folder, { recursive: true }));

interface Golden {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly { name: string; dtype: StorageType; shape: number[]; data: number[] }[];
  readonly base64: string;
}

const golden = JSON.parse(await readFile('test/golden/safetensors-files.json', 'utf8')) as Golden;
const goldenBytes = Buffer.from(golden.base64, 'base64');

/** Values of every size that half precision holds, more of them than fit one chunk. */
const many = Float32Array.from(
  { length: 2 ** 20 + 2 ** 19 + 5 },
  (_, i) => ((i * 7919) % 4093) * 2 ** -((i % 25) + 1) - 3,
);

function sameBytes(a: Float32Array, b: Float32Array): boolean {
  const bytes = (array: Float32Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);
  return bytes(a).equals(bytes(b));
}

async function writeOne(name: string, dtype: StorageType, data: Float32Array): Promise<string> {
  const path = join(folder, name);
  await writeSafetensors(path, [{ name: 'w', shape: [data.length], dtype, data }]);
  return path;
}

describe('writeSafetensors', () => {
  it('writes the bytes of the reference implementation, whatever the order of the tensors', async () => {
    const tensors = golden.tensors.map(
      (tensor): TensorToWrite => ({ ...tensor, data: Float32Array.from(tensor.data) }),
    );
    for (const order of [tensors, tensors.toReversed()]) {
      const path = join(folder, 'golden.safetensors');
      await writeSafetensors(path, order, { metadata: golden.metadata });
      expect((await readFile(path)).equals(goldenBytes)).toBe(true);
    }
  });

  it('refuses names given twice, reserved names and wrong sizes, and leaves no file', async () => {
    const tensor: TensorToWrite = { name: 'w', shape: [2], dtype: 'f32', data: new Float32Array(2) };
    const path = join(folder, 'refused.safetensors');
    for (const tensors of [[tensor, tensor], [{ ...tensor, name: '__metadata__' }], [{ ...tensor, shape: [3] }]]) {
      await expect(writeSafetensors(path, tensors)).rejects.toThrow(UsageError);
    }
    expect((await readdir(folder)).filter((name) => name.includes('refused'))).toEqual([]);
  });
});

describe('openSafetensors', () => {
  it('reads what the reference implementation wrote', async () => {
    const path = join(folder, 'reference.safetensors');
    await writeFile(path, goldenBytes);
    const file = await openSafetensors(path);
    expect(Object.fromEntries(file.metadata)).toEqual(golden.metadata);
    for (const { name, dtype, shape, data } of golden.tensors) {
      expect(file.tensors.get(name)).toMatchObject({ dtype, shape });
      const target = new Float32Array(data.length);
      await file.readInto(name, target);
      expect(target).toEqual(Float32Array.from(data));
    }
    await file.close();
  });

  it.each(['f32', 'f16', 'bf16'] as const)(
    'reads %s the same into ordinary memory, into an arena and by ranges',
    async (dtype) => {
      const file = await openSafetensors(await writeOne(`${dtype}.safetensors`, dtype, many));
      const [plain, inArena] = [new Float32Array(many.length), new Arena(2 ** 23).allocate(many.length)];
      await file.readAllInto([
        ['w', plain],
        ['w', inArena],
      ]);
      expect(sameBytes(plain, inArena)).toBe(true);
      const tolerance = { f32: 0, f16: 2 ** -11, bf16: 2 ** -8 }[dtype];
      const worst = many.reduce(
        (most, value, i) => Math.max(most, Math.abs(plain[i] - value) / Math.max(Math.abs(value), 2 ** -14)),
        0,
      );
      expect(worst).toBeLessThanOrEqual(tolerance);
      for (const [start, count] of [
        [0, 0],
        [many.length, 0],
        [3, 1000],
        [2 ** 19 - 1, 2 ** 20 + 2],
        [many.length - 7, 7],
      ]) {
        expect(sameBytes(await file.readRange('w', start, count), plain.slice(start, start + count))).toBe(true);
      }
      await expect(file.readRange('w', many.length - 1, 2)).rejects.toThrow('Range of 2');
      await file.close();
    },
  );

  it('narrows f64 while reading', async () => {
    const values = Float64Array.from({ length: 600_000 }, (_, i) => Math.sin(i) * 1e-3);
    const header = `{"w":{"dtype":"F64","shape":[${values.length}],"data_offsets":[0,${values.byteLength}]}}`;
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    const path = join(folder, 'f64.safetensors');
    await writeFile(path, Buffer.concat([prefix, Buffer.from(header), Buffer.from(values.buffer)]));
    const file = await openSafetensors(path);
    expect(sameBytes(await file.readRange('w', 0, values.length), Float32Array.from(values))).toBe(true);
    await file.close();
  });

  it('names the tensor that is missing, of another size or not a float', async () => {
    const header = '{"ids":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}';
    const path = join(folder, 'ids.safetensors');
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(BigInt(header.length));
    await writeFile(path, Buffer.concat([prefix, Buffer.from(header), Buffer.alloc(8)]));
    const ids = await openSafetensors(path);
    await expect(ids.readInto('ids', new Float32Array(1))).rejects.toThrow(/"ids".*i64/);
    await expect(ids.readInto('w', new Float32Array(1))).rejects.toThrow(/"w": found no such tensor/);
    await ids.close();
    const file = await openSafetensors(await writeOne('small.safetensors', 'f32', many.slice(0, 4)));
    await expect(file.readInto('w', new Float32Array(5))).rejects.toThrow(/shape \[4\], expected 5 elements/);
    await file.close();
  });

  it('refuses every truncation of a good file', async () => {
    const path = join(folder, 'cut.safetensors');
    for (const length of [0, 7, 8, 9, 100, goldenBytes.length - 1]) {
      await writeFile(path, goldenBytes.subarray(0, length));
      await expect(openSafetensors(path)).rejects.toThrow(InputError);
    }
    await writeFile(path, Buffer.concat([goldenBytes, Buffer.alloc(1)]));
    await expect(openSafetensors(path)).rejects.toThrow(InputError);
  });

  it('allocates nothing for a header that claims to be enormous', async () => {
    const path = join(folder, 'enormous.safetensors');
    for (const claim of [0xffff_ffff_ffff_ffffn, 100_000_001n, 1000n]) {
      const prefix = Buffer.alloc(16, 0x7b);
      prefix.writeBigUInt64LE(claim);
      await writeFile(path, prefix);
      await expect(openSafetensors(path)).rejects.toThrow(/a header of \d+ bytes in a file of 16/);
    }
    // Long enough on disk (a sparse file), but over the limit of the format.
    await truncate(path, 200_000_000);
    const file = await open(path, 'r+');
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(100_000_001n);
    await file.write(prefix, 0, 8, 0);
    await file.close();
    await expect(openSafetensors(path)).rejects.toThrow(/at most 100000000/);
  });

  it('refuses folders and missing files', async () => {
    await expect(openSafetensors(folder)).rejects.toThrow(InputError);
    await expect(openSafetensors(join(folder, 'none'))).rejects.toThrow(/no such file/);
  });

  it('notices a file that shrinks while it is open', async () => {
    const path = await writeOne('shrinking.safetensors', 'bf16', many);
    const file = await openSafetensors(path);
    await truncate(path, 1000);
    await expect(file.readInto('w', new Float32Array(many.length))).rejects.toThrow(
      /the length it had when it was opened/,
    );
    await file.close();
  });
});
