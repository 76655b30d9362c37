/** The part of a `quantization_config` that decides what the numbers mean; the rest tells how they were found. */
import type { z } from 'zod';
import { UsageError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { expectedValue, valueAt } from '../../yaml/expected-value.ts';

/** @throws UsageError for a setting with another value than those that are read */
export function parseSettings<T extends z.ZodType>(schema: T, config: JsonObject, field: string): z.infer<T> {
  const { data, error } = schema.safeParse(config);
  if (!error) return data;
  const [issue] = error.issues;
  const value = valueAt(issue, config);
  throw new UsageError({
    field: [field, ...issue.path].join('.'),
    found: JSON.stringify(value) ?? 'nothing',
    expected: expectedValue(issue),
    fix: 'Choose a checkpoint that is quantised in a supported form, or the original.',
  });
}
