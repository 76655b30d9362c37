/** How texts of many lengths are computed in few shapes, each of which a program is compiled for. */

/** Tokens of a batch: enough for the products to be efficient, few enough for the memory of a small machine. */
const batchTokens = 2048;

/** The row length that texts of so many tokens are padded to: 8, and then two steps for each doubling. */
function paddedLength(tokens: number): number {
  let length = 8;
  while (length < tokens) length = isPowerOfTwo(length) ? length * 1.5 : (length / 3) * 4;
  return length;
}

const isPowerOfTwo = (value: number): boolean => (value & (value - 1)) === 0;

/** Rows of a batch for so many texts of a length; fewer where there are few, in steps of a doubling. */
function batchRows(length: number, texts: number): number {
  const most = Math.max(1, Math.floor(batchTokens / length));
  return Math.min(most, 2 ** Math.ceil(Math.log2(texts)));
}

/** The shape that so many texts of one length are computed in. */
export function shapeOfTexts(tokens: number, texts: number): { readonly rows: number; readonly length: number } {
  const length = paddedLength(tokens);
  return { rows: batchRows(length, texts), length };
}

export interface LengthClass {
  readonly rows: number;
  readonly length: number;
  /** Places of the texts in the list, as many as there are rows or fewer. */
  readonly members: readonly number[];
}

/** Sorts texts by their length and cuts them into batches. */
export function batchesByLength(lengths: readonly number[]): readonly LengthClass[] {
  const classes = new Map<number, number[]>();
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[a] - lengths[b] || a - b);
  for (const i of order) {
    const length = paddedLength(lengths[i]);
    const members = classes.get(length);
    if (members) members.push(i);
    else classes.set(length, [i]);
  }
  return [...classes].flatMap(([length, members]) => {
    const rows = batchRows(length, members.length);
    const starts = Array.from({ length: Math.ceil(members.length / rows) }, (_, i) => i * rows);
    return starts.map((start) => ({ rows, length, members: members.slice(start, start + rows) }));
  });
}
