/**
 * Rows of query and key projections in the two layouts of rotary pairs. Hugging Face rotates rows (j, j + d/2) of a head of
 * width d; GGUF's architecture `llama` rotates neighbours (2j, 2j + 1). `qwen2` keeps Hugging Face's order.
 */

/** Where each row of a matrix with `heads` heads goes: row j + s*d/2 of a head to 2j + s. */
function* moves(rows: number, heads: number): Generator<readonly [half: number, pair: number]> {
  const width = rows / heads;
  for (let row = 0; row < rows; row++) {
    const [head, within] = [Math.floor(row / width), row % width];
    const [s, j] = within < width / 2 ? [0, within] : [1, within - width / 2];
    yield [row, head * width + 2 * j + s];
  }
}

/** @param data [rows, ...] of which rows are `data.length / rows` values each */
export function halvesToPairs(data: Float32Array, rows: number, heads: number): Float32Array {
  const result = new Float32Array(data.length);
  const columns = data.length / rows;
  for (const [half, pair] of moves(rows, heads)) {
    result.set(data.subarray(half * columns, (half + 1) * columns), pair * columns);
  }
  return result;
}

/** In place. */
export function pairsToHalves(data: Float32Array, rows: number, heads: number): void {
  const source = Float32Array.from(data);
  const columns = data.length / rows;
  for (const [half, pair] of moves(rows, heads)) {
    data.set(source.subarray(pair * columns, (pair + 1) * columns), half * columns);
  }
}
