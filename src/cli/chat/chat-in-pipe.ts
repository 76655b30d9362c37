/** The chat without a person: each line of the input is a message, each answer a text on stdout, and nothing else. */
import { InputError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';
import type { ChatSession } from './chat-session.ts';

/** Longer than any context; a line is held in memory. */
const maximumLineBytes = 2 ** 24;

/** @throws InputError for the first line that cannot be answered */
export async function chatInPipe(
  session: ChatSession,
  terminal: Terminal,
  input: AsyncIterable<Buffer>,
): Promise<void> {
  for await (const line of linesOf(input)) {
    terminal.signal.throwIfAborted();
    if (line.trim() !== '') await session.ask(line, terminal.signal);
  }
}

/** Lines of UTF-8 without their ends. */
export async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  let number = 1;
  const line = (): string => {
    const bytes = Buffer.concat(parts);
    parts = [];
    length = 0;
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r$/, '');
    } catch {
      throw refuse(number, 'bytes that are not UTF-8', 'UTF-8 text');
    }
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', start)) {
      parts.push(chunk.subarray(start, end));
      yield line();
      number++;
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > maximumLineBytes) throw refuse(number, `more than ${maximumLineBytes} bytes`, 'a shorter line');
  }
  if (length > 0) yield line();
}

function refuse(line: number, found: string, expected: string): InputError {
  const fix = 'Give one message on each line.';
  return new InputError({ field: `standard input, line ${line}`, found, expected, fix });
}
