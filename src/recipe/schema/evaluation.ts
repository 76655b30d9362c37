/** What is measured on the base and after each stage. */
import { z } from 'zod';
import { count, setNames, share } from './fields.ts';
import { asking, taskNames } from './questions.ts';

const bitsPerByte = z.strictObject({
  on: setNames
    .optional()
    .describe('Data sets whose held-out documents are measured; all of them unless told, but for pairs.'),
  length: count(2 ** 20)
    .default(256)
    .describe('Tokens of a window.'),
  rows: count(4096).default(8).describe('Windows that are evaluated together.'),
  confidence: share.default(0.95).describe('Level of the intervals.'),
  max_documents: count(2 ** 31)
    .nullable()
    .default(null)
    .describe('Measure so many held-out documents of each set at most.'),
});

const tasks = z.strictObject({
  on: taskNames
    .default([])
    .describe('Tasks that are put to every model, and sets of document_questions; none unless told.'),
  ...asking,
});

export const evaluation = z.strictObject({
  bits_per_byte: bitsPerByte.prefault({}).describe('How well held-out text is predicted; lower is better.'),
  tasks: tasks.prefault({}).describe('Questions with answers to compare, asked of every model; gates can name them.'),
});
