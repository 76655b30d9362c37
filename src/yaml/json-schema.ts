/** JSON Schema as zod writes it, and the way down in it. */

/** The part of JSON Schema that zod makes of our schema. */
export interface JsonSchema {
  readonly title?: string;
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** The alternatives of a schema; a schema without any is its only one. */
export function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema];
}

/** The schema of one field or element, in the first alternative that has it; undefined where there can be none. */
export function childSchema(schema: JsonSchema, key: PropertyKey): JsonSchema | undefined {
  for (const { properties = {}, additionalProperties, items } of alternatives(schema)) {
    if (typeof key === 'number') return items;
    if (typeof key === 'string' && Object.hasOwn(properties, key)) return properties[key];
    if (typeof additionalProperties === 'object') return additionalProperties;
  }
  return undefined;
}
