/**
 * A sentence of the passage that is shown, with a gap: a figure or a name or term. Wrong options are of the same sort, from
 * the passage where it has some, so that the sentence has to be found; how often each stands there gives nothing away.
 */
import { type Passage, passageAround } from '../passage.ts';
import type { Draft } from '../question.ts';
import type { Reading } from '../reading.ts';

export const GAP = '____';

export function* draftClozes({ paragraphs, definitions }: Reading): Generator<Draft> {
  const passages = paragraphs.flatMap((paragraph) => passageAround(paragraph, 0) ?? []);
  const terms = new Set(definitions.map(({ term }) => term));
  const spansOf = ({ text }: Passage) => [...findSpans(text, terms)];
  const spans = passages.map(spansOf);
  const bySort = textsBySort(spans.flat());
  for (const [place, passage] of passages.entries()) {
    const near = textsBySort(spans[place]);
    for (const sentence of passage.sentences) {
      for (const { sort, text: answer } of findSpans(sentence, terms)) {
        if (sentence.split(answer).length !== 2) continue;
        const subject = sentence.replace(answer, () => GAP);
        const fits = (option: string) =>
          !answer.includes(option) && !option.includes(answer) && !subject.includes(option);
        const others = { from: [near.get(sort) ?? [], bySort.get(sort) ?? []], fits, alsoElsewhere: false };
        yield { kind: 'cloze', core: sentence, passage: passage.text, subject, answer, others };
      }
    }
  }
}

type Sort = 'year' | 'percent' | 'money' | 'figure' | 'name' | 'term';

interface Span {
  readonly sort: Sort;
  readonly text: string;
}

const FIGURE =
  /(?<![\p{L}\d.,$€£-])[$€£]?\d+(?:,\d{3})*(?:\.\d+)?(?:%| percent\b| (?:million|billion|trillion|thousand)\b)?(?![\p{L}\d/]|[.,-]\d)/gu;
/** Not at the beginning of a sentence, where a capital says nothing. */
const NAME = /(?<=[\p{Ll}\d,] )\p{Lu}[\p{L}’-]{2,}(?: \p{Lu}[\p{L}’-]+){0,3}(?![\p{L}’-])/gu;

function* findSpans(text: string, terms: ReadonlySet<string>): Generator<Span> {
  for (const [figure] of text.matchAll(FIGURE)) yield { sort: sortOf(figure), text: figure };
  for (const [name] of text.matchAll(NAME)) yield { sort: 'name', text: name.replace(/[’']s?$/, '') };
  for (const term of terms) if (holds(text, term)) yield { sort: 'term', text: term };
}

function sortOf(figure: string): Sort {
  if (/^(?:1\d|20)\d\d$/.test(figure)) return 'year';
  if (/^[$€£]/.test(figure)) return 'money';
  return /%|percent/.test(figure) ? 'percent' : 'figure';
}

/** As a word of its own. */
function holds(text: string, term: string): boolean {
  const at = text.indexOf(term);
  return at >= 0 && !/\p{L}/u.test(text[at - 1] ?? '') && !/[\p{L}\d]/u.test(text[at + term.length] ?? '');
}

function textsBySort(spans: readonly Span[]): ReadonlyMap<Sort, readonly string[]> {
  const texts = new Map<Sort, Set<string>>();
  for (const { sort, text } of spans) texts.set(sort, (texts.get(sort) ?? new Set()).add(text));
  return new Map([...texts].map(([sort, distinct]) => [sort, [...distinct]]));
}
