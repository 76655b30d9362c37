/** Fields that several parts of a recipe are made of. */
import { z } from 'zod';

export const seed = z.int().nonnegative();
export const count = (max: number) => z.int().positive().max(max);
export const share = z.number().gt(0).lt(1);

/** A path of the host; where it points is checked by whoever opens it. */
export const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]*$/);

/** Becomes part of file names, metric names and `--set` paths. */
export const identifier = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'letters, digits, "-" and "_", beginning with a letter or digit');

export const setNames = z
  .array(identifier)
  .min(1)
  .max(100)
  .refine((names) => new Set(names).size === names.length, 'each set once');

/** Where in a run something happens, or how much of it. */
export const partOfRun = z.number().min(0).max(1);
