/**
 * Splits that do not move: whether a document is held out depends on its own name and the seed only, so adding documents
 * never brings a held-out one into training. Documents of one group (a company, a page, a file) go to the same side.
 */

import { createHash } from 'node:crypto';
import { InputError, UsageError } from '../errors.ts';

export interface HoldOutOptions {
  /** Part of the groups to hold out, in (0, 1): the probability of each. */
  readonly share: number;
  readonly seed: number;
  /** Name of a document's group; its id, to split document by document. */
  readonly group: (document: number) => string;
}

export interface HoldOut {
  /** Document indices, ascending. */
  readonly train: Int32Array;
  readonly heldOut: Int32Array;
}

/**
 * Splits documents 0..n-1. Both sides get at least one group if there are two: where chance would leave a side empty, the group
 * nearest to the border crosses it. Throws a `UsageError` if the share is not in (0, 1) or there is one group only, an
 * `InputError` if there are no documents.
 */
export function holdOut(documents: number, { share, seed, group }: HoldOutOptions): HoldOut {
  if (!(share > 0 && share < 1)) {
    throw new UsageError({
      field: 'held-out share',
      found: String(share),
      expected: 'a number between 0 and 1',
      fix: 'For example 0.05.',
    });
  }
  const places = new Map<string, number>();
  const placeOf = Float64Array.from({ length: documents }, (_, document) => {
    const name = group(document);
    const place = places.get(name) ?? hashToUnit(seed, name);
    places.set(name, place);
    return place;
  });
  const sorted = [...new Set(places.values())].sort((a, b) => a - b);
  if (sorted.length < 2) {
    throw new (sorted.length === 0 ? InputError : UsageError)({
      field: 'held-out split',
      found: places.size === 1 ? 'one group' : 'no documents',
      expected: 'at least two',
      fix: 'Split by another group, or by document.',
    });
  }
  const border = Math.min(Math.max(share, (sorted[0] + sorted[1]) / 2), sorted[sorted.length - 1]);
  const all = Int32Array.from({ length: documents }, (_, document) => document);
  return {
    train: all.filter((document) => placeOf[document] >= border),
    heldOut: all.filter((document) => placeOf[document] < border),
  };
}

/** Uniform in [0, 1), from the first 48 bits of a SHA-256. */
function hashToUnit(seed: number, name: string): number {
  return (
    createHash('sha256')
      .update(JSON.stringify([seed, name]))
      .digest()
      .readUIntBE(0, 6) /
    2 ** 48
  );
}
