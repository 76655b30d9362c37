/** The chat as a person has it: a prompt, answers as they come, commands, Ctrl-C that stops an answer and not the chat. */

import { join } from 'node:path';
import type { ReadStream, WriteStream } from 'node:tty';
import { cacheFolder } from '../../files/cache-folder.ts';
import { reportError } from '../report-error.ts';
import type { Terminal } from '../terminal.ts';
import type { ChatSession } from './chat-session.ts';
import { HistoryFile } from './history-file.ts';
import { LineEditor } from './line-editor.ts';
import { parseInput } from './slash-command.ts';

/** The exit code of what is no mistake of the user's: then the chat ends. */
const internalFault = 1;

export interface TerminalStreams {
  readonly input: ReadStream;
  readonly output: WriteStream;
}

export async function chatInTerminal(
  session: ChatSession,
  terminal: Terminal,
  { input, output }: TerminalStreams,
): Promise<void> {
  const { style, signal } = terminal;
  const history = new HistoryFile(join(cacheFolder('chat'), 'history.jsonl'), ({ message }) =>
    terminal.talk(`the history of messages is not kept: ${message}`),
  );
  let stop = new AbortController();
  const editor = new LineEditor({
    input,
    output,
    history: await history.read(),
    prompts: { first: style.bold('> '), next: style.dim('. ') },
    onInterrupt: () => stop.abort(),
  });
  const leave = () => editor.close();
  signal.addEventListener('abort', leave, { once: true });
  let wasWarned = false;
  try {
    for (;;) {
      const event = await editor.next();
      signal.throwIfAborted();
      if (event.kind === 'end') return;
      if (event.kind === 'interrupt') {
        if (wasWarned) return;
        wasWarned = true;
        terminal.talk('Ctrl-C once more leaves, as do Ctrl-D and /quit');
        continue;
      }
      wasWarned = false;
      if (event.text.trim() === '') continue;
      await history.add(event.text);
      stop = new AbortController();
      try {
        const said = parseInput(event.text);
        if (said.kind === 'message') await session.ask(said.text, stop.signal);
        else if (!(await session.run(said, stop.signal))) return;
      } catch (error) {
        signal.throwIfAborted();
        if (reportError(error).exitCode === internalFault) throw error;
        terminal.complain((colors) => reportError(error, colors).text ?? '');
      }
    }
  } finally {
    signal.removeEventListener('abort', leave);
    editor.close();
  }
}
