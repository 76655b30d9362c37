/** The rule that all forms share: each integer minus a zero point, times a scale, both of which a block of values shares. */

export interface AffineGrid {
  /** One for each block, [groups of rows, groups of columns]. */
  readonly scales: Float32Array;
  /** One for each block; absent where the zero point is 0. */
  readonly zeros?: Float32Array | undefined;
  /** Rows of a block. */
  readonly rowsOfGroup: number;
  /** Group of each column. */
  readonly groupOfColumn: Int32Array;
  /** Groups of columns. */
  readonly groups: number;
}

/** Groups of `size` neighbouring columns; the last one may be shorter. */
export const neighbouringGroups = (columns: number, size: number): Int32Array =>
  Int32Array.from({ length: columns }, (_, column) => Math.floor(column / size));

/** In place, over a matrix of whole rows. */
export function applyGrid(values: Float32Array, grid: AffineGrid): void {
  const { scales, zeros, rowsOfGroup, groupOfColumn, groups } = grid;
  const columns = groupOfColumn.length;
  for (let at = 0, row = 0; at < values.length; at += columns, row++) {
    const first = Math.floor(row / rowsOfGroup) * groups;
    for (let column = 0; column < columns; column++) {
      const block = first + groupOfColumn[column];
      values[at + column] = (values[at + column] - (zeros ? zeros[block] : 0)) * scales[block];
    }
  }
}
