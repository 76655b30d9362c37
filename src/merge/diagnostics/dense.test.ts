import { expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { type Dense, product, productInPlace } from './dense.ts';

it('a product in the place of its tall factor is the product', () => {
  const random = stream(1, 'dense');
  const draw = (rows: number, columns: number): Dense => ({
    values: Float64Array.from({ length: rows * columns }, () => random.normal()),
    columns,
  });
  for (const [rows, inner, columns] of [
    [9, 4, 4],
    [9, 4, 3],
    [7, 5, 1],
    [1, 2, 2],
  ]) {
    const [tall, small] = [draw(rows, inner), draw(inner, columns)];
    const { buffer } = tall.values;
    const expected = product(tall, small);
    const found = productInPlace(tall, small);
    expect(found).toEqual(expected);
    expect(found.values.buffer).toBe(buffer);
  }
});
