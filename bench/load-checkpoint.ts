/**
 * Loading a checkpoint of 1 GB into arenas, conversion to float32 included, against plain reads of the same bytes, as JSON
 * on stdout. Both read a warm page cache in 4 MiB pieces, four at a time, into memory that was written before; seconds are
 * the median of five passes, and passes alternate so that both see the same machine.
 *
 *   npx tsx bench/load-checkpoint.ts
 *
 * `firstTouch` is the load as a program meets it once: into fresh memory, whose pages the system has yet to provide.
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openSafetensors } from '../src/checkpoint/safetensors/read.ts';
import { type StorageType, writeSafetensors } from '../src/checkpoint/safetensors/write.ts';
import { forEachInFlight } from '../src/files/in-flight.ts';
import { allocateParameters } from '../src/kernels/allocate-parameters.ts';

const fileBytes = 2 ** 30;
const pieceBytes = 2 ** 22;

async function plainReads(path: string, target: Uint8Array): Promise<void> {
  const file = await open(path, 'r');
  const offsets = Array.from({ length: Math.ceil(target.length / pieceBytes) }, (_, i) => i * pieceBytes);
  await forEachInFlight(offsets, 4, async (offset) => {
    await file.read(target, offset, Math.min(pieceBytes, target.length - offset), offset);
  });
  await file.close();
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure(dtype: StorageType, folder: string): Promise<Readonly<Record<string, number | string>>> {
  const count = fileBytes / (dtype === 'f32' ? 4 : 2);
  // Tensors as a model has them: many matrices, and small vectors between them.
  const matrix = 4096 * 1024;
  const shapes = Array.from({ length: count / matrix }, (_, i) => [
    { name: `layers.${i}.weight`, shape: [4096, 1024] },
    { name: `layers.${i}.norm.weight`, shape: [1024] },
  ]).flat();
  const path = join(folder, `${dtype}.safetensors`);
  const data = Float32Array.from({ length: matrix }, (_, i) => Math.sin(i));
  await writeSafetensors(
    path,
    shapes.map(({ name, shape }) => ({
      name,
      shape,
      dtype,
      data: data.subarray(0, shape.length === 2 ? matrix : 1024),
    })),
  );

  const parameters = allocateParameters(shapes, ['weight']);
  const load = async (): Promise<void> => {
    const file = await openSafetensors(path);
    await file.readAllInto([...parameters.values()].map(({ name, weight }) => [name, weight] as const));
    await file.close();
  };
  const bytes = new Uint8Array(new SharedArrayBuffer(fileBytes));
  bytes.fill(1);
  await plainReads(path, bytes);
  const firstTouch = await seconds(load);
  const [plain, loading]: [number[], number[]] = [[], []];
  for (let pass = 0; pass < 5; pass++) {
    plain.push(await seconds(() => plainReads(path, bytes)));
    loading.push(await seconds(load));
  }
  await rm(path);
  const round = (value: number): number => Number(value.toFixed(3));
  return {
    dtype,
    plainReads: round(median(plain)),
    load: round(median(loading)),
    ratio: round(median(loading) / median(plain)),
    firstTouch: round(firstTouch),
  };
}

const folder = await mkdtemp(join(tmpdir(), 'finery-load-'));
try {
  const results = [];
  for (const dtype of ['f32', 'bf16', 'f16'] as const) results.push(await measure(dtype, folder));
  process.stdout.write(`${JSON.stringify({ fileBytes, results }, null, 2)}\n`);
} finally {
  await rm(folder, { recursive: true });
}
