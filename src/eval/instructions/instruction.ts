/** One kind of instruction whose following a program can check, as in IFEval (Zhou et al., arXiv:2311.07911). */
import { z } from 'zod';

/** Whether a response follows the instruction. Takes time linear in the response. */
export type Check = (response: string) => boolean;

export interface InstructionKind {
  /** The benchmark's name, such as `length_constraints:number_words`. */
  readonly id: string;
  /** Reads an instruction's arguments and makes the check of them. */
  readonly check: z.ZodType<Check>;
}

/** A kind of instruction, its arguments and its check. Arguments that it does not know are refused. */
export function defineInstruction<Schema extends z.ZodType>(
  id: string,
  kwargs: Schema,
  create: (kwargs: z.infer<Schema>) => Check,
): InstructionKind {
  return { id, check: kwargs.transform(create) };
}

export const noArguments = z.strictObject({});

/** A number of things: at least one, and no more than a response could have. */
export const amount = z.number().int().min(1).max(1_000_000);

/** A piece of text to look for, with something in it. */
export const phrase = z.string().max(100_000).regex(/\S/, 'expected text');

export const relation = z.enum(['less than', 'at least']);

export function holds(found: number, kind: z.infer<typeof relation>, threshold: number): boolean {
  return kind === 'less than' ? found < threshold : found >= threshold;
}
