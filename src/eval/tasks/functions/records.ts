/** Fields of records that functions rely on. What is not as the data set has it is named, and never guessed. */
import { InputError } from '../../../errors.ts';
import type { Document } from '../task.ts';

export function textField(record: Document, name: string): string {
  const value = record[name];
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  throw wrong(record, name, 'text');
}

export function listField(record: Document, name: string): readonly unknown[] {
  const value = record[name];
  return Array.isArray(value) ? value : wrongList(record, name);
}

export function recordField(record: Document, name: string): Document {
  const value = record[name];
  if (isRecord(value)) return value;
  throw wrong(record, name, 'an object');
}

export function recordsField(record: Document, name: string): readonly Document[] {
  const list = listField(record, name);
  if (list.every(isRecord)) return list;
  throw wrong(record, name, 'a list of objects');
}

export function textsField(record: Document, name: string): readonly string[] {
  const list = listField(record, name);
  if (list.every((value) => typeof value === 'string')) return list;
  throw wrong(record, name, 'a list of texts');
}

function isRecord(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongList(record: Document, name: string): never {
  throw wrong(record, name, 'a list');
}

function wrong(record: Document, name: string, expected: string): InputError {
  const found = Object.hasOwn(record, name) ? JSON.stringify(record[name])?.slice(0, 80) : undefined;
  return new InputError({
    field: name,
    found: found ?? `no such field among ${Object.keys(record).slice(0, 20).join(', ')}`,
    expected,
    fix: 'Check that the data are those that the task is for.',
  });
}
