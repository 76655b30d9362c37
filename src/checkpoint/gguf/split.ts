/**
 * A model in several files, as llama-gguf-split and convert_hf_to_gguf of llama.cpp write it: NAME-00001-of-00003.gguf and
 * so on. Each is a GGUF file with some of the tensors and says which of how many it is; the first has all other metadata.
 * Source: ggml-org/llama.cpp, src/llama-model-loader.cpp (`split.no`, `split.count`, `split.tensors.count`).
 */
import { basename, dirname } from 'node:path';
import { InputError } from '../../errors.ts';
import { containedPath } from '../../files/contained-path.ts';
import { linkBoundary } from '../huggingface/link-boundary.ts';
import { alignmentKey, type GgufHeader } from './header.ts';
import { MetadataFields } from './metadata-fields.ts';
import { damaged } from './refuse.ts';

/** Parts of a terabyte each would make what no machine holds; each is an open file. */
const mostParts = 1000;

const keys = { number: 'split.no', count: 'split.count', tensors: 'split.tensors.count' } as const;

/** Files that a model is in. @throws InputError for a file that is not the first of them, or that says what cannot be */
export function partsOf({ metadata }: GgufHeader, path: string): number {
  const fields = new MetadataFields(metadata, path);
  const count = fields.integer(keys.count) ?? 1;
  const number = fields.integer(keys.number) ?? 0;
  if (count > mostParts) throw damaged(`${path}, ${keys.count}`, `${count} parts`, `at most ${mostParts}`);
  if (number >= Math.max(count, 1)) throw damaged(`${path}, ${keys.number}`, String(number), `a number below ${count}`);
  if (number > 0) {
    const first = stemOf(path, number, count);
    throw new InputError({
      field: path,
      found: `part ${number + 1} of the ${count} that a model is in`,
      expected: 'the first part, which says what the model is',
      fix: first === undefined ? 'Name the first one.' : `Name ${partName(first, 0, count)}.`,
    });
  }
  return Math.max(count, 1);
}

/**
 * The path of a part that is not the first.
 * @throws InputError where the first one's name does not say what the others are called, or links lead elsewhere
 */
export function pathOfPart(first: string, number: number, count: number): Promise<string> {
  const stem = stemOf(first, 0, count);
  if (stem !== undefined) {
    const folder = dirname(first);
    return containedPath(folder, partName(stem, number, count), { boundary: linkBoundary(folder) });
  }
  throw new InputError({
    field: first,
    found: `a name that does not say that it is the first of ${count} parts`,
    expected: partName('NAME', 0, count),
    fix: 'Give the parts their names back: the others are found by it.',
  });
}

/** @throws InputError for a part that is not what its place asks for */
export function requirePart({ metadata }: GgufHeader, path: string, number: number, first: GgufHeader): void {
  const fields = new MetadataFields(metadata, path);
  const expected = { [keys.number]: number, [keys.count]: first.metadata.get(keys.count) };
  for (const [key, value] of Object.entries(expected)) {
    const found = fields.integer(key);
    if (found !== value)
      throw damaged(`${path}, ${key}`, String(found ?? 'nothing'), `${value}, as its place asks for`);
  }
  for (const [key, value] of metadata) {
    if (key.startsWith('split.') || key === alignmentKey) continue;
    if (first.metadata.get(key) === value) continue;
    throw damaged(`${path}, ${key}`, 'a value that the first part does not have', 'metadata in the first part alone');
  }
}

/** @throws InputError where the parts have not as many tensors as the first one says */
export function requireTensorCount({ metadata }: GgufHeader, path: string, found: number): void {
  const expected = new MetadataFields(metadata, path).integer(keys.tensors) ?? found;
  if (expected !== found)
    throw damaged(`${path}, ${keys.tensors}`, `${expected}, and ${found} in all parts`, 'the same');
}

const partName = (stem: string, number: number, count: number): string => `${stem}${ending(number, count)}`;

const ending = (number: number, count: number): string =>
  `-${String(number + 1).padStart(5, '0')}-of-${String(count).padStart(5, '0')}.gguf`;

/** What the names of all parts begin with. */
function stemOf(path: string, number: number, count: number): string | undefined {
  const name = basename(path);
  return name.endsWith(ending(number, count)) ? name.slice(0, -ending(number, count).length) : undefined;
}
