/** Which of four headings a passage stands under. */
import { passageAround } from '../passage.ts';
import type { Draft } from '../question.ts';
import type { Reading } from '../reading.ts';
import { isFunctionWord, stemsOf, wordsOf } from '../text/words.ts';

/** Of the words of a heading, so many are in the text below it; of a wrong option, fewer. */
const LEAST_SHARED = 0.5;

export function* draftTitles({ sections }: Reading): Generator<Draft> {
  const headings = sections.flatMap(({ heading }) => heading ?? []).filter(saysWhatItIsAbout);
  for (const { heading: answer, paragraphs } of sections) {
    const passage = passageAround(paragraphs[0], 0);
    if (answer === undefined || passage === undefined || !saysWhatItIsAbout(answer)) continue;
    const said = stemsOf(passage.text);
    const shared = sharedWith(said, answer);
    if (shared < LEAST_SHARED) continue;
    const fits = (option: string) => sharedWith(said, option) < Math.min(shared, LEAST_SHARED);
    const others = { from: [headings], fits, alsoElsewhere: true };
    yield { kind: 'title', core: passage.text, passage: passage.text, subject: '', answer, others };
  }
}

/** Parts that any book has. */
const PARTS = new Set(
  `appendix application applications bibliography chapter conclusion conclusions contents critical exercise exercises
   footnotes further glossary introduction key learning notes objectives outcomes overview personal preface problems
   question questions reading readings reference references resources review section suggested summary takeaways terms
   thinking`.split(/\s+/),
);

const saysWhatItIsAbout = (heading: string): boolean =>
  wordsOf(heading).some((word) => !PARTS.has(word.toLowerCase()) && !isFunctionWord(word) && /\p{L}/u.test(word));

/** Share of a heading's words that are among these; those of a heading without any say nothing. */
function sharedWith(stems: ReadonlySet<string>, heading: string): number {
  const words = [...stemsOf(heading)];
  return words.length === 0 ? 0 : words.filter((word) => stems.has(word)).length / words.length;
}
