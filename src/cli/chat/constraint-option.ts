/** The form that an answer must have, as --regex and --json-schema say. */
import { jsonSchemaConstraint } from '../../generate/constraints/json-constraint.ts';
import { regexConstraint } from '../../generate/constraints/regex-constraint.ts';
import type { CompiledConstraint } from '../../generate/constraints/token-constraint.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { GenerateFlags } from '../commands/generate.ts';
import { readTextFile } from '../read-text-file.ts';
import { parseJson } from './read-conversation.ts';

interface Writer {
  readonly tokenizer: Tokenizer;
  readonly vocabulary: number;
  /** Tokens that end an answer. */
  readonly ends: readonly number[];
}

/**
 * Reads what is named, which is cheap, before a model is loaded; compiles it for the model's tokens afterwards.
 * @returns undefined where no form is asked for
 */
export async function constraintOf({
  regex,
  jsonSchema,
}: Pick<GenerateFlags, 'regex' | 'jsonSchema'>): Promise<((writer: Writer) => CompiledConstraint) | undefined> {
  const optionsOf = ({ tokenizer, vocabulary, ends }: Writer) => {
    return { endIds: ends.filter((id) => tokenizer.controlIds.has(id)), vocabSize: vocabulary };
  };
  if (regex !== undefined) return (writer) => regexConstraint(regex, writer.tokenizer, optionsOf(writer));
  if (jsonSchema === undefined) return undefined;
  const schema = parseJson(await readTextFile(jsonSchema), jsonSchema);
  return (writer) => jsonSchemaConstraint(schema, writer.tokenizer, optionsOf(writer));
}
