/** Operands against the matrices that they stand for, worked out entry by entry in float64. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSafetensors } from '../../checkpoint/safetensors/read.ts';
import { writeSafetensors } from '../../checkpoint/safetensors/write.ts';
import { FileTable } from './file-table.ts';
import { type AdaptedTensor, type GatheredTensor, meanRow, type SourceTensor, type StoredTensor } from './job.ts';
import { openOperand } from './operand.ts';
import { Workspace } from './workspace.ts';

const rows = 7;
const columns = 10;
const rank = 3;
const scale = 0.75;

const values = (length: number, phase: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + phase));

const matrix = values(rows * columns, 0);
const other = values(4 * columns, 1);
const down = values(rank * columns, 2);
const up = values(rows * rank, 3);

let folder: string;
let stored: ReadonlyMap<string, StoredTensor>;
const files = new FileTable();
const workspace = new Workspace(2 ** 24);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-operand-'));
  const path = join(folder, 'tensors.safetensors');
  await writeSafetensors(path, [
    { name: 'matrix', shape: [rows, columns], dtype: 'f32', data: matrix },
    { name: 'other', shape: [4, columns], dtype: 'f32', data: other },
    { name: 'down', shape: [rank, columns], dtype: 'f32', data: down },
    { name: 'up', shape: [rows, rank], dtype: 'f32', data: up },
  ]);
  const file = await openSafetensors(path);
  await file.close();
  stored = new Map(
    [...file.tensors].map(([name, { dtype, shape, begin }]) => [
      name,
      { kind: 'stored', path, position: file.dataStart + begin, dtype, shape },
    ]),
  );
});

afterAll(async () => {
  files.close();
  await rm(folder, { recursive: true });
});

/** The whole tensor, read in steps of `step` elements. */
function readIn(tensor: SourceTensor, step: number): Float32Array {
  workspace.reset();
  const length = tensor.shape.reduce((a, b) => a * b, 1);
  const operand = openOperand(tensor, { files, workspace, capacity: step });
  const result = new Float32Array(length);
  for (let start = 0; start < length; start += step) {
    const piece = workspace.floats(Math.min(step, length - start));
    operand.read(start, piece);
    result.set(piece, start);
  }
  return result;
}

/** Within rows, over their ends, several at once, everything. */
const steps = [3, columns, 2 * columns + 3, rows * columns];

function expectClose(found: Float32Array, expected: (row: number, column: number) => number): void {
  for (const [i, value] of found.entries()) {
    expect(Math.abs(value - expected(Math.floor(i / columns), i % columns)), `element ${i}`).toBeLessThan(1e-6);
  }
}

const adapted = (): AdaptedTensor => ({
  kind: 'adapted',
  weight: stored.get('matrix')!,
  updates: [{ a: stored.get('down')!, b: stored.get('up')!, scale }],
  shape: [rows, columns],
});

/** W + scale B A. */
function adaptedEntry(row: number, column: number): number {
  let product = 0;
  for (let k = 0; k < rank; k++) product += up[row * rank + k] * down[k * columns + column];
  return matrix[row * columns + column] + scale * product;
}

describe('an adapted matrix', () => {
  it.each(steps)('is W + scale B A, read by %i elements', (step) => {
    expectClose(readIn(adapted(), step), adaptedEntry);
  });

  it('has the same bits whatever the pieces', () => {
    const [first, ...others] = steps.map((step) => readIn(adapted(), step));
    for (const result of others) expect(result).toEqual(first);
  });

  it('adds several updates', () => {
    const [update] = adapted().updates;
    const twice = { ...adapted(), updates: [update, { ...update, scale: -0.5 }] };
    const entry = (row: number, column: number): number => {
      const plain = matrix[row * columns + column];
      return plain + (adaptedEntry(row, column) - plain) * ((scale - 0.5) / scale);
    };
    expectClose(readIn(twice, columns + 1), entry);
  });
});

describe('a block', () => {
  it.each(steps)('holds the upper rows, read by %i elements', (step) => {
    const found = readIn({ kind: 'block', of: adapted(), shape: [4, columns] }, step);
    expect(found).toHaveLength(4 * columns);
    expectClose(found, adaptedEntry);
  });

  it.each([2, 6, 9])('holds the left columns, read by %i elements', (step) => {
    const narrow = readIn({ kind: 'block', of: stored.get('matrix')!, shape: [5, 6] }, step);
    const expected = narrow.map((_, i) => matrix[Math.floor(i / 6) * columns + (i % 6)]);
    expect(narrow).toEqual(expected);
  });
});

describe('gathered rows', () => {
  /** By row of the result, entries of [source, row]. */
  const entries: readonly (readonly (readonly [number, number])[])[] = [
    [[1, 2]],
    [[1, 3]],
    [[0, 6]],
    [[0, 4]],
    [],
    [
      [0, 5],
      [1, 0],
    ],
    [[1, meanRow]],
    [[0, meanRow]],
  ];
  const gathered = (): GatheredTensor => ({
    kind: 'gathered',
    sources: [adapted(), stored.get('other')!],
    map: {
      starts: Int32Array.from([0, ...entries.map((_, i) => entries.slice(0, i + 1).flat().length)]),
      source: Uint16Array.from(entries.flat().map(([source]) => source)),
      row: Int32Array.from(entries.flat().map(([, row]) => row)),
    },
    shape: [entries.length, columns],
  });
  const mean = (count: number, of: (row: number) => number): number =>
    Array.from({ length: count }, (_, row) => of(row)).reduce((a, b) => a + b, 0) / count;

  it.each([4, columns, 3 * columns, 8 * columns])('are rows of their sources and means of them, read by %i', (step) => {
    expectClose(readIn(gathered(), step), (row, column) => {
      const parts = entries[row].map(([source, index]) => {
        const of = (at: number): number => (source === 0 ? adaptedEntry(at, column) : other[at * columns + column]);
        return index === meanRow ? mean(source === 0 ? rows : 4, of) : of(index);
      });
      return parts.length === 0 ? 0 : parts.reduce((a, b) => a + b, 0) / parts.length;
    });
  });
});
