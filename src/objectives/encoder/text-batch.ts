/** What one pass through an encoder reads: a text in each row, [rows, length], row-major. */
export interface TextBatch {
  readonly rows: number;
  readonly length: number;
  readonly ids: Int32Array;
  /** 1 where there is text, 0 at padding: no text sees padding. */
  readonly segments: Int32Array;
  /** Position of a token in its text. */
  readonly positions: Int32Array;
  /** Share of each token's hidden state in the vector of its row; a row without text has none. */
  readonly shares: Float32Array;
}

/** What the vector of a text is made of: the mean of its tokens' hidden states, or that of its first or last token. */
export const poolings = ['mean', 'cls', 'last'] as const;
export type Pooling = (typeof poolings)[number];

export interface TextLayout {
  readonly rows: number;
  readonly length: number;
  readonly pooling: Pooling;
}

/** Lays out one text for each row; rows that are left are padding, whose vectors are 0. */
export function layOutTexts(texts: readonly Int32Array[], { rows, length, pooling }: TextLayout): TextBatch {
  if (texts.length > rows) throw new Error(`${texts.length} texts in a batch of ${rows}`);
  const batch: TextBatch = {
    rows,
    length,
    ids: new Int32Array(rows * length),
    segments: new Int32Array(rows * length),
    positions: new Int32Array(rows * length),
    shares: new Float32Array(rows * length),
  };
  for (const [row, ids] of texts.entries()) {
    if (ids.length > length) throw new Error(`a text of ${ids.length} tokens in rows of ${length}`);
    const start = row * length;
    const end = start + ids.length;
    batch.ids.set(ids, start);
    batch.segments.fill(1, start, end);
    for (let i = start; i < end; i++) batch.positions[i] = i - start;
    if (ids.length === 0) continue;
    if (pooling === 'mean') batch.shares.fill(1 / ids.length, start, end);
    else batch.shares[pooling === 'cls' ? start : end - 1] = 1;
  }
  return batch;
}
