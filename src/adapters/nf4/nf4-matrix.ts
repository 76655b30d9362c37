/**
 * A matrix in 4-bit NormalFloat with double quantisation (Dettmers et al. 2023, arXiv:2305.14314, sections 3 and 3.1):
 * each 64 values are numbers of levels times a scale, their greatest size; the scales, less their mean, are integers of
 * 8 bits with one float32 scale for each 256. That is 4.127 bits a value.
 *
 * The paper keeps scales as 8-bit floats; evenly spaced integers are as near to them and need no second table.
 */
import { stagingLength, withStagingBlock } from '../../kernels/staging.ts';
import { nearestLevel, nf4Levels } from '../../tensor/nf4-levels.ts';
import type { PackedMatrix } from '../base-model.ts';

/** Values that share a scale. */
const nf4Block = 64;

/** Scales that share a second scale. */
const scaleGroup = 256;

/** The greatest 8-bit integer. */
const greatest = 127;

/** What so many values take. */
export function nf4Bytes(count: number): number {
  const scales = Math.ceil(count / nf4Block);
  return Math.ceil(count / 2) + scales + 4 * Math.ceil(scales / scaleGroup);
}

export class Nf4Matrix implements PackedMatrix {
  readonly length: number;
  /** Two values in a byte, the first in its high half, as bitsandbytes has them. */
  readonly packed: Uint8Array;
  readonly #scales: QuantizedScales;

  /** @param values finite, of any length; not kept */
  constructor(values: Float32Array) {
    this.length = values.length;
    this.packed = new Uint8Array(Math.ceil(values.length / 2));
    const scales = new Float32Array(Math.ceil(values.length / nf4Block));
    for (let place = 0; place < scales.length; place++) {
      const from = place * nf4Block;
      scales[place] = packBlock(values.subarray(from, from + nf4Block), this.packed, from / 2);
    }
    this.#scales = quantizeScales(scales);
  }

  /** Writes the values to within rounding to their levels; through a block of kernel memory, in pieces that fit there. */
  unpack(target: Float32Array): Promise<void> {
    if (target.length !== this.length) throw new Error(`${this.length} values do not fill ${target.length} places`);
    return withStagingBlock(async (block, kernels) => {
      const cut = stagingAreas(block);
      cut.levels.set(nf4Levels);
      for (let start = 0; start < this.length; start += pieceLength) {
        const count = Math.min(pieceLength, this.length - start);
        const packed = cut.packed.subarray(0, Math.ceil(count / 2));
        const scales = cut.scales.subarray(0, Math.ceil(count / nf4Block));
        packed.set(this.packed.subarray(start / 2, start / 2 + packed.length));
        writeScales(this.#scales, start / nf4Block, scales);
        const values = cut.values.subarray(0, count);
        kernels.unpackLevels(values, { packed, scales, levels: cut.levels, block: nf4Block });
        target.set(values, start);
      }
    });
  }

  squaredNorms(rows: number): Float32Array {
    const width = this.length / rows;
    const scale = new Float32Array(1);
    const sums = new Float64Array(rows);
    for (let i = 0; i < this.length; i++) {
      if (i % nf4Block === 0) writeScales(this.#scales, i / nf4Block, scale);
      const pair = this.packed[i >> 1];
      const value = Math.fround(nf4Levels[i % 2 === 0 ? pair >> 4 : pair & 15] * scale[0]);
      sums[Math.floor(i / width)] += value * value;
    }
    return Float32Array.from(sums);
  }
}

/** Values that are unpacked at once: with their bytes and scales they fill less than a staging block. */
const pieceLength = stagingLength / 2;

function stagingAreas(block: Float32Array<SharedArrayBuffer>) {
  const [values, packed, scales] = [pieceLength, pieceLength / 8, pieceLength / nf4Block];
  const floats = (from: number, count: number) => block.subarray(from, from + count);
  return {
    values: floats(0, values),
    packed: new Uint8Array(block.buffer, block.byteOffset + 4 * values, 4 * packed),
    scales: floats(values + packed, scales),
    levels: floats(values + packed + scales, nf4Levels.length),
  };
}

/** @returns the scale */
function packBlock(values: Float32Array, packed: Uint8Array, at: number): number {
  let scale = 0;
  for (let i = 0; i < values.length; i++) scale = Math.max(scale, Math.abs(values[i]));
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let i = 0; i < values.length; i += 2) {
    const second = i + 1 < values.length ? nearestLevel(values[i + 1] * inverse) : 0;
    packed[at + i / 2] = (nearestLevel(values[i] * inverse) << 4) | second;
  }
  return scale;
}

interface QuantizedScales {
  readonly codes: Int8Array;
  readonly groups: Float32Array;
  readonly mean: number;
}

function quantizeScales(scales: Float32Array): QuantizedScales {
  const mean = scales.reduce((sum, scale) => sum + scale, 0) / Math.max(1, scales.length);
  const groups = new Float32Array(Math.ceil(scales.length / scaleGroup));
  const codes = new Int8Array(scales.length);
  for (let group = 0; group < groups.length; group++) {
    const members = scales.subarray(group * scaleGroup, (group + 1) * scaleGroup);
    const furthest = members.reduce((most, scale) => Math.max(most, Math.abs(scale - mean)), 0);
    groups[group] = furthest / greatest;
    members.forEach((scale, i) => {
      codes[group * scaleGroup + i] = furthest === 0 ? 0 : Math.round(((scale - mean) / furthest) * greatest);
    });
  }
  return { codes, groups, mean };
}

/** Scales from number `from` on. */
function writeScales({ codes, groups, mean }: QuantizedScales, from: number, target: Float32Array): void {
  for (let i = 0; i < target.length; i++) {
    const place = from + i;
    target[i] = mean + codes[place] * groups[Math.floor(place / scaleGroup)];
  }
}
