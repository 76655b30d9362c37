/** Tables are read and updated by rows, outside the graphs: a gradient as large as the table is never made. */

interface RowOptions {
  readonly width: number;
  /** What rows are multiplied with. Default 1. */
  readonly scale?: number;
}

/** target[i] = scale table[ids[i]]; an id without a row is a mistake of the caller, who has the tokenizer. */
export function takeRows(
  table: Float32Array,
  ids: Int32Array,
  target: Float32Array,
  { width, scale = 1 }: RowOptions,
): void {
  for (let i = 0; i < ids.length; i++) {
    const end = (ids[i] + 1) * width;
    if (ids[i] < 0 || end > table.length)
      throw new Error(`the id ${ids[i]} has no row in a table of ${table.length / width}`);
    target.set(table.subarray(end - width, end), i * width);
  }
  if (scale !== 1) for (let i = 0; i < ids.length * width; i++) target[i] *= scale;
}

/** target[i] += table[ids[i]] */
export function addRows(table: Float32Array, ids: Int32Array, target: Float32Array, width: number): void {
  for (let i = 0; i < ids.length; i++) {
    const from = ids[i] * width;
    for (let k = 0; k < width; k++) target[i * width + k] += table[from + k];
  }
}

/** gradient[ids[i]] += scale upstream[i], in the order of tokens: repeated ids always add up to the same bits. */
export function addRowGradients(
  gradient: Float32Array,
  ids: Int32Array,
  upstream: Float32Array,
  { width, scale = 1 }: RowOptions,
): void {
  for (let i = 0; i < ids.length; i++) {
    const target = ids[i] * width;
    const source = i * width;
    for (let k = 0; k < width; k++) gradient[target + k] += scale * upstream[source + k];
  }
}
