/** Questions of the synthetic finance world: `dataset_name` says which, the split whose companies they are about. */
import { UsageError } from '../../../errors.ts';
import { generateQuestions } from '../../../finworld/questions/generate-questions.ts';
import { questionKinds } from '../../../finworld/questions/question.ts';
import { nearest } from '../../../yaml/near-miss.ts';
import type { Document, Task } from '../task.ts';

const SPLITS = ['train', 'heldout'] as const;
const QUESTIONS = 500;

/** @throws UsageError for a kind or a split that the world does not have. */
export function finworldSplit({ config, file }: Task, split: string): readonly Document[] {
  const { documents: questions = QUESTIONS, seed = 1 } = config.dataset_kwargs;
  const kind = chosen(questionKinds, config.dataset_name ?? '', `${file}: dataset_name`);
  const part = chosen(SPLITS, split, `${file}: split`);
  return generateQuestions({ kind, seed, split: part, questions }).map((question) => ({ ...question }));
}

function chosen<T extends string>(known: readonly T[], name: string, field: string): T {
  const found = known.find((one) => one === name);
  if (found !== undefined) return found;
  const meant = nearest(name, known);
  throw new UsageError({
    field,
    found: JSON.stringify(name),
    expected: `one of ${known.join(', ')}`,
    fix: meant === undefined ? 'Choose one of these.' : `Did you mean "${meant}"?`,
  });
}
