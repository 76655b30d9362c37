/** Settings of a filter or a metric, taken one by one; what is left over is an error, so that no typo is passed over. */
import { UsageError } from '../../../errors.ts';
import { nearest } from '../../../yaml/near-miss.ts';

export class Settings {
  /** Where they were written, for messages. */
  readonly field: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();

  constructor(values: Readonly<Record<string, unknown>>, field: string) {
    this.#values = values;
    this.field = field;
  }

  /** Any value, or nothing. */
  optional(name: string): unknown {
    this.#known.add(name);
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  text(name: string, fallback?: string): string {
    const value = this.optional(name) ?? fallback;
    return typeof value === 'string' ? value : this.#refuse(name, value, 'text');
  }

  /** A whole number; negative ones count from the end. */
  integer(name: string, fallback?: number): number {
    const value = this.optional(name) ?? fallback;
    return Number.isSafeInteger(value) ? Number(value) : this.#refuse(name, value, 'a whole number');
  }

  /** How many: a whole number, at least 1. */
  count(name: string): number {
    const value = this.integer(name);
    return value >= 1 ? value : this.#refuse(name, value, 'at least 1');
  }

  flag(name: string): boolean {
    const value = this.optional(name) ?? false;
    return typeof value === 'boolean' ? value : this.#refuse(name, value, 'true or false');
  }

  texts(name: string): readonly string[] {
    const value = this.optional(name) ?? [];
    const isTexts = Array.isArray(value) && value.every((one) => typeof one === 'string');
    return isTexts ? (value as readonly string[]) : this.#refuse(name, value, 'a list of texts');
  }

  record(name: string): Readonly<Record<string, unknown>> {
    const value = this.optional(name) ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) return this.#refuse(name, value, 'names with values');
    return value as Readonly<Record<string, unknown>>;
  }

  /** @throws UsageError if there is a setting that nobody asked for. */
  refuseRest(): void {
    const [stranger] = Object.keys(this.#values).filter((name) => !this.#known.has(name));
    if (stranger === undefined) return;
    const known = [...this.#known];
    const meant = nearest(stranger, known);
    throw new UsageError({
      field: `${this.field}.${stranger}`,
      found: 'an unknown setting',
      expected: known.length === 0 ? 'none' : `one of ${known.join(', ')}`,
      fix: meant === undefined ? 'Remove it.' : `Did you mean "${meant}"?`,
    });
  }

  #refuse(name: string, value: unknown, expected: string): never {
    const found = value === undefined ? 'nothing' : JSON.stringify(value);
    throw new UsageError({ field: `${this.field}.${name}`, found, expected, fix: 'Correct the setting.' });
  }
}
