/** Typed reading of a file's metadata: each value as the type that is asked for, or an error that names the key. */
import type { InputError } from '../../errors.ts';
import { damaged } from './refuse.ts';
import type { Metadata, MetadataValue } from './value-types.ts';

export class MetadataFields {
  readonly path: string;
  readonly #metadata: Metadata;
  readonly #read = new Set<string>();

  constructor(metadata: Metadata, path: string) {
    this.#metadata = metadata;
    this.path = path;
  }

  has(key: string): boolean {
    return this.#metadata.has(key);
  }

  text(key: string): string | undefined {
    const value = this.#take(key);
    if (value === undefined || typeof value === 'string') return value;
    throw this.wrong(key, value, 'a string');
  }

  flag(key: string): boolean | undefined {
    const value = this.#take(key);
    if (value === undefined || typeof value === 'boolean') return value;
    throw this.wrong(key, value, 'true or false');
  }

  number(key: string): number | undefined {
    const value = this.#take(key);
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw this.wrong(key, value, 'a number');
  }

  /** A whole number from 0 on; of a list with one number for each layer, that number, if all are the same. */
  integer(key: string): number | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    const [first, ...others] = Array.isArray(value) ? value : [value];
    if (Number.isSafeInteger(first) && first >= 0 && others.every((other) => other === first)) return first;
    throw this.wrong(key, value, 'a whole number, the same for every layer');
  }

  required(key: string): number {
    return this.integer(key) ?? this.#missing(key);
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    // Elements of one array are of one type.
    if (Array.isArray(value) && (value.length === 0 || typeof value[0] === 'string')) return value;
    throw this.wrong(key, value, 'a list of strings');
  }

  numbers(key: string): readonly number[] | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (Array.isArray(value) && (value.length === 0 || typeof value[0] === 'number')) return value;
    throw this.wrong(key, value, 'a list of numbers');
  }

  /** Keys that begin with `prefix` and that nobody has asked for. */
  unread(prefix: string): readonly string[] {
    return [...this.#metadata.keys()].filter((key) => key.startsWith(prefix) && !this.#read.has(key));
  }

  wrong(key: string, value: MetadataValue, expected: string): InputError {
    const found = Array.isArray(value) ? `a list of ${value.length}` : `${typeof value} ${String(value).slice(0, 60)}`;
    return damaged(`${this.path}, ${key}`, found, expected);
  }

  #take(key: string): MetadataValue | undefined {
    this.#read.add(key);
    return this.#metadata.get(key);
  }

  #missing(key: string): never {
    throw damaged(`${this.path}, ${key}`, 'nothing', 'a whole number');
  }
}
