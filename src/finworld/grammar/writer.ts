/** One document being written: its random stream, its templates used so far, its number style. */
import type { RandomStream } from '../../random/stream.ts';
import { polish, sentence } from './polish.ts';
import { render, type SlotNames, type SlotValue } from './template.ts';

/** The slots that remain to be given when those named in `Shared` are known. */
type Missing<T extends string, Shared extends string> = Exclude<SlotNames<T>, Shared>;

type Given<T extends string, Shared extends string> = [Missing<T, Shared>] extends [never]
  ? [slots?: { readonly [name: string]: SlotValue }]
  : [slots: { readonly [Name in Missing<T, Shared>]: SlotValue }];

/** Writes one of the templates, whose slots are shared or given here. */
export type Say<Shared extends string = never> = <const T extends string>(
  templates: readonly T[],
  ...given: Given<T, Shared>
) => string;

export class Writer {
  readonly #stream: RandomStream;
  readonly #used = new Set<unknown>();

  constructor(stream: RandomStream) {
    this.#stream = stream;
  }

  /** An integer in [0, n). */
  readonly draw = (n: number): number => this.#stream.below(n);

  /** An integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.draw(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.#stream.float() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.draw(items.length)];
  }

  /** Picks an item that this document has not used yet; when all are used, any. */
  fresh<T>(items: readonly T[]): T {
    const start = this.draw(items.length);
    for (let i = 0; i < items.length; i++) {
      const item = items[(start + i) % items.length];
      if (!this.#used.has(item)) {
        this.#used.add(item);
        return item;
      }
    }
    return items[start];
  }

  /** `count` different items in random order; all of them if there are fewer. */
  sample<T>(items: readonly T[], count: number): T[] {
    const pool = [...items];
    const taken = Math.min(count, pool.length);
    for (let i = 0; i < taken; i++) {
      const j = i + this.draw(pool.length - i);
      [pool[i], pool[j]] = [pool[j], pool[i]];
    }
    return pool.slice(0, taken);
  }

  /** A phrase from one of the templates, preferably one that this document has not used. */
  readonly phrase: Say = (templates, ...[slots]) => this.#write(templates, slots);

  /** A sentence from one of the templates. */
  readonly say: Say = (templates, ...[slots]) => sentence(this.#write(templates, slots));

  /** `say` and `phrase` for templates that may also use the slots in `shared`. */
  with<Shared extends string>(
    shared: { readonly [Name in Shared]: SlotValue },
  ): {
    readonly say: Say<Shared>;
    readonly phrase: Say<Shared>;
  } {
    const phrase: Say<Shared> = (templates, ...[slots]) => this.#write(templates, { ...shared, ...slots });
    return { phrase, say: (templates, ...given) => sentence(phrase(templates, ...given)) };
  }

  #write(templates: readonly string[], slots: { readonly [name: string]: SlotValue } = {}): string {
    return render(this.fresh(templates), slots, this.draw);
  }

  /** A word or phrase written as an inline choice, such as `{rose|grew}`. */
  vary(template: string): string {
    return render(template, {}, this.draw);
  }
}

/** Joins sentences into paragraphs and paragraphs into a text. Empty strings are dropped. */
export function compose(paragraphs: readonly (readonly string[] | string)[]): string {
  return polish(
    paragraphs
      .map((paragraph) => (typeof paragraph === 'string' ? paragraph : paragraph.filter((s) => s !== '').join(' ')))
      .filter((paragraph) => paragraph !== '')
      .join('\n\n'),
  );
}
