/** JSON texts: any, or those that meet a schema. */

import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { JsonLanguage, type JsonWhitespace } from './json-language.ts';
import { jsonSchemaGrammar } from './json-schema.ts';
import { CompiledConstraint, type ConstraintOptions } from './token-constraint.ts';

export interface JsonConstraintOptions extends ConstraintOptions {
  /** `compact` (default): no white space. `flexible`: one space may follow each `:` and `,`. */
  readonly whitespace?: JsonWhitespace;
}

/** Any JSON value, nested at most `maxDepth` deep. For objects alone, use the schema `{ type: 'object' }`. */
export function jsonConstraint(tokenizer: Tokenizer, options: JsonConstraintOptions = {}): CompiledConstraint {
  const json = new JsonLanguage(options.whitespace ?? 'compact');
  json.value();
  return new CompiledConstraint(json.grammar(), tokenizer, 'json', options);
}

/**
 * Values that meet a JSON schema, written as `json-schema.ts` says. Throws a `UsageError` that names the JSON pointer of what
 * is not supported.
 */
export function jsonSchemaConstraint(
  schema: unknown,
  tokenizer: Tokenizer,
  options: JsonConstraintOptions = {},
): CompiledConstraint {
  const grammar = jsonSchemaGrammar(schema, options.whitespace ?? 'compact');
  return new CompiledConstraint(grammar, tokenizer, 'schema', options);
}
