/** Opens GGUF files: the header is read and checked at once, tensors when they are asked for. */
import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '../../errors.ts';
import { elementCount } from '../../tensor/element-type.ts';
import { dequantize } from './dequantize.ts';
import { type GgufHeader, type GgufTensor, parseHeader } from './header.ts';
import { NeedsMore } from './header-cursor.ts';
import { damaged } from './refuse.ts';
import { partsOf, pathOfPart, requirePart, requireTensorCount } from './split.ts';
import { tensorTypes } from './tensor-types.ts';

/** Vocabularies of a quarter of a million tokens take 20 MB. */
const greatestHeader = 2 ** 27;
const firstPiece = 2 ** 22;

/** Values that are converted in one piece; a multiple of every block. */
const pieceLength = 2 ** 18;

export interface GgufFile extends Omit<GgufHeader, 'dataStart'> {
  readonly path: string;
  /** Files that the model is in. */
  readonly parts: number;
  /** All values of a tensor as float32, row-major, into an array of its size. */
  readInto(name: string, target: Float32Array): Promise<void>;
  /** The same of a tensor by its place, which may be a part of one that has a name. */
  readTensor(tensor: GgufTensor, target: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** One file. */
interface Part {
  readonly path: string;
  readonly file: FileHandle;
  readonly header: GgufHeader;
}

/**
 * A file, or the first of several that a model is in, with all others. The data of several counts as one: that of a part
 * begins where the part before it ends.
 * @throws InputError if a file is missing or breaks any rule of the format. Close it after use.
 */
export async function openGguf(path: string): Promise<GgufFile> {
  const parts: Part[] = [];
  const close = async () => {
    for (const { file } of parts) await file.close();
  };
  try {
    parts.push(await openPart(path));
    const [{ header: first }] = parts;
    const count = partsOf(first, path);
    for (let number = 1; number < count; number++) {
      const part = await openPart(await pathOfPart(path, number, count));
      parts.push(part);
      requirePart(part.header, part.path, number, first);
    }
    const { tensors, starts } = join(parts);
    if (count > 1) requireTensorCount(first, path, tensors.size);
    const readOne = async (tensor: GgufTensor, target: Float32Array) => {
      if (elementCount(tensor.shape) !== target.length) throw new Error(`A tensor has shape [${tensor.shape}].`);
      const number = starts.findLastIndex((start) => start <= tensor.begin);
      await readTensor(parts[number], { type: tensor.type, begin: tensor.begin - starts[number] }, target);
    };
    return {
      version: first.version,
      metadata: first.metadata,
      tensors,
      path,
      parts: count,
      async readInto(name, target) {
        const tensor = tensors.get(name);
        if (!tensor) throw new Error(`No tensor ${name} in ${path}.`);
        await readOne(tensor, target);
      },
      readTensor: readOne,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The tensors of all parts, and where the data of each part begins among the data of all. */
function join(parts: readonly Part[]): { readonly tensors: Map<string, GgufTensor>; readonly starts: number[] } {
  const tensors = new Map<string, GgufTensor>();
  const starts: number[] = [];
  let start = 0;
  for (const { header, path } of parts) {
    starts.push(start);
    for (const [name, tensor] of header.tensors) {
      const field = `${path}, tensor ${JSON.stringify(name)}`;
      if (tensors.has(name)) throw damaged(field, 'a tensor of another part', 'each name in one part');
      tensors.set(name, { ...tensor, begin: start + tensor.begin, end: start + tensor.end });
    }
    start += [...header.tensors.values()].at(-1)?.end ?? 0;
  }
  return { tensors, starts };
}

async function openPart(path: string): Promise<Part> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    const found = cause.code === 'ENOENT' ? 'no such file' : String(cause);
    throw new InputError({ field: path, found, expected: 'a readable GGUF file', fix: 'Check the path.' }, { cause });
  });
  try {
    return { path, file, header: await readHeader(path, file) };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads ever larger beginnings of the file, until the header is in one. */
async function readHeader(path: string, file: FileHandle): Promise<GgufHeader> {
  const status = await file.stat();
  if (!status.isFile()) throw damaged(path, 'something that is not a file', 'a GGUF file');
  for (let length = firstPiece; ; length *= 4) {
    const bytes = Buffer.alloc(Math.min(length, greatestHeader, status.size));
    await readFully(path, file, bytes, 0);
    try {
      return parseHeader(bytes, status.size, path);
    } catch (error) {
      if (!(error instanceof NeedsMore)) throw error;
      if (length >= greatestHeader) throw damaged(path, 'a header without end', `at most ${greatestHeader} bytes`);
    }
  }
}

async function readTensor(
  { path, file, header: { dataStart } }: Part,
  { type, begin }: Pick<GgufTensor, 'type' | 'begin'>,
  target: Float32Array,
): Promise<void> {
  const { length, bytes } = tensorTypes[type];
  const buffer = Buffer.alloc((Math.min(pieceLength, target.length) / length) * bytes);
  for (let done = 0; done < target.length; done += pieceLength) {
    const piece = target.subarray(done, done + pieceLength);
    const raw = buffer.subarray(0, (piece.length / length) * bytes);
    await readFully(path, file, raw, dataStart + begin + (done / length) * bytes);
    dequantize(type, raw, piece);
  }
}

async function readFully(path: string, file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0)
      throw damaged(path, `an end at byte ${position + done}`, 'the length it had when it was opened');
    done += bytesRead;
  }
}
