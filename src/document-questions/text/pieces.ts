/** Long documents in pieces, so that the work and the memory for one question are bounded by something else than its file. */

const MAX_CHARACTERS = 100_000;

/** Cut at line breaks; a line that is longer is cut where it is. */
export function* piecesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length; ) {
    const rest = text.length - from;
    const lastBreak = rest <= MAX_CHARACTERS ? -1 : text.lastIndexOf('\n', from + MAX_CHARACTERS - 1);
    const to = lastBreak > from ? lastBreak + 1 : Math.min(from + MAX_CHARACTERS, text.length);
    yield text.slice(from, to);
    from = to;
  }
}
