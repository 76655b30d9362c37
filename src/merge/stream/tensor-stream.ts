/**
 * One tensor of the merge as a method sees it: pieces of the base and of the models, as often as it likes, and a place for
 * the pieces of the result. What a method holds at a time is a piece of each, whatever the size of the tensor.
 */
import { InputError, UsageError } from '../../errors.ts';
import { stream } from '../../random/stream.ts';
import { elementCount } from '../../tensor/element-type.ts';
import { type Elements, lengthOf, valuesOf } from '../kernels/elements.ts';
import type { SumLanes } from '../kernels/kernels.ts';
import type { Compatibility, ParameterSpecs, ParameterValues } from '../method.ts';
import type { ContentHash } from './content-hash.ts';
import type { FileTable } from './file-table.ts';
import { type JobModel, sourcesOf, type TensorJob } from './job.ts';
import { type Operand, openOperand, readElements } from './operand.ts';
import type { StreamKernels, Workspace } from './workspace.ts';

interface Piece {
  /** Index of its first element in the tensor, row-major. */
  readonly start: number;
  readonly length: number;
  /** The base's elements; only where the tensor has a base. The method may overwrite these and those of the models. */
  readonly base: Float32Array;
  /** The models' elements, in the order of the recipe. */
  readonly models: readonly Float32Array[];
}

/** A piece that nobody has widened, for loops that do it on their way. */
export interface StoredPiece {
  readonly start: number;
  readonly length: number;
  readonly base: Elements;
  readonly models: readonly Elements[];
}

export interface ReadOptions {
  /** Give whole rows only (see `rowLength`), one or more in a piece. */
  readonly rows?: boolean;
  /** Subtract the base from every model: pieces of deltas. */
  readonly deltas?: boolean;
}

interface StreamModel<PerModel extends ParameterSpecs> {
  readonly id: string;
  readonly parameters: ParameterValues<PerModel>;
}

export interface TensorStream<
  PerModel extends ParameterSpecs = ParameterSpecs,
  Settings extends ParameterSpecs = ParameterSpecs,
> {
  readonly name: string;
  readonly shape: readonly number[];
  /** Elements. */
  readonly length: number;
  /** Length of the last axis; a vector is one row. */
  readonly rowLength: number;
  readonly hasBase: boolean;
  readonly models: readonly StreamModel<PerModel>[];
  readonly settings: ParameterValues<Settings>;
  readonly compat: Compatibility;
  readonly kernels: StreamKernels;
  /** The sums of the rounds of counting over all tensors, in the order of the method's `surveys`. */
  readonly surveys: readonly Float64Array[];
  /** Goes over the tensor from its beginning to its end. */
  read(visit: (piece: Piece) => void, options?: ReadOptions): void;
  /** The same, and takes the pieces of the result: `out` holds zeroes, and what it holds afterwards is written. */
  write(fill: (piece: Piece, out: Float32Array) => void, options?: ReadOptions): void;
  /** Both with elements as their sources have them: the least to do for loops that take them. `out` holds anything at first. */
  readStored(visit: (piece: StoredPiece) => void): void;
  writeStored(fill: (piece: StoredPiece, out: Float32Array) => void): void;
  /** An array for pieces, with as many elements as any piece has at most. Content is arbitrary. */
  scratch(): Float32Array;
  /** The same in float64. */
  wideScratch(): Float64Array;
  /** Zeroed counts that kernels can work on, and the lanes of one or more running sums. */
  counts(length: number): Uint32Array;
  lanes(sums?: number): SumLanes;
  /** 64 bits by which the random numbers of a model's elements are keyed; the counter is the element. */
  randomKey(model: number): readonly [number, number];
  /** Something that the user should know about this tensor. */
  note(text: string): void;
}

/** Elements of a piece; small enough for a few pieces to stay in the cache, large enough for a read to cost nothing. */
const pieceLength = 2 ** 16;

/** Running sums go through eight lanes: pieces of whole stripes give the same bits whatever their length. */
const granule = 64;

const longestRow = 2 ** 22;

export interface StreamResources {
  readonly files: FileTable;
  readonly workspace: Workspace;
  readonly surveys?: readonly Float64Array[];
  /** Elements of a piece; default 65,536. A multiple of 64. */
  readonly pieceLength?: number;
  /** Take what the first pass reads of each source, in the order of `sourcesOf`. */
  readonly hashes?: readonly ContentHash[];
  /** Takes the result, piece by piece; the array is the workspace's and is used again afterwards. */
  readonly sink: (out: Float32Array, start: number) => void;
}

export interface OpenedStream {
  readonly tensor: TensorStream;
  readonly notes: readonly string[];
}

export function openTensorStream(job: TensorJob, resources: StreamResources): OpenedStream {
  const { workspace } = resources;
  const { kernels } = workspace;
  const length = elementCount(job.shape)!;
  const rowLength = job.shape.length > 1 ? job.shape.at(-1)! : length;
  const flatLength = resources.pieceLength ?? pieceLength;
  if (flatLength % granule !== 0) throw new Error(`Pieces of ${flatLength} elements are not a multiple of ${granule}.`);
  const capacity = Math.max(1, Math.min(length, Math.max(flatLength, rowLength <= longestRow ? rowLength : 0)));
  const flatStep = Math.min(flatLength, capacity);
  const notes: string[] = [];
  const inputs = sourcesOf(job).map((model) => openInput(model));
  const result = workspace.floats(capacity);
  let isFirstPass = true;

  function openInput(model: JobModel): {
    readonly model: JobModel;
    readonly operand: Operand;
    readonly buffer: Float32Array;
  } {
    const operand = openOperand(model.tensor, { files: resources.files, workspace, capacity });
    return { model, operand, buffer: workspace.floats(capacity) };
  }

  function rowsPerPiece(): number {
    if (rowLength > longestRow) {
      throw new UsageError({
        field: `tensor ${JSON.stringify(job.name)}, ${job.method}`,
        found: `rows of ${rowLength} elements`,
        expected: `at most ${longestRow}: the method needs whole rows`,
        fix: 'Choose another method for this tensor.',
      });
    }
    return Math.max(1, Math.floor(capacity / Math.max(1, rowLength)));
  }

  /** Gives the elements of all sources from `start` on, `step` at a time. */
  function sweep(step: number, visit: (start: number, values: readonly Elements[]) => void): void {
    for (let start = 0; start < length; start += step) {
      const count = Math.min(step, length - start);
      const values = inputs.map(({ model, operand, buffer }, index) => {
        const hash = isFirstPass ? resources.hashes?.[index] : undefined;
        const elements = readElements(operand, start, buffer.subarray(0, count), hash);
        if (isFirstPass) requireFinite(elements, start, model, job.name, kernels);
        return elements;
      });
      visit(start, values);
    }
    isFirstPass = false;
  }

  function pieceOf<T extends Elements>(start: number, values: readonly T[]) {
    const length = lengthOf(values[0]);
    return { start, length, base: values[0], models: job.base ? values.slice(1) : values };
  }

  function read(visit: (piece: Piece) => void, { rows = false, deltas = false }: ReadOptions = {}): void {
    sweep(rows ? rowsPerPiece() * rowLength : flatStep, (start, values) => {
      const piece = pieceOf(
        start,
        values.map((elements, index) => {
          if (elements instanceof Float32Array) return elements;
          const target = inputs[index].buffer.subarray(0, elements.bits.length);
          kernels.widen(target, elements.bits, elements.dtype);
          return target;
        }),
      );
      if (deltas) for (const model of piece.models) kernels.subtract(model, piece.base);
      visit(piece);
    });
  }

  function readStored(visit: (piece: StoredPiece) => void): void {
    sweep(flatStep, (start, values) => visit(pieceOf(start, values)));
  }

  const tensor: TensorStream = {
    name: job.name,
    shape: job.shape,
    length,
    rowLength,
    hasBase: job.base !== undefined,
    models: job.models,
    settings: job.settings,
    compat: job.compat,
    kernels,
    surveys: resources.surveys ?? [],
    read,
    write(fill, options) {
      read((piece) => {
        const out = result.subarray(0, piece.length);
        kernels.fill(out, 0);
        fill(piece, out);
        resources.sink(out, piece.start);
      }, options);
    },
    readStored,
    writeStored(fill) {
      readStored((piece) => {
        const out = result.subarray(0, piece.length);
        fill(piece, out);
        resources.sink(out, piece.start);
      });
    },
    scratch: () => workspace.floats(capacity),
    wideScratch: () => workspace.doubles(capacity),
    counts: (count) => workspace.counts(count),
    lanes: (sums = 1) => workspace.doubles(8 * sums),
    randomKey: (model) => stream(job.seed, 'merge', job.name, job.models[model].id).state.key,
    note: (text) => notes.push(text),
  };
  return { tensor, notes };
}

/** The first bits without a sign that stand for no finite number. */
const infinities = { f32: 0x7f800000, bf16: 0x7f80, f16: 0x7c00 } as const;

function requireFinite(
  elements: Elements,
  start: number,
  { id }: JobModel,
  name: string,
  kernels: StreamKernels,
): void {
  const isWide = elements instanceof Float32Array;
  const largest = isWide ? kernels.largestMagnitude(elements) : kernels.largestHalf(elements.bits);
  if (largest < infinities[isWide ? 'f32' : elements.dtype]) return;
  const values = valuesOf(elements);
  const index = values.findIndex((value) => !Number.isFinite(value));
  throw new InputError({
    field: `${id}, tensor ${JSON.stringify(name)}, element ${start + index}`,
    found: String(values[index]),
    expected: 'finite weights',
    fix: 'The model is damaged or its training diverged: leave it out of the merge.',
  });
}
