/** A message while it is typed or pasted, line by line. */

export class MessageDraft {
  #lines: string[] = [];

  /** Whether lines of a message wait for the rest. */
  get isBegun(): boolean {
    return this.#lines.length > 0;
  }

  /** Whether a line is not the last of its message. */
  continues(line: string, isPasting: boolean): boolean {
    return isPasting || line.endsWith('\\');
  }

  /**
   * Takes a line as it was entered: one that ends with a backslash, or that is pasted, is not the last.
   * @returns the message that it completes, if it does
   */
  add(line: string, isPasting = false): string | undefined {
    if (this.continues(line, isPasting)) {
      this.#lines.push(isPasting ? line : line.slice(0, -1));
      return undefined;
    }
    const message = [...this.#lines, line].join('\n');
    this.#lines = [];
    return message;
  }

  clear(): void {
    this.#lines = [];
  }
}
