/** A text that was rewritten, and where each of its characters was before. */

import type { Span } from '../reading.ts';

export interface Edit extends Span {
  readonly by: string;
}

export class MappedText {
  readonly text: string;
  /** Of each character: the part of the raw text that it stands for. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  private constructor(text: string, starts: Int32Array, ends: Int32Array) {
    this.text = text;
    this.#starts = starts;
    this.#ends = ends;
  }

  static of(raw: string): MappedText {
    const starts = Int32Array.from({ length: raw.length }, (_, index) => index);
    return new MappedText(
      raw,
      starts,
      starts.map((start) => start + 1),
    );
  }

  replace(pattern: RegExp, by: (match: RegExpExecArray) => string): MappedText {
    return this.edit(
      Array.from(this.text.matchAll(pattern), (match) => ({
        start: match.index,
        end: match.index + match[0].length,
        by: by(match),
      })),
    );
  }

  /** Other marks around a content that stays as it is: `pattern` has groups for the mark before, the content, the mark behind. */
  rewrap(pattern: RegExp, before: string, behind: string): MappedText {
    const edits = Array.from(this.text.matchAll(pattern), ({ index, 0: whole, 1: opening, 3: closing }) => {
      const end = index + whole.length;
      return [
        { start: index, end: index + opening.length, by: before },
        { start: end - closing.length, end, by: behind },
      ];
    });
    return this.edit(edits.flat());
  }

  /** `edits` in order, without overlaps. */
  edit(edits: readonly Edit[]): MappedText {
    if (edits.length === 0) return this;
    const growth = edits.reduce((sum, { start, end, by }) => sum + by.length - (end - start), 0);
    const length = this.text.length + growth;
    const [starts, ends] = [new Int32Array(length), new Int32Array(length)];
    const pieces: string[] = [];
    let [read, written] = [0, 0];
    const keep = (end: number): void => {
      pieces.push(this.text.slice(read, end));
      starts.set(this.#starts.subarray(read, end), written);
      ends.set(this.#ends.subarray(read, end), written);
      written += end - read;
    };
    for (const { start, end, by } of edits) {
      keep(start);
      const [from, to] = this.#rawSpan(start, end);
      starts.fill(from, written, written + by.length);
      ends.fill(to, written, written + by.length);
      pieces.push(by);
      written += by.length;
      read = end;
    }
    keep(this.text.length);
    return new MappedText(pieces.join(''), starts, ends);
  }

  /** Where a part of the text, not empty, was in the raw text. */
  span(start: number, end: number): Span {
    const [from, to] = this.#rawSpan(start, end);
    return { start: from, end: to };
  }

  #rawSpan(start: number, end: number): [number, number] {
    if (start < end) return [this.#starts[start], this.#ends[end - 1]];
    const at = start < this.text.length ? this.#starts[start] : (this.#ends[start - 1] ?? 0);
    return [at, at];
  }
}
