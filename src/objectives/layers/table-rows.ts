/** Tables are read and updated by rows, outside the graphs: a gradient as large as the table is never made. */

interface RowOptions {
  readonly width: number;
  /** What rows are multiplied with. Default 1. */
  readonly scale?: number;
}

/** target[i] = scale table[ids[i]] */
export function takeRows(
  table: Float32Array,
  ids: Int32Array,
  target: Float32Array,
  { width, scale = 1 }: RowOptions,
): void {
  for (let i = 0; i < ids.length; i++) target.set(table.subarray(ids[i] * width, (ids[i] + 1) * width), i * width);
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
