/**
 * What a tool wrote into an answer: `180]` of `[Calculator(12% * 1,500)->180]`. The engine inserts it while a model answers
 * (`generate/tools/`), so a model is trained to call and to go on, and never to guess what the tool will say
 * (SNFinLLM, arXiv:2408.02302).
 */
import type { ChatSpan } from '../../tokenizer/chat/render-chat.ts';

/** How calls of a tool are written: `open`, the call, `close`, the tool's answer, `after`. */
export interface ToolMarks {
  readonly open: string;
  readonly close: string;
  readonly after: string;
}

/**
 * Spans in which the insertions are spans of their own that are not learnt. Spans are encoded one by one, so the tokens
 * are those that the model has before it when the tool writes. What follows `close` without a line break and without
 * `after` behind it is no insertion.
 */
export function untrainInsertions(spans: readonly ChatSpan[], marks: readonly ToolMarks[]): readonly ChatSpan[] {
  return marks.reduce<readonly ChatSpan[]>(
    (parts, mark) => parts.flatMap((part) => (isAnswer(part) ? splitAtInsertions(part, mark) : [part])),
    spans,
  );
}

const isAnswer = ({ source, trained }: ChatSpan): boolean => source === 'content' && trained;

function splitAtInsertions(span: ChatSpan, { open, close, after }: ToolMarks): readonly ChatSpan[] {
  const { text } = span;
  const parts: ChatSpan[] = [];
  let copied = 0;
  for (let call = text.indexOf(open); call >= 0; call = text.indexOf(open, copied)) {
    const closed = text.indexOf(close, call + open.length);
    if (closed < 0) break;
    const start = closed + close.length;
    const end = endOfInsertion(text, start, after);
    if (end === undefined) {
      parts.push({ ...span, text: text.slice(copied, start) });
      copied = start;
      continue;
    }
    parts.push({ ...span, text: text.slice(copied, start) }, { ...span, text: text.slice(start, end), trained: false });
    copied = end;
  }
  return [...parts, { ...span, text: text.slice(copied) }].filter((part) => part.text !== '');
}

/** The place behind `after`, on the same line; errors in brackets of their own, `[error: ...]`, are part of it. */
function endOfInsertion(text: string, start: number, after: string): number | undefined {
  const line = text.indexOf('\n', start);
  const isError = text.startsWith('[', start);
  const inner = isError ? text.indexOf(']', start) + 1 : start;
  const found = text.indexOf(after, inner);
  return found < 0 || inner < start || (line >= 0 && found >= line) ? undefined : found + after.length;
}
