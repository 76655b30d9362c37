/** Measurements as a report tells them. */
import { bitsPerByte, type DocumentScore, relativeChange } from '../../eval/bits-per-byte.ts';
import type { MeasuredSet } from '../summary.ts';

/** Scores of every document, by set. */
export type Scores = ReadonlyMap<string, readonly DocumentScore[]>;

interface SummaryOptions {
  readonly confidence: number;
  readonly seed: number;
}

/** Totals of every set and source, with what changed since the base. */
export function summarise(scores: Scores, base: Scores | undefined, options: SummaryOptions): MeasuredSet[] {
  return [...scores].map(([name, documents]) => {
    const before = base?.get(name);
    const of = (source: string) => (score: DocumentScore) => score.source === source;
    const change = (keep: (score: DocumentScore) => boolean) =>
      before && { change: relativeChange(before.filter(keep), documents.filter(keep), options) };
    const { sources, ...total } = bitsPerByte(name, documents, options);
    return {
      ...total,
      ...change(() => true),
      sources: sources.map((source) => ({ ...source, ...change(of(source.name)) })),
    };
  });
}
