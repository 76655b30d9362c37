/** Which term a passage explains, in the words of the passage. */
import { passageAround } from '../passage.ts';
import type { Draft } from '../question.ts';
import type { Reading } from '../reading.ts';

export function* draftDefinedTerms({ definitions }: Reading): Generator<Draft> {
  for (const { term, definition, place } of definitions) {
    const passage = place && passageAround(place.paragraph, place.sentence);
    if (passage === undefined) continue;
    yield { kind: 'defined_term', core: definition, passage: passage.text, subject: definition, answer: term };
  }
}
