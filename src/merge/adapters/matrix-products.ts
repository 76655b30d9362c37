/** Products of a large matrix in float32 with a block of vectors, in float64, a part of its rows at a time. */
import type { Dense } from '../diagnostics/dense.ts';
import { ownWorkspace } from '../stream/own-workspace.ts';

export interface LargeMatrix {
  /** Row-major. */
  readonly values: Float32Array;
  readonly columns: number;
}

/** Gives others a turn, and may throw to end the work. */
export type Pause = () => Promise<void>;

/** Multiplications between two pauses: a fraction of a second. */
const turn = 2 ** 28;

/** Elements that are brought to float64 at a time. */
const blockElements = 2 ** 18;

/** M block, [rows, width] */
export async function times(matrix: LargeMatrix, block: Dense, pause: Pause): Promise<Dense> {
  const { columns: width } = block;
  const out = new Float64Array((matrix.values.length / matrix.columns) * width);
  await eachPart(matrix, width, pause, (part, first) => {
    const workspace = ownWorkspace();
    const factor = workspace.doubles(block.values.length);
    factor.set(block.values);
    const image = workspace.doubles(blockRows(matrix) * width);
    eachBlock(part, workspace.doubles(blockRows(matrix) * matrix.columns), matrix.columns, (rows, at) => {
      const target = image.subarray(0, (rows.length / matrix.columns) * width).fill(0);
      workspace.kernels.addProduct(target, rows, factor, width);
      out.set(target, (first + at) * width);
    });
  });
  return { values: out, columns: width };
}

/** M' M block, [columns, width] */
export async function gramTimes(matrix: LargeMatrix, block: Dense, pause: Pause): Promise<Dense> {
  const { columns: width } = block;
  const out = new Float64Array(block.values.length);
  await eachPart(matrix, 2 * width, pause, (part) => {
    const workspace = ownWorkspace();
    const factor = workspace.doubles(block.values.length);
    factor.set(block.values);
    const sums = workspace.doubles(out.length);
    sums.set(out);
    const image = workspace.doubles(blockRows(matrix) * width);
    eachBlock(part, workspace.doubles(blockRows(matrix) * matrix.columns), matrix.columns, (rows) => {
      const target = image.subarray(0, (rows.length / matrix.columns) * width).fill(0);
      workspace.kernels.addProduct(target, rows, factor, width);
      workspace.kernels.addTransposedProduct(sums, rows, target, width);
    });
    out.set(sums);
  });
  return { values: out, columns: width };
}

/** M' M, [columns, columns] */
export async function gramOfColumns(matrix: LargeMatrix, pause: Pause): Promise<Dense> {
  const { columns } = matrix;
  const out = new Float64Array(columns * columns);
  await eachPart(matrix, columns, pause, (part) => {
    const workspace = ownWorkspace();
    const sums = workspace.doubles(out.length);
    sums.set(out);
    eachBlock(part, workspace.doubles(blockRows(matrix) * columns), columns, (rows) => {
      workspace.kernels.addTransposedProduct(sums, rows, rows, columns);
    });
    out.set(sums);
  });
  return { values: out, columns };
}

/** Rows that make a turn when each element is multiplied `each` times. The workspace is the visit's alone. */
async function eachPart(
  { values, columns }: LargeMatrix,
  each: number,
  pause: Pause,
  visit: (part: Float32Array, first: number) => void,
): Promise<void> {
  const step = Math.max(1, Math.floor(turn / (columns * each)));
  for (let first = 0; first * columns < values.length; first += step) {
    await pause();
    visit(values.subarray(first * columns, (first + step) * columns), first);
  }
}

function blockRows({ values, columns }: LargeMatrix): number {
  return Math.min(values.length / columns, Math.max(1, Math.floor(blockElements / columns)));
}

/** Blocks of rows in float64, in the room. */
function eachBlock(
  part: Float32Array,
  room: Float64Array,
  columns: number,
  visit: (rows: Float64Array, first: number) => void,
): void {
  for (let at = 0; at < part.length; at += room.length) {
    const source = part.subarray(at, at + room.length);
    const rows = room.subarray(0, source.length);
    rows.set(source);
    visit(rows, at / columns);
  }
}
