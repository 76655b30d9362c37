/** What a corpus looks like: counts by genre, lengths, vocabulary, repetition, and distinct sentence skeletons. */
import type { Document } from './document.ts';

export interface CorpusStatistics {
  readonly documents: number;
  readonly characters: number;
  /** Words are maximal runs of letters, digits and inner apostrophes, lower-cased. */
  readonly words: number;
  readonly genres: { readonly [genre: string]: number };
  readonly wordsPerDocument: {
    readonly p5: number;
    readonly median: number;
    readonly p95: number;
    readonly max: number;
  };
  readonly vocabulary: number;
  /** Distinct words over words. */
  readonly typeTokenRatio: number;
  /** Distinct n-grams over n-grams, n = 2, 3, 4, within documents. */
  readonly distinct: { readonly 2: number; readonly 3: number; readonly 4: number };
  readonly sentences: number;
  /** Distinct sentences once numbers and names are masked. */
  readonly skeletons: number;
}

export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\d]+(?:['’][\p{L}]+)*/gu) ?? [];
}

/** Sentences of prose; lines of tables and headings count as one each. */
export function sentencesOf(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => line.split(/(?<=[.!?]["”]?) +(?=["“(]?\p{Lu})/u))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

/**
 * A sentence with figures as `#` and names as `@`: every capitalised word that does not begin the sentence is taken for
 * a name, and runs of names and figures collapse. What remains is the form of the sentence.
 */
export function sentenceSkeleton(sentence: string): string {
  return sentence
    .replace(/(?:\$|USD )?\d[\d,.]*\d?(?:bn|m|k|%)?/g, '#')
    .replace(/(?<!^)(?<!^["“(])\b\p{Lu}[\p{L}'’-]*/gu, '@')
    .replace(/@(?: @)+/g, '@');
}

export function corpusStatistics(documents: Iterable<Document>): CorpusStatistics {
  const genres: Record<string, number> = {};
  const lengths: number[] = [];
  const vocabulary = new Set<string>();
  const skeletons = new Set<string>();
  const grams = { 2: new Set<string>(), 3: new Set<string>(), 4: new Set<string>() };
  const gramCounts = { 2: 0, 3: 0, 4: 0 };
  let characters = 0;
  let words = 0;
  let sentences = 0;
  for (const { text, source } of documents) {
    genres[source] = (genres[source] ?? 0) + 1;
    characters += text.length;
    const tokens = wordsOf(text);
    words += tokens.length;
    lengths.push(tokens.length);
    for (const token of tokens) vocabulary.add(token);
    for (const n of [2, 3, 4] as const) {
      for (let i = 0; i + n <= tokens.length; i++) {
        grams[n].add(tokens.slice(i, i + n).join(' '));
        gramCounts[n]++;
      }
    }
    for (const sentence of sentencesOf(text)) {
      sentences++;
      skeletons.add(sentenceSkeleton(sentence));
    }
  }
  lengths.sort((a, b) => a - b);
  const ratio = (n: 2 | 3 | 4) => grams[n].size / Math.max(1, gramCounts[n]);
  return {
    documents: lengths.length,
    characters,
    words,
    genres,
    wordsPerDocument: {
      p5: quantile(lengths, 0.05),
      median: quantile(lengths, 0.5),
      p95: quantile(lengths, 0.95),
      max: lengths.at(-1) ?? 0,
    },
    vocabulary: vocabulary.size,
    typeTokenRatio: vocabulary.size / Math.max(1, words),
    distinct: { 2: ratio(2), 3: ratio(3), 4: ratio(4) },
    sentences,
    skeletons: skeletons.size,
  };
}

/** The value below which a share `p` of the ascending values lies; 0 of none. */
export function quantile(ascending: readonly number[], p: number): number {
  if (ascending.length === 0) return 0;
  return ascending[Math.min(ascending.length - 1, Math.floor(p * ascending.length))];
}
