/** How values of fields are understood: as text, as options, as what is right. The rules are those of upstream. */
import { InputError } from '../../errors.ts';
import type { FieldValue } from './fields.ts';
import { parsePythonLiteral } from './templates/python-literal.ts';

/** Where a value comes from, for messages. */
export interface Place {
  readonly field: string;
  readonly document: string;
}

const DIGITS = /^\p{Nd}+$/u;
const LIST = /^\[[\s\S]*\]$/;

/** Text as a template would write it; '' for what is not there. */
export function textOf({ value }: FieldValue): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What a document asks: a text, or with options the place of the right one, whose text then fills the question. */
export function questionOf(field: FieldValue, hasOptions: boolean): string | number {
  const { value, rendered } = field;
  if (typeof value === 'number' && hasOptions) return value;
  const text = textOf(field);
  return rendered && hasOptions && DIGITS.test(text) ? Number(text) : text;
}

/** @throws InputError unless the value is a list of texts that are not empty. */
export function optionsOf({ value, rendered }: FieldValue, place: Place): readonly string[] {
  const list = rendered && typeof value === 'string' ? parsePythonLiteral(value.trim()) : value;
  const options = isRecord(list) ? Object.values(list) : list;
  if (Array.isArray(options) && options.length > 0 && options.every(isScalar)) {
    const texts = options.map(String);
    if (texts.every((text) => text !== '')) return texts;
  }
  throw refuse(place, value, 'a list of options, none of them empty', 'Correct the field or the document.');
}

/** Every right answer, as texts; several where any of them is right. */
export function targetsOf(field: FieldValue): readonly string[] {
  const { value, rendered } = field;
  if (Array.isArray(value)) return value.map(String);
  const text = textOf(field);
  if (rendered && LIST.test(text)) {
    const list = parsePythonLiteral(text);
    if (Array.isArray(list)) return list.map(String);
  }
  return [text];
}

/**
 * Places of the right options.
 * @throws InputError if there is no right one, or one that is none of the options.
 */
export function goldOf(field: FieldValue, options: readonly string[], place: Place): readonly number[] {
  const { value, rendered } = field;
  const isList = Array.isArray(value) || (rendered && LIST.test(textOf(field)));
  const parts = isList ? targetsOf(field) : [typeof value === 'number' ? value : textOf(field)];
  const gold = parts.map((part) => {
    if (typeof part === 'number') return part;
    // A template's digits are a place, as upstream; digits of the data may be the text of an option.
    const isPlace = DIGITS.test(part);
    const at = options.indexOf(part);
    return isPlace && (rendered || at < 0) ? Number(part) : at;
  });
  if (gold.length > 0 && gold.every((at) => Number.isInteger(at) && at >= 0 && at < options.length)) return gold;
  const expected = `one of the options ${JSON.stringify(options).slice(0, 200)}, or its place from 0`;
  throw refuse(place, value, expected, 'Correct the target or the options.');
}

const TRUTHS: Readonly<Record<string, boolean>> = { true: true, yes: true, 1: true, false: false, no: false, 0: false };

/** @throws InputError unless the value says yes or no. */
export function truthOf(field: FieldValue, place: Place): boolean {
  const text = textOf(field).trim().toLowerCase();
  if (Object.hasOwn(TRUTHS, text)) return TRUTHS[text];
  throw refuse(place, field.value, 'true or false', 'Correct the field or the document.');
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse({ field, document }: Place, value: unknown, expected: string, fix: string): InputError {
  const found = `${(JSON.stringify(value) ?? 'nothing').slice(0, 200)} in ${document}`;
  return new InputError({ field, found, expected, fix });
}
