/** Which term a definition is of: what the lessons of the finance world teach, asked in words of the definition alone. */
import { stream } from '../../../random/stream.ts';
import { concepts } from '../../finance/concept-lesson.ts';
import { Writer } from '../../grammar/writer.ts';
import type { Split } from '../../split.ts';
import { type Question, wordAnswer } from '../question.ts';

const CHOICES = 4;

/** A concept's first wording is for training and examples, the others are for questions. */
function definitions(split: Split): readonly { readonly term: string; readonly definition: string }[] {
  return concepts.flatMap(({ term, definitions: [first, ...others] }) =>
    (split === 'train' ? [first] : others).map((definition) => ({ term, definition })),
  );
}

/** How many there are of a split. */
export function factCount(split: Split): number {
  return definitions(split).length;
}

export function factQuestion(seed: number, split: Split, index: number): Question {
  const all = definitions(split);
  const { term, definition } =
    all[stream(seed, 'finworld', 'questions', 'facts', split).permutation(all.length)[index]];
  const writer = new Writer(stream(seed, 'finworld', 'questions', 'facts', split, index));
  const others = concepts.map((concept) => concept.term).filter((other) => other !== term);
  const options = writer.sample([term, ...writer.sample(others, CHOICES - 1)], CHOICES);
  const question = writer.phrase(['Which term means <definition>?', 'What is the name for <definition>?'], {
    definition,
  });
  return {
    id: `facts/${split}/${index}`,
    kind: 'facts',
    split,
    language: 'en',
    company: '',
    context: '',
    question,
    earlier: [],
    prompt: `Question: ${question}\nAnswer:`,
    reply: term,
    answer: wordAnswer(term),
    steps: [],
    options,
    gold: options.indexOf(term),
    topic: term,
    wording: split === 'train' ? 'common' : 'heldout',
    declines: false,
    facts: [],
    instruction_id_list: [],
    kwargs: [],
  };
}
