/**
 * Loading a checkpoint of 1 GiB into arenas, conversion to float32 included, against plain reads of the same bytes, as JSON
 * on stdout. The page cache is warm; plain reads go in pieces of 4 MiB, four at a time. Passes alternate, so that both see
 * the same machine; seconds are medians of five.
 *
 *   npx tsx bench/load-checkpoint.ts
 *
 * `settled`: into memory that was written before, for both. `fresh`: into memory just allocated, as a program meets it,
 * where providing the pages costs more than filling them; f16 and bf16 need twice the pages of their bytes.
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

async function measure(
  dtype: StorageType,
  folder: string,
): Promise<{ dtype: StorageType; settled: Comparison; fresh: Comparison }> {
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

  const allocate = () => allocateParameters(shapes, ['weight']);
  const load = async (parameters: ReturnType<typeof allocate>): Promise<void> => {
    const file = await openSafetensors(path);
    await file.readAllInto([...parameters.values()].map(({ name, weight }) => [name, weight] as const));
    await file.close();
  };
  const [bytes, parameters] = [new Uint8Array(new SharedArrayBuffer(fileBytes)), allocate()];
  await plainReads(path, bytes);
  await load(parameters);
  const settled = await compare(
    () => plainReads(path, bytes),
    () => load(parameters),
  );
  const fresh = await compare(
    () => plainReads(path, new Uint8Array(new SharedArrayBuffer(fileBytes))),
    () => load(allocate()),
  );
  await rm(path);
  return { dtype, settled, fresh };
}

interface Comparison {
  readonly plainSeconds: number;
  readonly loadSeconds: number;
  readonly ratio: number;
}

async function compare(readPlainly: () => Promise<void>, load: () => Promise<void>): Promise<Comparison> {
  const [plain, loading]: [number[], number[]] = [[], []];
  for (let pass = 0; pass < 5; pass++) {
    plain.push(await seconds(readPlainly));
    loading.push(await seconds(load));
  }
  const round = (value: number): number => Number(value.toFixed(3));
  const [plainSeconds, loadSeconds] = [median(plain), median(loading)];
  return {
    plainSeconds: round(plainSeconds),
    loadSeconds: round(loadSeconds),
    ratio: round(loadSeconds / plainSeconds),
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
