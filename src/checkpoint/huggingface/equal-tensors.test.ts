import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSafetensors } from '../safetensors/write.ts';
import { areEqualTensors } from './equal-tensors.ts';
import { type Checkpoint, openCheckpoint } from './open-checkpoint.ts';

let root: string;
let checkpoint: Checkpoint;

/** Several pieces, the last of them short. */
const shape = [1500, 2048];
const values = Float32Array.from({ length: 1500 * 2048 }, (_, i) => (i % 251) - 125);
const changed = (at: number, value: number): Float32Array => values.with(at, value);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-equal-'));
  await writeFile(join(root, 'config.json'), '{}');
  await writeSafetensors(join(root, 'model.safetensors'), [
    { name: 'bf16', shape, dtype: 'bf16', data: values },
    { name: 'copy', shape, dtype: 'bf16', data: values },
    { name: 'wide', shape, dtype: 'f32', data: values },
    { name: 'last', shape, dtype: 'bf16', data: changed(values.length - 1, 7.5) },
    { name: 'wideLast', shape, dtype: 'f32', data: changed(values.length - 1, 7.5) },
    { name: 'first', shape, dtype: 'bf16', data: changed(0, 7.5) },
    { name: 'negative', shape, dtype: 'bf16', data: changed(values.indexOf(0), -0) },
    { name: 'turned', shape: shape.toReversed(), dtype: 'bf16', data: values },
  ]);
  checkpoint = await openCheckpoint(root);
});
afterAll(async () => {
  await checkpoint.close();
  await rm(root, { recursive: true });
});

it.each([
  ['copy', true],
  ['wide', true],
  ['last', false],
  ['wideLast', false],
  ['first', false],
  ['negative', false],
  ['turned', false],
])('tells whether %s is the same table: %s', async (other, expected) => {
  expect(await checkpoint.areEqual('bf16', other)).toBe(expected);
  expect(await checkpoint.areEqual(other, 'bf16')).toBe(expected);
});

/** Bytes of what was read for a comparison, each read by itself. */
async function readsOf(other: string): Promise<readonly number[]> {
  const sizes: number[] = [];
  const noted = async <Piece extends Uint8Array | Float32Array>(reading: Promise<Piece>): Promise<Piece> => {
    const piece = await reading;
    sizes.push(piece.byteLength);
    return piece;
  };
  const { tensors, readBytes, readRange } = checkpoint;
  await areEqualTensors(
    {
      tensors,
      readBytes: (name, start, length) => noted(readBytes(name, start, length)),
      readRange: (name, start, count) => noted(readRange(name, start, count)),
    },
    'bf16',
    other,
  );
  return sizes;
}

const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0);

it('holds a few MiB of either at a time, and reads no further than the first difference', async () => {
  for (const [other, bytes] of [
    ['copy', 2 * 2 * values.length],
    ['wide', 2 * 4 * values.length],
  ] as const) {
    const sizes = await readsOf(other);
    expect(Math.max(...sizes)).toBe(2 ** 22);
    expect(sum(sizes)).toBe(bytes);
  }
  expect(await readsOf('first')).toEqual([2 ** 22, 2 ** 22]);
  expect(await readsOf('turned')).toEqual([]);
});
