/**
 * Reads safetensors files on demand. Opening reads and checks the header only; each tensor, or range of one, is read
 * straight into the caller's array, in chunks with several reads in flight, and widened to float32 where it lands.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '../../errors.ts';
import { forEachInFlight } from '../../files/in-flight.ts';
import { Arena } from '../../kernels/arena.ts';
import { stagingLength, withStagingBlock } from '../../kernels/staging.ts';
import { byteWidth, elementCount, type FloatType, isFloatType } from '../../tensor/element-type.ts';
import { damaged, maximumHeaderBytes, parseHeader, type SafetensorsHeader, type TensorEntry } from './header.ts';

/** Elements per read: as many as fit a staging block, f64 taking twice the room. */
const chunkLengths: Readonly<Record<FloatType, number>> = {
  f64: stagingLength / 2,
  f32: stagingLength,
  f16: stagingLength,
  bf16: stagingLength,
};

/** Reads at a time; more than the threads that Node reads with gains nothing. */
const readsInFlight = 4;

export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string;
  /** Where the data section begins, in bytes. */
  readonly dataStart: number;
  /**
   * Reads a float tensor into `target`, whose length must be the tensor's. float32 needs no copy; f16 and bf16 need none
   * where the target lies in an arena. The target's content is undefined if the read fails.
   * @throws InputError for an unknown name, a tensor that is not of a float type, or a file that has shrunk
   */
  readInto(name: string, target: Float32Array): Promise<void>;
  /** The same for many tensors, with reads of all of them in flight. */
  readAllInto(targets: Iterable<readonly [name: string, target: Float32Array]>): Promise<void>;
  /** `count` elements of a float tensor from `start` on, in row-major order. */
  readRange(name: string, start: number, count: number): Promise<Float32Array>;
  /** `length` bytes of a tensor of any type from its byte `start` on. */
  readBytes(name: string, start: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** @throws InputError if the file is missing or breaks any rule of the format. Close it after use. */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await openFile(path);
  try {
    return createReader(path, file, await readHeader(path, file));
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    const found = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : String(cause);
    const fix = 'Check the path; copy or download the file if it is missing.';
    throw new InputError({ field: path, found, expected: 'a readable safetensors file', fix }, { cause });
  }
}

type Layout = SafetensorsHeader & Pick<SafetensorsFile, 'dataStart'>;

async function readHeader(path: string, file: FileHandle): Promise<Layout> {
  const status = await file.stat();
  if (!status.isFile()) throw damaged(path, 'something that is not a file', 'a safetensors file');
  if (status.size < 8) throw damaged(path, `${status.size} bytes`, 'at least the 8 bytes of the header length');
  const prefix = new Uint8Array(8);
  await readFully(path, file, prefix, 0);
  const length = Number(new DataView(prefix.buffer).getBigUint64(0, true));
  const limit = Math.min(maximumHeaderBytes, status.size - 8);
  if (length > limit)
    throw damaged(path, `a header of ${length} bytes in a file of ${status.size}`, `at most ${limit}`);
  const json = new Uint8Array(length);
  await readFully(path, file, json, 8);
  const dataStart = 8 + length;
  return { ...parseHeader(json, status.size - dataStart, path), dataStart };
}

/** A piece of a tensor on its way into a piece of an array. */
interface Chunk {
  readonly dtype: FloatType;
  readonly target: Float32Array;
  /** Where its bytes begin in the file. */
  readonly position: number;
}

function createReader(path: string, file: FileHandle, { tensors, metadata, dataStart }: Layout): SafetensorsFile {
  const fieldOf = (name: string): string => `${path}, tensor ${JSON.stringify(name)}`;

  function entryOf(name: string): TensorEntry {
    const entry = tensors.get(name);
    if (entry) return entry;
    const fix = 'Use a checkpoint of the architecture that its config.json names.';
    const expected = `one of ${tensors.size} tensors`;
    throw new InputError({ field: fieldOf(name), found: 'no such tensor', expected, fix });
  }

  function floatEntry(name: string): TensorEntry & { readonly dtype: FloatType } {
    const entry = entryOf(name);
    const { dtype } = entry;
    if (!isFloatType(dtype)) {
      const fix = 'Only float tensors are weights.';
      const expected = 'f64, f32, f16 or bf16';
      throw new InputError({ field: fieldOf(name), found: `element type ${dtype}`, expected, fix });
    }
    return { ...entry, dtype };
  }

  function* chunks(name: string, start: number, target: Float32Array): Generator<Chunk> {
    const { dtype, begin } = floatEntry(name);
    for (let done = 0; done < target.length; done += chunkLengths[dtype]) {
      const position = dataStart + begin + (start + done) * byteWidth(dtype);
      yield { dtype, position, target: target.subarray(done, done + chunkLengths[dtype]) };
    }
  }

  function* wholeTensors(targets: Iterable<readonly [string, Float32Array]>): Generator<Chunk> {
    for (const [name, target] of targets) {
      const { shape } = floatEntry(name);
      if (elementCount(shape) !== target.length) {
        throw new InputError({
          field: fieldOf(name),
          found: `shape [${shape}]`,
          expected: `${target.length} elements`,
          fix: 'Use a checkpoint whose shapes agree with its config.json.',
        });
      }
      yield* chunks(name, 0, target);
    }
  }

  const read = (work: Iterable<Chunk>): Promise<void> =>
    forEachInFlight(work, readsInFlight, (chunk) => readChunk(path, file, chunk));

  return {
    path,
    dataStart,
    tensors,
    metadata,
    readInto: (name, target) => read(wholeTensors([[name, target]])),
    readAllInto: (targets) => read(wholeTensors(targets)),
    async readRange(name, start, count) {
      const size = elementCount(floatEntry(name).shape)!;
      if (!isRange(start, count, size)) {
        throw new Error(`Range of ${count} elements from ${start} in tensor ${name} of ${size}.`);
      }
      const target = new Float32Array(count);
      await read(chunks(name, start, target));
      return target;
    },
    async readBytes(name, start, length) {
      const { begin, end } = entryOf(name);
      if (!isRange(start, length, end - begin)) {
        throw new Error(`Range of ${length} bytes from ${start} in tensor ${name} of ${end - begin}.`);
      }
      const bytes = new Uint8Array(length);
      await readFully(path, file, bytes, dataStart + begin + start);
      return bytes;
    },
    close: () => file.close(),
  };
}

const isRange = (start: number, count: number, size: number): boolean =>
  Number.isSafeInteger(start) && Number.isSafeInteger(count) && start >= 0 && count >= 0 && start + count <= size;

async function readChunk(path: string, file: FileHandle, { dtype, target, position }: Chunk): Promise<void> {
  if (dtype === 'f32') return readFully(path, file, bytesOf(target), position);
  const count = target.length;
  if (dtype === 'f64') {
    return withStagingBlock(async (block, kernels) => {
      const source = new Float64Array(block.buffer, block.byteOffset, count);
      await readFully(path, file, bytesOf(source), position);
      kernels.narrowFloat64(block.subarray(0, count), source);
      target.set(block.subarray(0, count));
    });
  }
  const arena = Arena.containing(target);
  if (arena) {
    // The 16-bit values are read into the upper half of the place that their float32 will fill, then spread forwards.
    const source = new Uint16Array(target.buffer, target.byteOffset + 2 * count, count);
    await readFully(path, file, bytesOf(source), position);
    arena.kernels.widen(target, source, dtype);
    return;
  }
  await withStagingBlock(async (block, kernels) => {
    const source = new Uint16Array(block.buffer, block.byteOffset + 2 * count, count);
    await readFully(path, file, bytesOf(source), position);
    const widened = block.subarray(0, count);
    kernels.widen(widened, source, dtype);
    target.set(widened);
  });
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

async function readFully(path: string, file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0)
      throw damaged(path, `an end at byte ${position + done}`, 'the length it had when it was opened');
    done += bytesRead;
  }
}
