/** Which of four terms a definition is of; nothing else is shown, so that it asks for knowledge. */
import type { Draft } from '../question.ts';
import type { Reading } from '../reading.ts';
import { areAlike } from '../text/words.ts';

export function* draftTerms({ definitions }: Reading): Generator<Draft> {
  const terms = definitions.map(({ term }) => term);
  for (const { term: answer, definition } of definitions) {
    const fits = (option: string) => !areAlike(option, answer) && !areAlike(option, definition);
    const others = { from: [terms], fits, alsoElsewhere: true };
    yield { kind: 'term', core: definition, passage: '', subject: definition, answer, others };
  }
}
