/** What editors check recipes against, before variables stand in their places: `${name}` is right wherever a value is. */
import type { JsonSchema } from '../yaml/json-schema.ts';

/** In `$defs` of the schema. */
const VARIABLE = 'variable';
const variable: JsonSchema = {
  type: 'string',
  pattern: '\\$\\{[A-Za-z0-9][A-Za-z0-9_-]*\\}',
  description: 'The name of a variable in braces after a dollar sign.',
};
/** As a person writes one. */
const EXAMPLE = `\${x}`;
const reference: JsonSchema = { $ref: `#/$defs/${VARIABLE}` };

/** The schema of a document in which every number, list, choice and bounded text may be a variable instead. */
export function openToVariables(schema: JsonSchema): JsonSchema {
  return { ...opened(schema), $defs: { ...schema.$defs, [VARIABLE]: variable } };
}

function opened(schema: JsonSchema): JsonSchema {
  const { description, default: preset, ...rest } = schema;
  const parts = rest.anyOf ?? [rest];
  if (!parts.some(isClosed)) return withOpenParts(schema);
  const said = { ...(description !== undefined && { description }), ...('default' in schema && { default: preset }) };
  return { ...said, anyOf: [...parts.map(withOpenParts), reference] };
}

/** Whether a variable would be refused, although the value that it stands for need not be. */
function isClosed({ type, enum: choices, pattern }: JsonSchema): boolean {
  if (type === 'string') return choices !== undefined || (pattern !== undefined && !new RegExp(pattern).test(EXAMPLE));
  return type === 'number' || type === 'integer' || type === 'boolean' || type === 'array';
}

function withOpenParts(schema: JsonSchema): JsonSchema {
  const { properties, items, prefixItems, additionalProperties, anyOf, oneOf } = schema;
  const fields = Object.entries(properties ?? {}).map(([name, field]) => [name, opened(field)]);
  return {
    ...schema,
    ...(properties && { properties: Object.fromEntries(fields) }),
    ...(items && { items: opened(items) }),
    ...(prefixItems && { prefixItems: prefixItems.map(opened) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: opened(additionalProperties) }),
    ...(anyOf && { anyOf: anyOf.map(opened) }),
    ...(oneOf && { oneOf: oneOf.map(opened) }),
  };
}
