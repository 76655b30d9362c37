/**
 * Which parts of a chat a model is trained on, for templates without `{% generation %}`.
 *
 * What a template writes while it loops over an assistant message is that message's turn. Its beginning is the
 * generation prompt, which the model is given; the rest, through the token that ends the turn, is what the model has to
 * say: contents, thoughts, calls, and the marks between them. White space that a template puts after the end of a turn
 * is not said any more. Text of other messages or tools inside the turn is not trained on.
 */

import type { Piece, TracedText } from './traced-text.ts';

export interface MaskedPiece extends Piece {
  readonly trained: boolean;
}

/**
 * Marks the turns of the messages in `speakers`. `prompt` is the template's generation prompt; undefined if that cannot
 * be known, and then a turn's training begins with the first text that was given for it. Returns undefined if the
 * template writes the text of a speaker, but not in its turn.
 */
export function maskTurns(
  text: TracedText,
  speakers: ReadonlySet<number>,
  prompt: string | undefined,
): readonly MaskedPiece[] | undefined {
  const spoken = new Set<number>();
  const found = new Set<number>();
  for (const { source, turn } of text) {
    if (source.kind !== 'content' || typeof source.message !== 'number') continue;
    spoken.add(source.message);
    if (turn === source.message) found.add(turn);
  }
  for (const message of spoken) if (speakers.has(message) && !found.has(message)) return undefined;

  const masked: MaskedPiece[] = [];
  for (let start = 0; start < text.length; ) {
    const { turn } = text[start];
    let end = start + 1;
    while (end < text.length && text[end].turn === turn) end++;
    const run = text.slice(start, end);
    if (turn !== undefined && speakers.has(turn)) masked.push(...maskTurn(run, turn, prompt));
    else masked.push(...run.map((piece) => ({ ...piece, trained: false })));
    start = end;
  }
  return masked;
}

function maskTurn(run: TracedText, turn: number, prompt: string | undefined): MaskedPiece[] {
  const length = run.reduce((sum, piece) => sum + piece.text.length, 0);
  const from = headLength(run, prompt);
  const last = run[run.length - 1];
  const to = last.source.kind === 'template' ? length - last.text.length + last.text.trimEnd().length : length;
  const masked: MaskedPiece[] = [];
  let at = 0;
  for (const piece of run) {
    const { source, text } = piece;
    const isForeign = source.kind === 'content' && source.message !== undefined && source.message !== turn;
    const begin = isForeign ? text.length : Math.min(text.length, Math.max(0, from - at));
    const end = isForeign ? text.length : Math.max(begin, Math.min(text.length, to - at));
    masked.push(
      { ...piece, text: text.slice(0, begin), trained: false },
      { ...piece, text: text.slice(begin, end), trained: true },
      { ...piece, text: text.slice(end), trained: false },
    );
    at += text.length;
  }
  return masked.filter((piece) => piece.text !== '');
}

/** How much at the beginning of a turn is there before the model speaks. */
function headLength(run: TracedText, prompt: string | undefined): number {
  const firstContent = run.findIndex((piece) => piece.source.kind === 'content');
  const head = (firstContent < 0 ? run : run.slice(0, firstContent)).map((piece) => piece.text).join('');
  if (prompt === undefined) return firstContent < 0 ? 0 : head.length;
  if (prompt === '') return 0;
  const at = head.indexOf(prompt);
  if (at >= 0) return at + prompt.length;
  // A prompt may end with marks that a finished turn has not, such as the opening of a thought.
  let shared = 0;
  while (shared < Math.min(head.length, prompt.length) && head[shared] === prompt[shared]) shared++;
  return shared;
}
