/**
 * The one-to-one assignment of rows to columns with the greatest sum of `gains`, not negative, some left alone where the
 * sides differ. Hungarian algorithm with potentials (Kuhn 1955, Jonker and Volgenant 1987), O(n^3). Returns for each row its
 * column, or -1.
 */
export function bestAssignment(gains: readonly (readonly number[])[]): number[] {
  const columns = gains[0]?.length ?? 0;
  const size = Math.max(gains.length, columns);
  const cost = (row: number, column: number): number => -(gains[row]?.[column] ?? 0);
  // Rows and columns count from 1: 0 is where every search begins.
  const rowPotential = new Float64Array(size + 1);
  const columnPotential = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1);
  for (let row = 1; row <= size; row++) {
    const least = new Float64Array(size + 1).fill(Number.POSITIVE_INFINITY);
    const before = new Int32Array(size + 1);
    const isDone = new Uint8Array(size + 1);
    rowOf[0] = row;
    let column = 0;
    do {
      isDone[column] = 1;
      const here = rowOf[column];
      let [delta, next] = [Number.POSITIVE_INFINITY, 0];
      for (let other = 1; other <= size; other++) {
        if (isDone[other] === 1) continue;
        const reduced = cost(here - 1, other - 1) - rowPotential[here] - columnPotential[other];
        if (reduced < least[other]) {
          least[other] = reduced;
          before[other] = column;
        }
        if (least[other] < delta) [delta, next] = [least[other], other];
      }
      for (let other = 0; other <= size; other++) {
        if (isDone[other] === 1) {
          rowPotential[rowOf[other]] += delta;
          columnPotential[other] -= delta;
        } else least[other] -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      rowOf[column] = rowOf[before[column]];
      column = before[column];
    }
  }
  const assigned = new Array<number>(gains.length).fill(-1);
  for (let column = 1; column <= columns; column++) {
    if (rowOf[column] <= gains.length) assigned[rowOf[column] - 1] = column - 1;
  }
  return assigned;
}
