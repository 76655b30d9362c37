/** What a document says that something is: in its glossary, and in sentences that have the form of a definition. */
import type { Outline } from './text/outline.ts';
import { isFunctionWord, stemsOf, wordsOf } from './text/words.ts';

export interface Definition {
  /** As the document writes it within a sentence, without an article. */
  readonly term: string;
  readonly definition: string;
  /** Where a sentence says it; undefined for an entry of the glossary. */
  readonly place?: Place;
}

interface Place {
  readonly paragraph: readonly string[];
  /** Of the sentence in the paragraph. */
  readonly sentence: number;
}

const WORD = String.raw`[\p{L}\d][\p{L}\d’'-]*`;
const TERM = String.raw`(?<term>${WORD}(?: ${WORD}){0,3})(?: \((?:\p{Lu}[\p{L}-]{1,7}|also [^)]{1,60})\))?`;
const ADVERB = String.raw`(?:\p{L}+ly |often |also )?`;

/** Says how a thing compares, and not what it is. */
const RANK = String.raw`(?:most|least|first|second|third|last|next|only|best|main|key|one|ones|common|good|\p{L}+est)\b`;

/** The strictest first. That something was a thing once, or that the thing meant before is one, defines nothing. */
const FORMS: readonly RegExp[] = [
  String.raw`^(?:An? |The )?${TERM},? (?:refers? to|means|(?:is|are) ${ADVERB}(?:defined as|the (?:name|term) for)) (?<definition>.+)\.$`,
  String.raw`^(?<definition>(?:An?|The|Any) .+?),? (?:is|are) ${ADVERB}(?:called|termed|known as|referred to as) (?:an? |the )?${TERM}\.$`,
  String.raw`^(?:An? )?${TERM} (?:is|are) (?<definition>(?:an?|the|any) (?!${RANK}).+)\.$`,
].map((form) => new RegExp(form, 'u'));

/** Sentence by sentence, after the glossary; a term and its definition have no meaningful word in common. */
export function definitionsOf({ glossary, sections }: Outline): readonly Definition[] {
  const found: Definition[] = glossary.map(({ term, definition }) => ({ term, definition: asPart(definition) }));
  const paragraphs = sections.flatMap((section) => section.paragraphs);
  const words = new Set(wordsOf(paragraphs.flat().join(' ')));
  for (const paragraph of paragraphs) {
    for (const [sentence, text] of paragraph.entries()) {
      const groups = FORMS.map((form) => form.exec(text)?.groups).find(
        (match) => match !== undefined && isTerm(match.term),
      );
      if (groups === undefined) continue;
      const { term, definition } = groups;
      const isFirst = text.startsWith(term);
      found.push({
        term: isFirst ? asInside(term, words) : term,
        definition: asPart(definition),
        place: { paragraph, sentence },
      });
    }
  }
  return found.filter(isAskable);
}

/** The first word of a sentence has a capital; whether it has one elsewhere, the rest of the document says. */
function asInside(term: string, words: ReadonlySet<string>): string {
  const [first] = wordsOf(term);
  const small = first[0].toLowerCase() + first.slice(1);
  return words.has(small) ? small + term.slice(first.length) : term;
}

/** As it stands within a sentence. */
function asPart(definition: string): string {
  const whole = definition.replace(/[.;]$/, '').replace(/^\([^)]*\) /, '');
  return whole.replace(/^(?:An?|The|Any)(?= )/, (article) => article.toLowerCase());
}

const INSIDE = new Set(['of', 'and', 'in', 'to', 'for', 'the', 'by']);
/** Begin a sentence about something that was named before, or about nothing at all. */
const NO_TERM = new Set(
  `example examples one way ways reason result results goal purpose point idea key difference problem question answer
   first second third today yesterday people someone something everything nothing everyone anyone fact part step
   following former latter thing things including perhaps said says`.split(/\s+/),
);

function isTerm(text: string): boolean {
  const words = wordsOf(text);
  const ends = [words[0], words.at(-1) ?? ''];
  return (
    words.every((word) => !isFunctionWord(word) || INSIDE.has(word)) &&
    ends.every((word) => !isFunctionWord(word) && !NO_TERM.has(word.toLowerCase())) &&
    /\p{L}{3}/u.test(text)
  );
}

const MIN_WORDS = 4;
const MAX_CHARACTERS = 300;
/** Speaks of something that stands elsewhere. */
const POINTS_ELSEWHERE =
  /\b(?:this|these|those|above|below|following|here|former|latter|same|such|he|she|figure|chapter)\b/i;

function isAskable({ term, definition }: Definition): boolean {
  if (definition.length > MAX_CHARACTERS || wordsOf(definition).length < MIN_WORDS) return false;
  if (POINTS_ELSEWHERE.test(definition)) return false;
  const said = stemsOf(definition);
  return [...stemsOf(term)].every((word) => !said.has(word));
}
