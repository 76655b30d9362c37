import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const pieceBytes = 2 ** 20;

/** SHA-256 of a file's bytes, in hexadecimal; the file may be larger than memory. */
export async function hashFile(path: string): Promise<string> {
  const digest = createHash('sha256');
  const file = await open(path);
  try {
    // Whole pieces for files of a few hundred bytes would make the engine collect garbage again and again.
    const { size } = await file.stat();
    const piece = Buffer.allocUnsafe(Math.min(size || pieceBytes, pieceBytes));
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, piece.length, null);
      if (bytesRead === 0) return digest.digest('hex');
      digest.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
