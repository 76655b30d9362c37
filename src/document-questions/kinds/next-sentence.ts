/** Which of four sentences of a document comes next. */
import type { Draft } from '../question.ts';
import type { Reading } from '../reading.ts';

/** Shown before the one that is asked for. */
const SHOWN = 2;
/** Wrong options are of about the same length: neither the longest nor the shortest gives itself away. */
const MAX_RATIO = 1.6;
/** Longer ones make prompts of which the options are the most. */
const MAX_CHARACTERS = 220;

export function* draftNextSentences({ paragraphs }: Reading): Generator<Draft> {
  const sentences = paragraphs.flat().filter(({ length }) => length <= MAX_CHARACTERS);
  for (const paragraph of paragraphs) {
    // Steps of what is shown and asked, so that no sentence is in two questions.
    for (let at = 0; at + SHOWN < paragraph.length; at += SHOWN + 1) {
      const passage = paragraph.slice(at, at + SHOWN).join(' ');
      const answer = paragraph[at + SHOWN];
      if (answer.length > MAX_CHARACTERS) continue;
      const fits = (option: string) => !paragraph.includes(option) && isLike(option.length, answer.length);
      const others = { from: [sentences], fits, alsoElsewhere: false };
      yield { kind: 'next_sentence', core: `${passage} ${answer}`, passage, subject: '', answer, others };
    }
  }
}

const isLike = (a: number, b: number): boolean => Math.max(a, b) <= MAX_RATIO * Math.min(a, b);
