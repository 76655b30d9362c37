import { expect, it } from 'vitest';
import { takeRows } from './table-rows.ts';

const table = Float32Array.of(1, 2, 3, 4, 5, 6);

it('takes rows, scaled', () => {
  const target = new Float32Array(4);
  takeRows(table, Int32Array.of(2, 0), target, { width: 2, scale: 10 });
  expect([...target]).toEqual([50, 60, 10, 20]);
});

it.each([-1, 3])('does not leave the row of an id before where %i has none', (id) => {
  const target = Float32Array.of(7, 8);
  expect(() => takeRows(table, Int32Array.of(id), target, { width: 2 })).toThrow(
    `the id ${id} has no row in a table of 3`,
  );
});
