/** The options of lettered questions, in every rotation that is asked for, where templates can read them. */
import { cyclicShift } from '../metrics/cyclic-shifts.ts';
import { optionsOf } from './field-readings.ts';
import type { FieldSource, FieldValues } from './fields.ts';
import type { TaskConfig } from './schema.ts';
import type { Document } from './task.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The letters of so many options: A, B, C, ... */
export function lettersOf(options: number): readonly string[] {
  return Array.from(LETTERS.slice(0, options));
}

type Read = <Name extends string>(
  sources: Readonly<Record<Name, FieldSource | undefined>>,
  documents: readonly Document[],
) => Promise<readonly FieldValues<Name>[]>;

export interface Rotations {
  /** The documents as templates see them, once for every rotation. */
  readonly documents: readonly (readonly Document[])[];
  /** The options of each document in each rotation; undefined without `doc_to_options`. */
  readonly options: readonly (readonly (readonly string[])[] | undefined)[];
  /** How many of the rotations each document is met in: those with fewer options than others need fewer. */
  readonly counts: readonly number[];
}

/** Adds `options`, turned, and their `letters` to documents; without `doc_to_options` the documents are left alone. */
export async function withRotatedOptions(
  config: Pick<TaskConfig, 'doc_to_options' | 'permute_options'>,
  documents: readonly Document[],
  read: Read,
): Promise<Rotations> {
  const { doc_to_options, permute_options } = config;
  if (doc_to_options === undefined) {
    return { documents: [documents], options: [undefined], counts: documents.map(() => 1) };
  }
  const fields = await read({ doc_to_options }, documents);
  const standing = fields.map((field, i) =>
    optionsOf(field.doc_to_options, { field: 'doc_to_options', document: `document ${i}` }),
  );
  const counts = standing.map(({ length }) => (permute_options === 'cyclic' ? length : 1));
  const turned = Array.from({ length: Math.max(1, ...counts) }, (_, shift) =>
    standing.map((options) => cyclicShift(options, shift)),
  );
  return {
    documents: turned.map((options) =>
      documents.map((document, i) => ({ ...document, options: options[i], letters: lettersOf(options[i].length) })),
    ),
    options: turned,
    counts,
  };
}
