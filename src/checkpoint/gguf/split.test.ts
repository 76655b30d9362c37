/** Models in several files: those of llama.cpp's own writer, and those that lie. */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InputError } from '../../errors.ts';
import { openGgufModel } from './open-gguf-model.ts';
import { openGguf } from './read.ts';
import { pair, type RawFile, rawGguf, tensor, text, u32 } from './testing/raw-gguf.ts';
import { writtenModel } from './testing/written-model.ts';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/gguf.json', import.meta.url), 'utf8')).split as {
  readonly [name: string]: string;
};

let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-split-'));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'model-'));
});

async function valuesOf(path: string): Promise<Record<string, number[]>> {
  const file = await openGguf(path);
  const values: Record<string, number[]> = {};
  for (const [name, { shape }] of file.tensors) {
    const target = new Float32Array(shape.reduce((product, length) => product * length, 1));
    await file.readInto(name, target);
    values[name] = [...target];
  }
  await file.close();
  return values;
}

describe('a model in several files', () => {
  it("is read as llama.cpp's writer wrote it", async () => {
    for (const [name, bytes] of Object.entries(golden)) {
      await writeFile(join(folder, name), Buffer.from(bytes, 'base64'));
    }
    const first = join(folder, 'small-00001-of-00003.gguf');
    expect(await valuesOf(first)).toEqual(
      Object.fromEntries([0, 1, 2, 3, 4].map((i) => [`tensor.${i}`, [3 * i, 3 * i + 1, 3 * i + 2]])),
    );
    const file = await openGguf(first);
    expect([file.parts, file.metadata.get('general.name')]).toEqual([3, 'split']);
    await file.close();
    await expect(openGguf(join(folder, 'small-00002-of-00003.gguf'))).rejects.toThrow(
      /part 2 of the 3 .* Name small-00001-of-00003.gguf/,
    );
  });

  it('is the model of one file', async () => {
    const whole = join(folder, 'whole.gguf');
    await writeFile(whole, await writtenModel(folder, { dtype: 'f32' }));
    const [one, parts] = [await openGgufModel(whole), await cut(whole, 4)];
    const split = await openGgufModel(parts);
    expect(split.parts).toBe(4);
    expect(split.config).toEqual(one.config);
    expect([...split.tensors.keys()]).toEqual([...one.tensors.keys()]);
    for (const [name, { shape }] of one.tensors) {
      const [a, b] = [0, 1].map(() => new Float32Array(shape.reduce((product, length) => product * length, 1)));
      await one.readAllInto([[name, a]]);
      await split.readAllInto([[name, b]]);
      expect(b, name).toEqual(a);
    }
    await one.close();
    await split.close();
  });
});

/** The file in parts of which the first has no tensors, as `--no-tensor-first-split` makes them. */
async function cut(path: string, count: number): Promise<string> {
  const whole = await openGguf(path);
  const bytes = readFileSync(path);
  const tensors = [...whole.tensors];
  const start = bytes.length - Math.ceil(tensors.at(-1)![1].end / 32) * 32;
  // The pairs, as they stand between the counts and the first tensor's name.
  const pairs = bytes.subarray(24, bytes.indexOf(text(tensors[0][0]), 24));
  const pairCount = Number(bytes.readBigUInt64LE(16));
  const each = Math.ceil(tensors.length / (count - 1));
  for (let number = 0; number < count; number++) {
    const own = number === 0 ? [] : tensors.slice((number - 1) * each, number * each);
    const base = own[0]?.[1].begin ?? 0;
    const raw = rawGguf({
      pairCount: (number === 0 ? pairCount : 0) + 3,
      pairs: [...(number === 0 ? [pairs] : []), ...said(number, count, tensors.length)],
      tensors: own.map(([name, { shape, begin }]) => {
        return tensor({ name: text(name), lengths: shape.toReversed(), offset: begin - base });
      }),
      data: bytes.subarray(start + base, own.length > 0 ? start + own.at(-1)![1].end : start + base),
    });
    await writeFile(part(number, count), raw);
  }
  await whole.close();
  return part(0, count);
}

const part = (number: number, count: number) =>
  join(folder, `m-${String(number + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`);

const said = (number: number, count: number, tensors?: number) => [
  pair('split.no', 4, u32(number)),
  pair('split.count', 4, u32(count)),
  ...(tensors === undefined ? [] : [pair('split.tensors.count', 5, u32(tensors))]),
];

/** Two parts with a tensor each. */
async function two(first: RawFile = {}, second: RawFile = {}): Promise<string> {
  await writeFile(part(0, 2), rawGguf({ pairs: said(0, 2, 2), ...first }));
  const tensors = [tensor({ name: text('v') })];
  await writeFile(part(1, 2), rawGguf({ pairs: said(1, 2, 2), tensors, ...second }));
  return part(0, 2);
}

describe('parts that lie', () => {
  it('open where they do not', async () => {
    expect(Object.keys(await valuesOf(await two()))).toEqual(['w', 'v']);
  });

  it.each<[string, RawFile, RawFile, RegExp]>([
    ['that they are too many', { pairs: said(0, 2 ** 31) }, {}, /2147483648 parts, expected at most 1000/],
    ['that there are fewer than it is the number of', { pairs: said(5, 2) }, {}, /split.no: found 5/],
    ['a count in words', { pairs: [pair('split.count', 8, text('2'))] }, {}, /split.count: found string/],
    ['another number', {}, { pairs: said(0, 2) }, /00002.*split.no: found 0, expected 1/],
    ['no number', {}, { pairs: [] }, /split.no: found nothing/],
    ['another count', {}, { pairs: said(1, 3) }, /split.count: found 3, expected 2/],
    ['a tensor of another part', {}, { tensors: [tensor()] }, /"w": found a tensor of another part/],
    ['more tensors than there are', { pairs: said(0, 2, 3) }, {}, /found 3, and 2 in all parts/],
    ['fewer tensors than there are', { pairs: said(0, 2, 1) }, {}, /found 1, and 2 in all parts/],
    [
      'other metadata in a part',
      { pairs: [...said(0, 2), pair('llama.block_count', 4, u32(1))] },
      { pairs: [...said(1, 2), pair('llama.block_count', 4, u32(2))] },
      /00002.*llama.block_count/,
    ],
    ['a part cut off', {}, { data: Buffer.alloc(8) }, /00002.*8 bytes of data/],
    ['a part that is no GGUF', {}, { magic: 'PK\x03\x04' }, /00002.*begins with "GGUF"/],
  ])('refuses %s', async (_, first, second, found) => {
    const work = openGguf(await two(first, second));
    await expect(work).rejects.toThrow(InputError);
    await expect(work).rejects.toThrow(found);
  });

  it('refuses a part that is missing, one elsewhere, and a first one under another name', async () => {
    const first = await two();
    await rename(part(1, 2), join(root, 'elsewhere'));
    await expect(openGguf(first)).rejects.toThrow(/m-00002-of-00002.gguf: found no such file/);
    await symlink(join(root, 'elsewhere'), part(1, 2));
    await expect(openGguf(first)).rejects.toThrow(/a relative path that stays in this folder/);
    await mkdir(join(folder, 'other'));
    await rename(first, join(folder, 'other', 'model.gguf'));
    await expect(openGguf(join(folder, 'other', 'model.gguf'))).rejects.toThrow(/expected NAME-00001-of-00002.gguf/);
  });
});
