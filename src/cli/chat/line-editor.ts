/**
 * Messages from a terminal: a line editor with history on `node:readline`, several lines where one ends with a backslash
 * or where they are pasted (bracketed paste, as xterm has it), and Ctrl-C as an event.
 */
import { createInterface, type Interface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { maximumEntries } from './history-file.ts';
import { KeyGate } from './key-gate.ts';
import { MessageDraft } from './message-draft.ts';

export type EditorEvent =
  | { readonly kind: 'message'; readonly text: string }
  /** Ctrl-C where nothing was written; elsewhere it only clears what was. */
  | { readonly kind: 'interrupt' }
  /** Ctrl-D, or the terminal has gone. */
  | { readonly kind: 'end' };

export interface LineEditorOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** Newest first. */
  readonly history: readonly string[];
  readonly prompts: { readonly first: string; readonly next: string };
  /** Ctrl-C between `next` and `next`. */
  readonly onInterrupt: () => void;
}

const bracketedPaste = { on: '\x1b[?2004h', off: '\x1b[?2004l' };

export class LineEditor {
  readonly #gate: KeyGate;
  readonly #output: WriteStream;
  readonly #readline: Interface;
  readonly #prompts: LineEditorOptions['prompts'];
  readonly #draft = new MessageDraft();
  readonly #events: EditorEvent[] = [];
  /** The line editor's own list. */
  #history: string[] = [];
  #isPasting = false;
  #isClosed = false;
  #wake: (() => void) | undefined;

  constructor({ input, output, history, prompts, onInterrupt }: LineEditorOptions) {
    this.#output = output;
    this.#prompts = prompts;
    this.#gate = new KeyGate(input, onInterrupt);
    this.#readline = createInterface({
      input: this.#gate,
      output,
      terminal: true,
      history: [...history],
      historySize: maximumEntries,
      removeHistoryDuplicates: true,
    });
    this.#gate.on('keypress', (_text, key: { readonly name?: string }) => {
      if (key.name === 'paste-start') this.#isPasting = true;
      if (key.name === 'paste-end') this.#isPasting = false;
    });
    this.#readline
      .on('history', (entries) => this.#onHistory(entries))
      .on('line', (line) => this.#onLine(line))
      .on('SIGINT', () => this.#onInterrupt())
      .on('close', () => this.#onClose());
    if (process.env.TERM !== 'dumb') output.write(bracketedPaste.on);
  }

  /** Asks for a message, unless one was entered already. */
  async next(): Promise<EditorEvent> {
    if (this.#events.length === 0) {
      this.#prompt();
      this.#gate.open();
    }
    while (this.#events.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#events.shift()!;
  }

  /** Gives the terminal back as it was. Once is enough. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#readline.close();
    this.#gate.detach();
    if (process.env.TERM !== 'dumb') this.#output.write(bracketedPaste.off);
  }

  #emit(event: EditorEvent): void {
    this.#gate.shut();
    this.#events.push(event);
    this.#wake?.();
  }

  #prompt(): void {
    this.#readline.setPrompt(this.#draft.isBegun ? this.#prompts.next : this.#prompts.first);
    this.#readline.prompt();
  }

  #onHistory(entries: string[]): void {
    this.#history = entries;
    // A message of several lines is one entry, made when it is whole.
    if (this.#draft.isBegun || this.#draft.continues(entries[0], this.#isPasting)) entries.shift();
  }

  #onLine(line: string): void {
    const isLast = this.#draft.isBegun;
    const text = this.#draft.add(line, this.#isPasting);
    if (text === undefined) {
      this.#prompt();
      return;
    }
    if (isLast && text.trim() !== '') this.#history.unshift(text);
    this.#emit({ kind: 'message', text });
  }

  #onClose(): void {
    // The prompt was waiting: what comes next begins a line.
    if (this.#gate.isOpen) this.#output.write('\n');
    this.#emit({ kind: 'end' });
  }

  #onInterrupt(): void {
    const isEmpty = this.#readline.line === '' && !this.#draft.isBegun;
    this.#draft.clear();
    this.#isPasting = false;
    this.#readline.write(null, { ctrl: true, name: 'e' });
    this.#readline.write(null, { ctrl: true, name: 'u' });
    this.#output.write('^C\n');
    if (isEmpty) this.#emit({ kind: 'interrupt' });
    else this.#prompt();
  }
}
