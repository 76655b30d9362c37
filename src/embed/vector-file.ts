/**
 * Files of vectors, written row by row: `.npy` for NumPy, or `.safetensors` with one tensor `embeddings`, both
 * float32 [texts, dimensions]. How many rows there are is known at the end, so the beginning is written last, into a
 * place that was left for it: both formats allow spaces behind what they say there.
 */
import { extname } from 'node:path';
import { UsageError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-write.ts';

/** Bytes left for the beginning; both formats want a multiple of 64 or of 8. */
const room = 256;

const encoder = new TextEncoder();

/** Version 1.0: magic, length of the rest, a Python dictionary that ends with a new line. */
function npyBeginning(rows: number, width: number): Uint8Array {
  const bytes = new Uint8Array(room).fill(0x20);
  bytes.set([0x93, ...encoder.encode('NUMPY'), 1, 0]);
  new DataView(bytes.buffer).setUint16(8, room - 10, true);
  bytes.set(encoder.encode(`{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${width}), }`), 10);
  bytes[room - 1] = 0x0a;
  return bytes;
}

function safetensorsBeginning(rows: number, width: number): Uint8Array {
  const bytes = new Uint8Array(room).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(room - 8), true);
  const entry = { dtype: 'F32', shape: [rows, width], data_offsets: [0, 4 * rows * width] };
  bytes.set(encoder.encode(JSON.stringify({ embeddings: entry })), 8);
  return bytes;
}

const beginnings: Readonly<Record<string, (rows: number, width: number) => Uint8Array>> = {
  '.npy': npyBeginning,
  '.safetensors': safetensorsBeginning,
};

/** Whether a file's name is that of a file of vectors. @throws UsageError for a name that is of no known kind */
export function requireVectorFile(path: string): void {
  if (Object.hasOwn(beginnings, extname(path))) return;
  throw new UsageError({
    field: 'file of vectors',
    found: JSON.stringify(path),
    expected: `a name that ends with ${Object.keys(beginnings).join(' or ')}`,
    fix: 'Give it such a name.',
  });
}

/** Writes vectors of `width` numbers each; the file appears whole or not at all. Returns how many there were. */
export async function writeVectorFile(
  path: string,
  width: number,
  vectors: AsyncIterable<Float32Array>,
): Promise<number> {
  requireVectorFile(path);
  let rows = 0;
  await writeFileAtomically(path, async (file) => {
    for await (const { buffer, byteOffset, byteLength } of vectors) {
      await file.write(new Uint8Array(buffer, byteOffset, byteLength), 0, byteLength, room + 4 * width * rows);
      rows++;
    }
    await file.write(beginnings[extname(path)](rows, width), 0, room, 0);
  });
  return rows;
}
