/** The embedding table is read and updated by rows, outside the graphs: a gradient as large as the table is never made. */

/** hidden[i] = table[ids[i]] */
export function embed(table: Float32Array, ids: Int32Array, hidden: Float32Array, width: number): void {
  for (let i = 0; i < ids.length; i++) hidden.set(table.subarray(ids[i] * width, (ids[i] + 1) * width), i * width);
}

/** gradient[ids[i]] += upstream[i], in the order of tokens: repeated ids always add up to the same bits. */
export function addEmbeddingGradient(
  gradient: Float32Array,
  ids: Int32Array,
  upstream: Float32Array,
  width: number,
): void {
  for (let i = 0; i < ids.length; i++) {
    const target = ids[i] * width;
    const source = i * width;
    for (let k = 0; k < width; k++) gradient[target + k] += upstream[source + k];
  }
}
