/**
 * Typed reading of untrusted JSON: each function returns its value as the asked type or throws an `InputError` that
 * names the field. Fields are written `file:path.to.value`.
 */

import { InputError } from '../errors.ts';
import { parseJson } from '../files/parse-json.ts';

export type JsonRecord = Readonly<Record<string, unknown>>;

const REWRITE = 'Take the file again from its source, or write it again with the tool that made it.';

/** Throws an `InputError`; `found` is shortened so that a hostile value cannot flood a terminal. */
export function refuse(field: string, found: string, expected: string, fix: string = REWRITE): never {
  throw new InputError({ field, found: found.length > 80 ? `${found.slice(0, 77)}...` : found, expected, fix });
}

/** A short printable form of any JSON value. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  // Escaping every character outside printable ASCII keeps control sequences of hostile files out of terminals.
  return (JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value) ?? typeof value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function asRecord(value: unknown, field: string): JsonRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(field, describe(value), 'an object');
  }
  return value as JsonRecord;
}

export function asArray(value: unknown, field: string, maxLength: number): readonly unknown[] {
  if (!Array.isArray(value)) refuse(field, describe(value), 'an array');
  if (value.length > maxLength) refuse(field, `${value.length} items`, `at most ${maxLength}`);
  return value;
}

export function asText(value: unknown, field: string, maxLength: number): string {
  if (typeof value !== 'string') refuse(field, describe(value), 'a string');
  if (value.length > maxLength) refuse(field, `${value.length} characters`, `at most ${maxLength}`);
  return value;
}

export function asInteger(value: unknown, field: string, minimum: number, maximum: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < minimum || value > maximum) {
    refuse(field, describe(value), `an integer from ${minimum} to ${maximum}`);
  }
  return value;
}

/** A boolean that may be absent or null, as most of `tokenizer.json` may. */
export function asFlag(value: unknown, field: string, whenAbsent: boolean): boolean {
  if (value === undefined || value === null) return whenAbsent;
  if (typeof value !== 'boolean') refuse(field, describe(value), 'true or false');
  return value;
}

export function asOneOf<T extends string>(value: unknown, field: string, choices: readonly T[]): T {
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) refuse(field, describe(value), `one of ${choices.join(', ')}`);
  return choice;
}

/** Parses UTF-8 JSON bytes whose top level is an object. */
export function parseJsonRecord(bytes: Uint8Array, file: string): JsonRecord {
  let value: unknown;
  try {
    value = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    refuse(file, error instanceof Error ? error.message : 'unreadable bytes', 'UTF-8 JSON');
  }
  return asRecord(value, file);
}
