/** What an assistant replies. */
import type { Answer } from './question.ts';
import { type Step, writtenStep } from './step.ts';

/** The worked steps, one on each line, then the answer on the last. */
export function workedReply(steps: readonly Step[], { text }: Answer): string {
  return [...steps.map(writtenStep), `Answer: ${text}`].join('\n');
}
