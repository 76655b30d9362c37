/**
 * How a recipe names a model: `path[@revision][+lora[@revision]]`, or an object with the same parts. A path is a folder, a hub
 * id, or, in a file of several recipes, the name of an earlier one.
 */

export interface ModelReference {
  /** As it stands in the recipe; names the model in messages and keys its random numbers. */
  readonly text: string;
  /** Folder or hub id, with the revision where there is one. */
  readonly model: string;
  /** Folder or hub id of a LoRA adapter to apply. */
  readonly lora?: string;
}

export type ReferenceInput =
  | string
  | {
      readonly model: string | PathInput;
      readonly lora?: string | PathInput | null;
      readonly override_architecture?: unknown;
    };

interface PathInput {
  readonly path: string;
  readonly revision?: string | null;
}

export function parseReference(input: ReferenceInput): ModelReference {
  if (typeof input === 'string') {
    const [model, lora] = splitAdapter(input);
    return { text: input, model, ...(lora !== undefined && { lora }) };
  }
  const model = pathText(input.model);
  const lora = input.lora ? pathText(input.lora) : undefined;
  return { text: lora === undefined ? model : `${model}+${lora}`, model, ...(lora !== undefined && { lora }) };
}

/** At the last plus that something follows; a folder called `a+b` is written as an object. */
function splitAdapter(text: string): readonly [string, string | undefined] {
  const at = text.lastIndexOf('+');
  return at > 0 && at < text.length - 1 ? [text.slice(0, at), text.slice(at + 1)] : [text, undefined];
}

function pathText(input: string | PathInput): string {
  if (typeof input === 'string') return input;
  return input.revision ? `${input.path}@${input.revision}` : input.path;
}
