/**
 * ROUGE (Lin 2004): how much of a reference an answer repeats, in n-grams (1, 2), in the longest common subsequence (L), and
 * in the union of those of each reference sentence with all sentences of the answer (Lsum; sentences are lines). Numbers are
 * those of Google's rouge-score without stemming; Chinese and Japanese characters, which it drops, count as tokens.
 */
import { countTokens, rougeTokens, sharedCount } from './answer-tokens.ts';
import { lcsLength, lcsPlaces } from './longest-common-subsequence.ts';

interface RougeScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export interface Rouge {
  readonly rouge1: RougeScore;
  readonly rouge2: RougeScore;
  readonly rougeL: RougeScore;
  readonly rougeLsum: RougeScore;
}

/** Tokens of either text that are compared: subsequences cost their product. What follows is left out. */
const mostTokens = 8192;

/** Of several references, for each kind the scores with the one of the largest F1, the first among equals. */
export function rouge(prediction: string, references: readonly string[]): Rouge {
  if (references.length === 0) throw new Error('ROUGE needs a reference');
  const candidate = prepared(prediction);
  const all = references.map((reference) => rougeOfOne(candidate, prepared(reference)));
  const best = (kind: keyof Rouge) =>
    all.map((scores) => scores[kind]).reduce((one, other) => (other.f1 > one.f1 ? other : one));
  return { rouge1: best('rouge1'), rouge2: best('rouge2'), rougeL: best('rougeL'), rougeLsum: best('rougeLsum') };
}

interface Prepared {
  readonly tokens: readonly string[];
  readonly sentences: readonly (readonly string[])[];
}

function prepared(text: string): Prepared {
  let left = mostTokens;
  const sentences: string[][] = [];
  for (const line of text.split('\n')) {
    const tokens = rougeTokens(line).slice(0, left);
    left -= tokens.length;
    if (tokens.length > 0) sentences.push(tokens);
  }
  return { tokens: sentences.flat(), sentences };
}

function rougeOfOne(candidate: Prepared, reference: Prepared): Rouge {
  const sizes = [candidate.tokens.length, reference.tokens.length] as const;
  return {
    rouge1: ngramScore(candidate.tokens, reference.tokens, 1),
    rouge2: ngramScore(candidate.tokens, reference.tokens, 2),
    rougeL: score(lcsLength(reference.tokens, candidate.tokens), ...sizes),
    rougeLsum: score(summaryHits(candidate, reference), ...sizes),
  };
}

function ngramScore(candidate: readonly string[], reference: readonly string[], n: number): RougeScore {
  const hits = sharedCount(countTokens(ngrams(candidate, n)), countTokens(ngrams(reference, n)));
  return score(hits, Math.max(candidate.length - n + 1, 0), Math.max(reference.length - n + 1, 0));
}

function ngrams(tokens: readonly string[], n: number): string[] {
  return Array.from({ length: Math.max(tokens.length - n + 1, 0) }, (_, i) => tokens.slice(i, i + n).join(' '));
}

/** Tokens of the reference in any of the subsequences, none more often than the answer has it. */
function summaryHits(candidate: Prepared, reference: Prepared): number {
  const available = countTokens(candidate.tokens);
  let hits = 0;
  for (const sentence of reference.sentences) {
    const union = new Set(candidate.sentences.flatMap((other) => lcsPlaces(sentence, other)));
    for (const place of union) {
      const left = available.get(sentence[place]) ?? 0;
      if (left === 0) continue;
      available.set(sentence[place], left - 1);
      hits++;
    }
  }
  return hits;
}

function score(hits: number, candidate: number, reference: number): RougeScore {
  const precision = hits / Math.max(candidate, 1);
  const recall = hits / Math.max(reference, 1);
  return { precision, recall, f1: hits === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}
