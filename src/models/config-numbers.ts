/**
 * Bounds of the numbers in `config.json`. They reach beyond every published model, and end before float32, the element types
 * of a file's header or memory do, so that what a configuration says can be computed and written.
 */
import { z } from 'zod';

const mostRows = 1 << 24;

export const size = z.int().positive().max(mostRows);

/** Every layer costs a list of names before a weight is looked for. */
export const layerCount = z.int().positive().max(10_000);

export const tokenId = z
  .int()
  .nonnegative()
  .max(mostRows - 1);

/** A number whose root, inverse and product with a weight float32 has. */
export const positive = z
  .number()
  .min(2 ** -100)
  .max(2 ** 100);

/** What is added to a variance. */
export const epsilon = z
  .number()
  .min(2 ** -100)
  .max(1);

/** Of rotary angles: below 1 the angles of later channels would grow, at 1 those of all are the same. */
export const rotaryBase = z
  .number()
  .gt(1)
  .max(2 ** 63);

/** Of a scaling of rotary angles. */
export const rotaryFactor = z
  .number()
  .min(2 ** -20)
  .max(2 ** 20);
