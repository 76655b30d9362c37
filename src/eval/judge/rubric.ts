/** What an answer is judged by: criteria, each with a scale of whole numbers. Rubrics are written by whoever evaluates. */
import { z } from 'zod';
import { UsageError } from '../../errors.ts';

const text = z.string().trim().min(1).max(20_000);

const criterionSchema = z.strictObject({
  /** Becomes part of metric names. */
  name: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'letters, digits, "-" and "_", beginning with a letter or digit'),
  /** What to look at. */
  description: text,
  scale: z
    .strictObject({
      lowest: z.int().min(0).max(100),
      highest: z.int().min(0).max(100),
      /** What some of the values mean, such as `{1: "wrong throughout", 5: "nothing to object to"}`. */
      meanings: z.record(z.string().regex(/^\d{1,3}$/), text).optional(),
    })
    .refine(({ lowest, highest }) => lowest < highest, 'lowest below highest'),
});

const rubricSchema = z.strictObject({
  criteria: z
    .array(criterionSchema)
    .min(1)
    .max(50)
    .refine((criteria) => new Set(criteria.map(({ name }) => name)).size === criteria.length, 'each name once'),
});

export type Criterion = Readonly<z.infer<typeof criterionSchema>>;
export type Rubric = Readonly<z.infer<typeof rubricSchema>>;

/** A rubric that asks only whether the answer is right: 0 or 1. */
export function correctnessRubric(whatIsRight: string): Rubric {
  const scale = { lowest: 0, highest: 1, meanings: { 0: 'wrong or incomplete', 1: 'right' } };
  return readRubric({ criteria: [{ name: 'correctness', description: whatIsRight, scale }] });
}

/** @throws UsageError that names the field */
export function readRubric(value: unknown): Rubric {
  const parsed = rubricSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError({
    field: ['rubric', ...issue.path.map(String)].join('.'),
    found: 'another value',
    expected: issue.message,
    fix: 'Correct the rubric.',
  });
}
