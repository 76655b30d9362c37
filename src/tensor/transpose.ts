/** Side of the squares that are copied at once, so that both sides of the copy stay in the cache. */
const tile = 32;

/** data [rows, columns] -> [columns, rows], row-major. */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row += tile) {
    for (let column = 0; column < columns; column += tile) {
      const [rowEnd, columnEnd] = [Math.min(row + tile, rows), Math.min(column + tile, columns)];
      for (let c = column; c < columnEnd; c++) {
        for (let r = row; r < rowEnd; r++) result[c * rows + r] = data[r * columns + c];
      }
    }
  }
  return result;
}
