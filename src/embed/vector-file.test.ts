import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSafetensors } from '../checkpoint/safetensors/read.ts';
import { writeVectorFile } from './vector-file.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-vectors-'));
});
afterAll(() => rm(root, { recursive: true }));

const rows = Array.from({ length: 1000 }, (_, i) => Float32Array.of(i, -i, i / 3));

async function* vectors() {
  yield* rows;
}

it('writes safetensors that our reader takes', async () => {
  const path = join(root, 'a.safetensors');
  expect(await writeVectorFile(path, 3, vectors())).toBe(1000);
  const file = await openSafetensors(path);
  const found = new Float32Array(3000);
  await file.readInto('embeddings', found);
  expect(file.tensors.get('embeddings')!.shape).toEqual([1000, 3]);
  await file.close();
  expect([...found]).toEqual(rows.flatMap((row) => [...row]));
});

/** https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
it('writes what NumPy calls version 1.0', async () => {
  const path = join(root, 'a.npy');
  await writeVectorFile(path, 3, vectors());
  const bytes = await readFile(path);
  expect([...bytes.subarray(0, 8)]).toEqual([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const end = 10 + bytes.readUInt16LE(8);
  expect(end % 64).toBe(0);
  const header = bytes.toString('latin1', 10, end);
  expect(header).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(1000, 3\), \} *\n$/);
  expect(bytes.length).toBe(end + 4 * 3000);
  expect([bytes.readFloatLE(end + 12), bytes.readFloatLE(end + 16)]).toEqual([1, -1]);
});

it('leaves nothing behind where vectors end with an error, and refuses other names', async () => {
  const failing = async function* () {
    yield rows[0];
    throw new Error('broken');
  };
  await expect(writeVectorFile(join(root, 'b.npy'), 3, failing())).rejects.toThrow('broken');
  await expect(writeVectorFile(join(root, 'b.csv'), 3, vectors())).rejects.toThrow('.npy or .safetensors');
  expect((await readdir(root)).filter((name) => name.includes('b.'))).toEqual([]);
});
