/** What is asked in the benchmark of evaluation: generated prose, cut to the lengths that evaluations have. */
import type { AnswerRequest, ContinuationRequest } from '../../src/eval/model/language-model.ts';
import { generateFinance } from '../../src/finworld/index.ts';
import type { Tokenizer } from '../../src/tokenizer/tokenizer.ts';

export interface Workload {
  readonly name: string;
  readonly questions: readonly ContinuationRequest[];
}

/** Of `length` tokens each, none beginning like another. */
function* passages(tokenizer: Tokenizer, length: number): Generator<string> {
  let ids: number[] = [];
  for (const { text } of generateFinance({ seed: 11, split: 'train', documents: 5000 })) {
    ids.push(...tokenizer.encode(text, { addSpecialTokens: false }));
    while (ids.length >= length) {
      yield tokenizer.decode(ids.slice(0, length)).trim();
      ids = ids.slice(length);
    }
  }
}

function take(source: Generator<string>, count: number): string[] {
  return Array.from({ length: count }, () => source.next().value as string);
}

export function workloads(tokenizer: Tokenizer): Workload[] {
  const letters = [' A', ' B', ' C', ' D'];
  const sentences = take(passages(tokenizer, 12), 200);
  const options = (i: number) => Array.from({ length: 4 }, (_, k) => ` ${sentences[(4 * i + k) % sentences.length]}`);
  const examples = take(passages(tokenizer, 120), 5).join('\n\n');
  return [
    {
      name: 'letters after 200 tokens',
      questions: take(passages(tokenizer, 200), 48).map((text) => ({
        prompt: `${text}\n\nAnswer:`,
        continuations: letters,
      })),
    },
    {
      name: 'four sentences after 800 tokens',
      questions: take(passages(tokenizer, 800), 12).map((text, i) => ({
        prompt: `${text}\n\nWhat follows?`,
        continuations: options(i),
      })),
    },
    {
      name: 'letters after five examples, 700 tokens',
      questions: take(passages(tokenizer, 80), 24).map((text) => ({
        prompt: `${examples}\n\n${text}\n\nAnswer:`,
        continuations: letters,
      })),
    },
  ];
}

/** Short answers to prompts of about 60 tokens. */
export const answerRequests = (tokenizer: Tokenizer, count: number): AnswerRequest[] =>
  take(passages(tokenizer, 60), count).map((prompt) => ({ prompt, maxTokens: 32 }));
