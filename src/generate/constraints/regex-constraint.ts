/** Texts that match a regular expression from end to end. */

import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { wholeMatch } from './regular-expression.ts';
import { CompiledConstraint, type ConstraintOptions } from './token-constraint.ts';

/** Throws a `UsageError` for a pattern that is not regular (see `regular-expression.ts`) or too large. */
export function regexConstraint(
  pattern: string,
  tokenizer: Tokenizer,
  options?: Omit<ConstraintOptions, 'maxDepth'>,
): CompiledConstraint {
  const grammar = { rules: [{ name: '', body: wholeMatch(pattern, 'regex') }] };
  return new CompiledConstraint(grammar, tokenizer, 'regex', options);
}
