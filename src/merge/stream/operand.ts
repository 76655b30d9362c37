/** Elements of a source tensor, in float32 and any order, however the tensor is made. */
import { byteWidth } from '../../tensor/element-type.ts';
import type { Elements, Halves } from '../kernels/elements.ts';
import type { ContentHash } from './content-hash.ts';
import type { FileTable } from './file-table.ts';
import type {
  AdaptedTensor,
  BlockOfTensor,
  GatheredTensor,
  GivenTensor,
  ProductTensor,
  SourceTensor,
  StoredTensor,
} from './job.ts';
import { meanRow } from './job.ts';
import type { Workspace } from './workspace.ts';

export interface Operand {
  /**
   * Elements from `start` on, in row-major order, into an array of the workspace. `hash` takes what was read: of a stored tensor
   * the bytes of its file, of any other the float32 that it stands for.
   */
  read(start: number, target: Float32Array, hash?: ContentHash): void;
  /** The same as the file has it, in the memory of the target. Only of stored halves. */
  readHalves?(start: number, target: Float32Array, hash?: ContentHash): Halves;
}

/** What the source has: halves where it stores them, in the upper part of the target, else the target itself. */
export function readElements(operand: Operand, start: number, target: Float32Array, hash?: ContentHash): Elements {
  if (operand.readHalves) return operand.readHalves(start, target, hash);
  operand.read(start, target, hash);
  return target;
}

export interface OperandResources {
  readonly files: FileTable;
  readonly workspace: Workspace;
  /** Most elements of a read. */
  readonly capacity: number;
}

export function openOperand(tensor: SourceTensor, resources: OperandResources): Operand {
  switch (tensor.kind) {
    case 'given':
      return openGiven(tensor, resources);
    case 'stored':
      return openStored(tensor, resources);
    case 'adapted':
      return hashingValues(openAdapted(tensor, resources));
    case 'product':
      return hashingValues(openUpdate(tensor, resources));
    case 'block':
      return hashingValues(openBlock(tensor, resources));
    case 'gathered':
      return hashingValues(openGathered(tensor, resources));
  }
}

function hashingValues({ read }: Operand): Operand {
  return {
    read(start, target, hash) {
      read(start, target);
      hash?.update(bytesOf(target));
    },
  };
}

function openGiven({ values }: GivenTensor, { workspace }: OperandResources): Operand {
  if (values instanceof Float32Array) {
    return hashingValues({ read: (start, target) => target.set(values.subarray(start, start + target.length)) });
  }
  return openHalves(values.dtype, workspace, (target, start, hash) => {
    target.set(values.bits.subarray(start, start + target.length));
    hash?.update(bytesOf(target));
  });
}

function openStored(
  { path, position, dtype }: StoredTensor,
  { files, workspace, capacity }: OperandResources,
): Operand {
  const { kernels } = workspace;
  const width = byteWidth(dtype);
  const fill = (source: ArrayBufferView, start: number, hash: ContentHash | undefined): void => {
    const bytes = bytesOf(source);
    files.read(path, bytes, position + start * width);
    hash?.update(bytes);
  };
  if (dtype === 'f32') return { read: (start, target, hash) => fill(target, start, hash) };
  if (dtype === 'f64') {
    const staging = workspace.doubles(capacity);
    return {
      read(start, target, hash) {
        const source = staging.subarray(0, target.length);
        fill(source, start, hash);
        kernels.narrowFloat64(target, source);
      },
    };
  }
  if (dtype !== 'f16' && dtype !== 'bf16') throw new Error(`A tensor of ${dtype} is no operand.`);
  return openHalves(dtype, workspace, fill);
}

/** The 16-bit values are read into the upper half of the place that their float32 will fill, then spread forwards. */
function openHalves(
  dtype: Halves['dtype'],
  { kernels }: Workspace,
  fill: (target: Uint16Array, start: number, hash: ContentHash | undefined) => void,
): Operand {
  const readHalves = (start: number, target: Float32Array, hash?: ContentHash): Halves => {
    const bits = new Uint16Array(target.buffer, target.byteOffset + 2 * target.length, target.length);
    fill(bits, start, hash);
    return { dtype, bits };
  };
  return {
    read(start, target, hash) {
      kernels.widen(target, readHalves(start, target, hash).bits, dtype);
    },
    readHalves,
  };
}

function openAdapted(tensor: AdaptedTensor, resources: OperandResources): Operand {
  const { workspace } = resources;
  const [, columns] = tensor.shape;
  const plain = openStored(tensor.weight, resources);
  const update = openUpdate(tensor, resources);
  const row = workspace.floats(columns);
  return {
    read(start, target) {
      plain.read(start, target);
      eachRow(start, target, columns, (at, part) => {
        const piece = row.subarray(0, part.length);
        update.read(at, piece);
        workspace.kernels.accumulate(part, piece);
      });
    },
  };
}

/** What the factors add to the matrix, scale B A: made for the rows that are read, it never exists as a whole. */
export function openUpdate(
  { updates, shape }: Pick<AdaptedTensor | ProductTensor, 'updates' | 'shape'>,
  resources: OperandResources,
): Operand {
  const { workspace } = resources;
  const { kernels } = workspace;
  const [, columns] = shape;
  const opened = updates.map(({ a, b, scale }) => {
    const [rank] = a.shape;
    const factors = workspace.floats(rank * columns);
    const source = openOperand(a, { ...resources, capacity: factors.length });
    source.read(0, factors);
    return {
      rank,
      factors,
      scale,
      rows: openOperand(b, { ...resources, capacity: rank }),
      coefficients: workspace.floats(rank),
    };
  });
  return {
    read(start, target) {
      eachRow(start, target, columns, (at, part) => {
        const index = Math.floor(at / columns);
        const from = at - index * columns;
        kernels.fill(part, 0);
        for (const { rank, factors, scale, rows, coefficients } of opened) {
          rows.read(index * rank, coefficients);
          for (let k = 0; k < rank; k++) {
            const direction = factors.subarray(k * columns + from, k * columns + from + part.length);
            kernels.addScaled(part, direction, scale * coefficients[k]);
          }
        }
      });
    },
  };
}

/** Cuts a read at the ends of rows: `visit` gets the index of the first element of each part in the tensor, and its place. */
function eachRow(
  start: number,
  target: Float32Array,
  columns: number,
  visit: (at: number, part: Float32Array) => void,
): void {
  for (let done = 0; done < target.length; ) {
    const at = start + done;
    const length = Math.min(columns - (at % columns), target.length - done);
    visit(at, target.subarray(done, done + length));
    done += length;
  }
}

function openBlock({ of, shape }: BlockOfTensor, resources: OperandResources): Operand {
  const whole = openOperand(of, resources);
  const columns = shape.at(-1) ?? 1;
  const wholeColumns = of.shape.at(-1) ?? 1;
  if (columns === wholeColumns) return whole;
  return {
    read(start, target) {
      eachRow(start, target, columns, (at, part) => {
        const row = Math.floor(at / columns);
        whole.read(row * wholeColumns + (at - row * columns), part);
      });
    },
  };
}

function openGathered({ sources, map, shape }: GatheredTensor, resources: OperandResources): Operand {
  const { workspace } = resources;
  const { kernels } = workspace;
  const [, columns] = shape;
  const operands = sources.map((source) => openOperand(source, resources));
  const means = new Map<number, Float32Array>();
  const row = workspace.floats(columns);

  function meanOf(source: number): Float32Array {
    const known = means.get(source);
    if (known) return known;
    const [rows] = sources[source].shape;
    const sums = new Float64Array(columns);
    for (let index = 0; index < rows; index++) {
      operands[source].read(index * columns, row);
      for (let column = 0; column < columns; column++) sums[column] += row[column];
    }
    const mean = workspace.floats(columns);
    for (let column = 0; column < columns; column++) mean[column] = sums[column] / rows;
    means.set(source, mean);
    return mean;
  }

  function readEntry(entry: number, from: number, target: Float32Array): void {
    const source = map.source[entry];
    const index = map.row[entry];
    if (index === meanRow) target.set(meanOf(source).subarray(from, from + target.length));
    else operands[source].read(index * columns + from, target);
  }

  return {
    read(start, target) {
      for (let done = 0; done < target.length; ) {
        const index = Math.floor((start + done) / columns);
        const from = start + done - index * columns;
        const length = Math.min(columns - from, target.length - done);
        // Whole rows that follow one another in the source are one read.
        const run = from === 0 ? runLength(map, index, Math.floor((target.length - done) / columns)) : 0;
        if (run > 1) {
          const piece = target.subarray(done, done + run * columns);
          readEntry(map.starts[index], 0, piece);
          done += piece.length;
          continue;
        }
        const piece = target.subarray(done, done + length);
        const [first, end] = [map.starts[index], map.starts[index + 1]];
        if (first === end) kernels.fill(piece, 0);
        else readEntry(first, from, piece);
        for (let entry = first + 1; entry < end; entry++) {
          const other = row.subarray(0, length);
          readEntry(entry, from, other);
          kernels.accumulate(piece, other);
        }
        if (end - first > 1) kernels.divide(piece, end - first);
        done += length;
      }
    },
  };
}

/** How many rows from `index` on, `most` at most, are each one entry, of one source, one after the other. */
function runLength({ starts, source, row }: GatheredTensor['map'], index: number, most: number): number {
  let run = 0;
  const first = starts[index];
  while (run < most && starts[index + run + 1] - starts[index + run] === 1) {
    const entry = first + run;
    if (row[entry] === meanRow || source[entry] !== source[first] || row[entry] !== row[first] + run) break;
    run += 1;
  }
  return run;
}

export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
