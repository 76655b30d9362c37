/**
 * The completion probe (Golchin and Surdeanu 2023): a model that has seen an item goes on with its first half in the words of
 * the second. How alike they are is compared with how alike the continuation is to the second half of another item, since
 * items of one benchmark resemble each other anyway.
 */
import { stream } from '../../random/stream.ts';
import { type MetricValue, meanValue } from '../metrics/metric-value.ts';
import { rouge } from '../metrics/rouge.ts';
import type { BootstrapOptions } from '../statistics/bootstrap.ts';
import { type PairedComparison, pairedBootstrap } from '../statistics/paired-bootstrap.ts';
import { editSimilarity } from './edit-similarity.ts';

export interface Halves {
  readonly first: string;
  readonly second: string;
}

/**
 * A text in two, at the space nearest to its middle, which goes to neither half; between two characters where there is no
 * space in the middle third, as in Chinese. Undefined for a text of fewer than 2 x `leastCharacters` characters, which could
 * be completed by anyone.
 */
export function halvesOf(text: string, leastCharacters = 40): Halves | undefined {
  const characters = Array.from(text.trim());
  if (characters.length < 2 * leastCharacters) return undefined;
  const middle = Math.floor(characters.length / 2);
  for (let away = 0; away < characters.length / 6; away++) {
    for (const place of [middle - away, middle + away]) {
      if (!/^\s$/u.test(characters[place])) continue;
      return { first: characters.slice(0, place).join(''), second: characters.slice(place + 1).join('') };
    }
  }
  return { first: characters.slice(0, middle).join(''), second: characters.slice(middle).join('') };
}

export interface Completion {
  /** What the model goes on with after the first half. What is longer than the second half is not looked at. */
  readonly continuation: string;
  readonly secondHalf: string;
}

interface ProbeScore {
  /** Mean similarity of continuations to their own second halves. */
  readonly own: MetricValue;
  /** The same to those of other items: what resemblance is worth nothing. */
  readonly shuffled: MetricValue;
  /** Own minus shuffled, item by item. Memorized items are there where `p` is small and the value positive. */
  readonly difference: PairedComparison;
}

export interface CompletionProbe {
  /** F1 of ROUGE-L. */
  readonly rougeL: ProbeScore;
  /** By characters. */
  readonly edit: ProbeScore;
}

/** Null for an item that the model failed on. Each item is compared with one other, chosen by the seed. */
export function completionProbe(
  completions: readonly (Completion | null)[],
  options: BootstrapOptions,
): CompletionProbe {
  const others = partners(completions, options);
  const probe = (name: string, similarity: (continuation: string, half: string) => number): ProbeScore => {
    const against = (half: (place: number) => string | undefined) =>
      completions.map((completion, place) => {
        const target = half(place);
        if (completion === null || target === undefined) return null;
        return similarity(cut(completion.continuation, target), target);
      });
    const own = against((place) => completions[place]?.secondHalf);
    const shuffled = against((place) => completions[others[place]]?.secondHalf);
    return {
      own: meanValue(own, options),
      shuffled: meanValue(shuffled, options),
      difference: pairedBootstrap(shuffled, own, { ...options, label: `${options.label} ${name}` }),
    };
  };
  return {
    rougeL: probe('rougeL', (continuation, half) => rouge(continuation, [half]).rougeL.f1),
    edit: probe('edit', editSimilarity),
  };
}

/** For each answered item another one, all in one circle of random order; none, -1, where there is no other. */
function partners(completions: readonly (Completion | null)[], { seed, label }: BootstrapOptions): Int32Array {
  const places = completions.flatMap((completion, place) => (completion === null ? [] : [place]));
  const result = new Int32Array(completions.length).fill(-1);
  if (places.length < 2) return result;
  const order = stream(seed, 'completion probe', label).permutation(places.length);
  order.forEach((place, i) => {
    result[places[place]] = places[order[(i + 1) % order.length]];
  });
  return result;
}

/** As many characters as the other text has. */
function cut(text: string, other: string): string {
  return Array.from(text.slice(0, 2 * other.length))
    .slice(0, Array.from(other).length)
    .join('');
}
