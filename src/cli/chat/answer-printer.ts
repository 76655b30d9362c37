/**
 * Answers on stdout while they are written, one after the other: the first as it comes, those drawn beside it when
 * their turn has come. A terminal gets no control characters; a file or a pipe gets the text as it is.
 */
import type { GenerationEvent } from '../../generate/request.ts';
import type { Terminal } from '../terminal.ts';
import { shownText } from './shown-text.ts';

export class AnswerPrinter {
  readonly #terminal: Terminal;
  readonly #answers: number;
  /** Text of answers whose turn has not come, by index. */
  readonly #held: string[];
  readonly #ended: boolean[];
  #turn = -1;
  #column = 0;

  constructor(terminal: Terminal, { answers }: { readonly answers: number }) {
    this.#terminal = terminal;
    this.#answers = answers;
    this.#held = new Array(answers).fill('');
    this.#ended = new Array(answers).fill(false);
  }

  /** Text that all answers go on from. */
  async begin(prompt: string): Promise<void> {
    await this.#write(prompt);
    if (this.#answers > 1) await this.#endLine();
  }

  async add({ index, text, finishReason }: GenerationEvent): Promise<void> {
    if (this.#turn < 0) await this.#nextTurn();
    if (finishReason) this.#ended[index] = true;
    if (index === this.#turn) await this.#write(text);
    else this.#held[index] += text;
    while (this.#ended[this.#turn] && this.#turn + 1 < this.#answers) await this.#nextTurn();
  }

  async finish(): Promise<void> {
    await this.#endLine();
  }

  /** No more is to come: a terminal's next line begins at its beginning. */
  breakOff(): void {
    if (this.#column > 0 && this.#isTerminal) this.#terminal.complain(() => '');
  }

  get #isTerminal(): boolean {
    return Number.isFinite(this.#terminal.columns);
  }

  async #nextTurn(): Promise<void> {
    const { style } = this.#terminal;
    this.#turn++;
    if (this.#answers > 1) {
      if (this.#turn > 0) await this.#endLine();
      await this.#write(style.dim(`--- ${this.#turn + 1} of ${this.#answers}`), { ours: true });
      await this.#endLine();
    }
    await this.#write(this.#held[this.#turn]);
  }

  async #endLine(): Promise<void> {
    await this.#write('\n');
  }

  async #write(text: string, { ours = false } = {}): Promise<void> {
    if (text === '') return;
    await this.#terminal.write(this.#isTerminal && !ours ? shownText(text) : text);
    this.#column = text.endsWith('\n') ? 0 : 1;
  }
}
