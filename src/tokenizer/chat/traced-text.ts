/** Text that remembers where each part of it came from. */

/** Text of the template itself, or text that was given to it. */
export type Source = TemplateSource | ContentSource;

interface TemplateSource {
  readonly kind: 'template';
}

export interface ContentSource {
  readonly kind: 'content';
  /** The message it was given in; `elsewhere` for tools, documents and variables; undefined if nobody knows. */
  readonly message: number | 'elsewhere' | undefined;
  /** Whether it is the text that `continueFinalMessage` continues. */
  readonly continued: boolean;
}

export const TEMPLATE: TemplateSource = { kind: 'template' };
export const ELSEWHERE: ContentSource = { kind: 'content', message: 'elsewhere', continued: false };
/** What comes out of an operation that is not followed is data: it never becomes a special token. */
export const UNKNOWN: ContentSource = { kind: 'content', message: undefined, continued: false };

export interface Piece {
  readonly text: string;
  readonly source: Source;
  /** The message that the template was looping over when it wrote this. */
  readonly turn: number | undefined;
  /** Whether it was written inside `{% generation %}`. */
  readonly generated: boolean;
}

/** Pieces in order, none of them empty. */
export type TracedText = readonly Piece[];

const alike = (a: Piece, b: Piece): boolean =>
  a.source === b.source && a.turn === b.turn && a.generated === b.generated;

/** Puts `text` at the end of `into`, joining pieces that are alike. */
export function append(into: Piece[], text: TracedText): void {
  for (const piece of text) {
    const last = into.at(-1);
    if (last !== undefined && alike(last, piece)) into[into.length - 1] = { ...last, text: last.text + piece.text };
    else into.push(piece);
  }
}

export function concat(...texts: readonly TracedText[]): TracedText {
  const joined: Piece[] = [];
  for (const text of texts) append(joined, text);
  return joined;
}

export function plain(text: TracedText): string {
  return text.map((piece) => piece.text).join('');
}

/** The UTF-16 units from `start` up to `end`. */
export function slice(text: TracedText, start: number, end: number): TracedText {
  const cut: Piece[] = [];
  let at = 0;
  for (const piece of text) {
    const part = piece.text.slice(Math.max(0, start - at), Math.max(0, end - at));
    if (part !== '') cut.push({ ...piece, text: part });
    at += piece.text.length;
  }
  return cut;
}

/** The source that all of a text shares; `UNKNOWN` if it has several, `TEMPLATE` if it is empty. */
export function commonSource(text: TracedText): Source {
  const first = text[0]?.source ?? TEMPLATE;
  return text.every((piece) => piece.source === first) ? first : UNKNOWN;
}
