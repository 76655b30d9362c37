/** What storing a model in half precision would do to its task vector. */
import { stagingLength, withStagingBlock } from '../../kernels/staging.ts';

const halfTypes = ['bf16', 'f16'] as const;

export type HalfType = (typeof halfTypes)[number];

/** Elements at a time: base and model, and both of them narrowed, fit a staging block. */
const pieceLength = stagingLength / 4;

/**
 * Elements that differ between base and model, and no longer do after both are rounded to nearest even in a half precision:
 * for them base + delta is base again.
 */
export async function countLost(base: Float32Array, weights: Float32Array): Promise<Record<HalfType, number>> {
  const lost = { bf16: 0, f16: 0 };
  await withStagingBlock(async (block, kernels) => {
    for (let start = 0; start < base.length; start += pieceLength) {
      const [b, w] = [base, weights].map((values) => values.subarray(start, start + pieceLength));
      const narrow = (values: Float32Array, place: number, type: HalfType): Uint16Array => {
        const source = block.subarray(0, values.length);
        source.set(values);
        const target = new Uint16Array(block.buffer, block.byteOffset + 4 * place * pieceLength, values.length);
        kernels.narrow(target, source, type);
        return target;
      };
      for (const type of halfTypes) {
        const narrowBase = narrow(b, 1, type);
        const narrowWeights = narrow(w, 2, type);
        let count = 0;
        for (let i = 0; i < b.length; i++) if (b[i] !== w[i] && narrowBase[i] === narrowWeights[i]) count++;
        lost[type] += count;
      }
    }
  });
  return lost;
}
