/** What the engine puts into a text for a tool. */

import { wellFormed } from '../../tokenizer/well-formed.ts';
import { type DecodingTool, ToolError, type ToolMatch } from './decoding-tool.ts';

const MAX_ANSWER = 1 << 16;
const MAX_MESSAGE = 200;

/** A part of an insertion, in the form of the spans of a chat: control tokens are only written by a template. */
interface InsertedSpan {
  readonly text: string;
  readonly source: 'template' | 'content';
  /** The model did not say it and is never trained to say it. */
  readonly trained: false;
}

export interface ToolInsertion {
  readonly tool: string;
  readonly text: string;
  /** `text` in parts to be encoded one by one. */
  readonly spans: readonly InsertedSpan[];
  /** What the tool threw, where the answer is an error. */
  readonly error?: unknown;
}

/**
 * Runs a tool for at most `timeLimit` milliseconds. Its failure is an answer too, `[error: ...]` in place of what it
 * would have returned: the message of a `ToolError` in one line of at most 200 characters, or that the tool failed,
 * took too long, or said too much (more than 65,536 UTF-16 units). Rejects only when `signal` is aborted, with its
 * reason.
 */
export async function runTool(
  tool: DecodingTool,
  match: ToolMatch,
  { signal, timeLimit }: { readonly signal: AbortSignal; readonly timeLimit: number },
): Promise<ToolInsertion> {
  signal.throwIfAborted();
  try {
    return insertion(tool, checkedAnswer(await answerInTime(tool, match, signal, timeLimit)));
  } catch (error) {
    signal.throwIfAborted();
    return failedInsertion(tool, error);
  }
}

export function failedInsertion(tool: DecodingTool, error: unknown): ToolInsertion {
  const message = error instanceof ToolError ? error.message : 'the tool failed';
  const line = message.slice(0, MAX_MESSAGE).replace(/[\p{C}\s]+/gu, ' ');
  return { ...insertion(tool, `[error: ${line.trim()}]`), error };
}

function insertion({ name, frame = {} }: DecodingTool, answer: string): ToolInsertion {
  const { before = '', after = '', hasControlTokens = false } = frame;
  const text = before + answer + after;
  const span = (part: string, source: InsertedSpan['source']): InsertedSpan => ({ text: part, source, trained: false });
  const spans = hasControlTokens
    ? [span(before, 'template'), span(answer, 'content'), span(after, 'template')]
    : [span(text, 'content')];
  return { tool: name, text, spans: spans.filter((each) => each.text !== '') };
}

/** Tools are written by others: what they return is looked at. */
function checkedAnswer(answer: unknown): string {
  if (typeof answer !== 'string') throw new TypeError('A tool must answer with a string.');
  if (answer.length > MAX_ANSWER) throw new ToolError('the answer is too long');
  return wellFormed(answer);
}

/** The answer, or a rejection as soon as the caller or the clock ends the wait, even if the tool goes on. */
async function answerInTime(
  tool: DecodingTool,
  match: ToolMatch,
  signal: AbortSignal,
  timeLimit: number,
): Promise<unknown> {
  const wait = new AbortController();
  const stop = (): void => wait.abort(signal.reason);
  const timer = setTimeout(() => wait.abort(new ToolError('the tool took too long')), timeLimit);
  signal.addEventListener('abort', stop);
  try {
    const ended = new Promise<never>((_, reject) => {
      wait.signal.addEventListener('abort', () => reject(wait.signal.reason));
    });
    return await Promise.race([Promise.resolve(tool.run(match, wait.signal)), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
