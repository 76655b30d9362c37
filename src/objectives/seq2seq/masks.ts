/** What is added to scores of attention: 0 where it is allowed. Beside it a finite number, so that rows without text stay numbers. */
export const forbidden = -1e30;

/** [rows, length] of segments -> the mask of their keys, for all queries. */
export function writeTextMask(mask: Float32Array, segments: Int32Array): void {
  for (let i = 0; i < segments.length; i++) mask[i] = segments[i] === 0 ? forbidden : 0;
}

/** [length, length]: a query sees the keys up to itself. */
export function writeCausalMask(mask: Float32Array, length: number): void {
  for (let query = 0; query < length; query++) mask.fill(forbidden, query * length + query + 1, (query + 1) * length);
}
