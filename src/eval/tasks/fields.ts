/**
 * What a task's fields say about documents. A field that is the name of a column stands for its value; any other text is a
 * template. All templates are rendered for many documents at once.
 */
import { InputError } from '../../errors.ts';
import { registeredFunction } from './registered-functions.ts';
import type { RegisteredName } from './schema.ts';
import type { Document } from './task.ts';
import type { TemplateRenderer } from './templates/template-renderer.ts';

export type FieldSource = string | number | readonly string[] | Readonly<Record<string, string>> | RegisteredName;

export interface FieldValue {
  readonly value: unknown;
  /** Written by a template, which upstream reads once more: digits as a number, a list as a list. */
  readonly rendered: boolean;
}

export type FieldValues<Name extends string> = Readonly<Record<Name, FieldValue>>;

/**
 * @param sources by field; undefined ones give undefined
 * @param nameOf says which document is meant, in messages
 * @returns for each document the value of each field
 * @throws InputError for a document that lacks a column or that a template does not fit.
 */
export async function readFields<Name extends string>(
  renderer: TemplateRenderer,
  sources: Readonly<Record<Name, FieldSource | undefined>>,
  documents: readonly Document[],
  { file, nameOf }: { readonly file: string; readonly nameOf: (document: number) => string },
): Promise<readonly FieldValues<Name>[]> {
  const names = Object.keys(sources) as Name[];
  const isColumn = (source: unknown): source is string =>
    typeof source === 'string' && documents.length > 0 && Object.hasOwn(documents[0], source);
  const templates = names.flatMap((field) => {
    const source = sources[field];
    return typeof source === 'string' && !isColumn(source) ? [{ field, source }] : [];
  });
  const texts = templates.length === 0 ? [] : await renderer.render(templates, documents, nameOf);
  const functions = new Map(
    names.flatMap((field) => {
      const source: unknown = sources[field];
      if (!isRegistered(source)) return [];
      return [[field, registeredFunction(source.function, 'field', `${file}: ${field}`)] as const];
    }),
  );

  return documents.map((document, i) => {
    const valueFor = (field: Name): FieldValue => {
      const source = sources[field];
      const place = templates.findIndex((template) => template.field === field);
      if (place >= 0) return { value: texts[i][place], rendered: true };
      const call = functions.get(field);
      if (call !== undefined) return { value: call.call(document), rendered: false };
      if (!isColumn(source)) return { value: source, rendered: false };
      if (Object.hasOwn(document, source)) return { value: document[source], rendered: false };
      throw new InputError({
        field: `${file}: ${field}`,
        found: `no ${JSON.stringify(source)} in ${nameOf(i)}`,
        expected: 'the column in every document',
        fix: 'Complete the data, or write a template that asks whether it is there.',
      });
    };
    return Object.fromEntries(names.map((field) => [field, valueFor(field)])) as FieldValues<Name>;
  });
}

function isRegistered(source: unknown): source is RegisteredName {
  return typeof source === 'object' && source !== null && 'function' in source && typeof source.function === 'string';
}
