/** From the fields of a prompt of the benchmark, `instruction_id_list` and `kwargs`, to checks. */
import { InputError } from '../../errors.ts';
import * as changeCase from './checkers/change-case.ts';
import * as combination from './checkers/combination.ts';
import * as content from './checkers/content.ts';
import * as format from './checkers/format.ts';
import * as keywords from './checkers/keywords.ts';
import * as language from './checkers/language.ts';
import * as length from './checkers/length.ts';
import * as punctuation from './checkers/punctuation.ts';
import * as startEnd from './checkers/start-end.ts';
import type { Check, InstructionKind } from './instruction.ts';

export interface Instruction {
  readonly id: string;
  readonly check: Check;
}

const families = [changeCase, combination, content, format, keywords, language, length, punctuation, startEnd] as const;

export const instructionKinds: ReadonlyMap<string, InstructionKind> = new Map(
  families.flatMap((family) => Object.values<InstructionKind>(family)).map((kind) => [kind.id, kind]),
);

/** More than any prompt gives; a prompt has a handful. */
const MAX_INSTRUCTIONS = 100;

/**
 * The instructions of one prompt. Arguments that are null count as absent: tables have a column for each.
 * Throws `InputError` on an unknown instruction and on arguments that it cannot be checked with; `field` says where.
 */
export function readInstructions(ids: unknown, kwargs: unknown, field: string): readonly Instruction[] {
  if (!Array.isArray(ids) || ids.length === 0 || ids.length > MAX_INSTRUCTIONS) {
    throw unexpected(`${field}.instruction_id_list`, ids, `a list of 1 to ${MAX_INSTRUCTIONS} instructions`);
  }
  if (!Array.isArray(kwargs) || kwargs.length !== ids.length) {
    throw unexpected(`${field}.kwargs`, kwargs, `a list of ${ids.length}: the arguments of each instruction`);
  }
  return ids.map((id: unknown, index) => {
    const kind = typeof id === 'string' ? instructionKinds.get(id) : undefined;
    const at = `${field}.instruction_id_list.${index}`;
    if (!kind) throw unexpected(at, id, `one of ${[...instructionKinds.keys()].join(', ')}`);
    return { id: kind.id, check: readCheck(kind, kwargs[index], `${field}.kwargs.${index}`) };
  });
}

function readCheck(kind: InstructionKind, kwargs: unknown, field: string): Check {
  if (typeof kwargs !== 'object' || kwargs === null) throw unexpected(field, kwargs, 'the arguments by their names');
  const given = Object.fromEntries(Object.entries(kwargs).filter(([, value]) => value !== null && value !== undefined));
  const read = kind.check.safeParse(given);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = issue!.path.map(String);
  const found = path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], given);
  throw unexpected([field, ...path].join('.'), found, `${issue!.message} (${kind.id})`);
}

function unexpected(field: string, found: unknown, expected: string): InputError {
  const text = JSON.stringify(found) ?? 'nothing';
  return new InputError({
    field,
    found: text.length > 100 ? `${text.slice(0, 100)}…` : text,
    expected,
    fix: 'Correct the data: an instruction that cannot be checked would be scored at random.',
  });
}
