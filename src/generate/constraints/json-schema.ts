/**
 * JSON schemas (draft 2020-12) as grammars of JSON texts. Every text of the grammar meets the schema; not every text that
 * meets the schema is in the grammar, because a language model is helped by fewer choices:
 *
 * - properties come in the order of their declaration, optional ones may be left out;
 * - `additionalProperties` is false where `properties` are declared and it is not; additional ones come last, and nothing
 *   prevents that one is written twice;
 * - `items` is false where `prefixItems` are declared and it is not;
 * - a schema without `type` gets the types that its keywords are about; without any, it accepts every value;
 * - integers are safe integers, numbers are of bounded length; under a pattern, format or `propertyNames`, and in `enum`,
 *   `const` and declared names, strings are spelled as `JSON.stringify` does;
 * - `oneOf` is read as `anyOf`; `format` is always asserted.
 *
 * What is not supported is refused by its JSON pointer.
 */

import { codePointSet, EVERY_CHARACTER, without } from './code-points.ts';
import { choice, type Expression, type Grammar, type ListItem, NOTHING, repeat, sequence, text } from './expression.ts';
import { type Json, pointerTo, readJson, writeJson } from './json-document.ts';
import { inString, JsonLanguage, type JsonWhitespace, quoted, stringCharacter } from './json-language.ts';
import { matchAnywhere, wholeMatch } from './regular-expression.ts';
import {
  conjunction,
  count,
  describe,
  elements,
  impliedTypes,
  type Keywords,
  keywordsOf,
  type Located,
  record,
  refuseSchema,
  textOf,
  typesOf,
} from './schema-keywords.ts';
import { integers, numbers } from './schema-numbers.ts';
import { resolveReference } from './schema-reference.ts';
import { STRING_FORMATS } from './string-formats.ts';

/** Schemas visited, references followed again included. */
const MAX_VISITS = 50_000;
/** Unions whose options are unions, where other keywords stand beside them. */
const MAX_UNIONS = 32;
/** Characters of a declared name where additional names must be told apart from it. */
const MAX_NAME = 256;

/** Throws a `UsageError` for a schema that is not valid or not supported, naming its JSON pointer. */
export function jsonSchemaGrammar(schema: unknown, whitespace: JsonWhitespace): Grammar {
  const compiler = new SchemaCompiler(readJson(schema, 'schema'), new JsonLanguage(whitespace));
  return compiler.grammar();
}

class SchemaCompiler {
  readonly #root: Located;
  readonly #json: JsonLanguage;
  #visits = 0;

  constructor(root: Json, json: JsonLanguage) {
    this.#root = { value: root, pointer: '#' };
    this.#json = json;
  }

  grammar(): Grammar {
    this.#rule(this.#root);
    return this.#json.grammar();
  }

  /** The schema as a rule, which can be called from many places and from itself. */
  #rule(schema: Located): Expression {
    return this.#json.rule(schema.pointer, () => this.#body(schema));
  }

  /** The schema where it stands. Those that take in others become rules, since what they take in may hold them. */
  #visit(schema: Located): Expression {
    if (typeof schema.value === 'boolean') return this.#body(schema);
    const keywords = this.#keywords(schema);
    const takesIn =
      keywords.has('allOf') || (keywords.size > 1 && ['$ref', 'anyOf', 'oneOf'].some((key) => keywords.has(key)));
    return takesIn ? this.#rule(schema) : this.#body(schema);
  }

  #body(schema: Located): Expression {
    if (schema.value === true) return this.#json.value();
    if (schema.value === false) return NOTHING;
    const keywords = this.#keywords(schema);
    const reference = keywords.get('$ref');
    if (reference !== undefined && keywords.size === 1) return this.#rule(resolveReference(this.#root, reference[0]));
    const joined = this.#join(keywords, new Set([schema.pointer]));
    return joined === undefined ? NOTHING : this.#accepted(joined);
  }

  #keywords(schema: Located): Keywords {
    if (++this.#visits > MAX_VISITS) {
      refuseSchema(schema.pointer, `more than ${MAX_VISITS} schemas`, 'fewer', 'Refer to shared schemas less often.');
    }
    return keywordsOf({ ...schema, value: record(schema, 'a schema: an object or a boolean') });
  }

  /** Puts what `$ref` and `allOf` add to a schema beside its other keywords. Undefined if nothing can meet them all. */
  #join(keywords: Keywords, within: ReadonlySet<string>): Keywords | undefined {
    const own = new Map(keywords);
    const references = own.get('$ref')?.map((reference) => resolveReference(this.#root, reference)) ?? [];
    const members = own.get('allOf')?.flatMap((list) => elements(list)) ?? [];
    own.delete('$ref');
    own.delete('allOf');
    const joined: Keywords[] = [own];
    for (const schema of [...references, ...members]) {
      if (within.has(schema.pointer)) {
        refuseSchema(schema.pointer, 'a schema that is part of itself', 'schemas without a circle', 'Remove one.');
      }
      if (schema.value === true) continue;
      if (schema.value === false) return undefined;
      const part = this.#join(this.#keywords(schema), new Set([...within, schema.pointer]));
      if (part === undefined) return undefined;
      joined.push(part);
    }
    return conjunction(joined);
  }

  /** The values that meet keywords among which there is neither `$ref` nor `allOf`, inside options of so many unions. */
  #accepted(keywords: Keywords, unions = 0): Expression {
    const [any, one] = [keywords.get('anyOf')?.[0], keywords.get('oneOf')?.[0]];
    const union = any ?? one;
    if (union !== undefined && unions > MAX_UNIONS) {
      refuseSchema(union.pointer, 'a union that is an option of itself', 'schemas without a circle', 'Remove one.');
    }
    if (any !== undefined && one !== undefined) {
      refuseSchema(one.pointer, 'oneOf beside anyOf', 'one of them', 'Write them as one list.');
    }
    if (union !== undefined) {
      const rest = new Map(keywords);
      rest.delete(any === undefined ? 'oneOf' : 'anyOf');
      return choice(...elements(union).map((option) => this.#option(option, rest, unions + 1)));
    }
    if (keywords.has('enum') || keywords.has('const')) return enumeration(keywords);
    const types = typesOf(keywords) ?? impliedTypes(keywords);
    if (types.length === 0) return this.#json.value();
    return choice(...types.map((type) => this.#ofType(type, keywords)));
  }

  /** One option of a union whose schema has further keywords. */
  #option(option: Located, rest: Keywords, unions: number): Expression {
    if (rest.size === 0) return this.#visit(option);
    if (option.value === false) return NOTHING;
    if (option.value === true) return this.#accepted(rest, unions);
    const joined = this.#join(this.#keywords(option), new Set([option.pointer]));
    return joined === undefined ? NOTHING : this.#accepted(conjunction([rest, joined]), unions);
  }

  #ofType(type: string, keywords: Keywords): Expression {
    switch (type) {
      case 'null':
        return text('null');
      case 'boolean':
        return text('true', 'false');
      case 'integer':
        return integers(keywords);
      case 'number':
        return numbers(keywords);
      case 'string':
        return this.#strings(keywords);
      case 'array':
        return this.#arrays(keywords);
      default:
        return this.#objects(keywords);
    }
  }

  #strings(keywords: Keywords): Expression {
    const minimum = count(keywords.get('minLength')?.[0]) ?? 0;
    const maximum = count(keywords.get('maxLength')?.[0]) ?? Number.POSITIVE_INFINITY;
    if (minimum > maximum) return NOTHING;
    const contents = stringContents(keywords);
    if (contents.length === 0) return this.#json.string(minimum, maximum);
    if (minimum > 0 || maximum < Number.POSITIVE_INFINITY) {
      contents.push(repeat(stringCharacter(EVERY_CHARACTER), minimum, maximum));
    }
    return quoted(contents.reduce((left, right) => ({ kind: 'both', left, right })));
  }

  #arrays(keywords: Keywords): Expression {
    const minimum = count(keywords.get('minItems')?.[0]) ?? 0;
    const maximum = count(keywords.get('maxItems')?.[0]) ?? Number.POSITIVE_INFINITY;
    if (minimum > maximum) return NOTHING;
    const prefix = keywords.get('prefixItems')?.flatMap((list) => elements(list)) ?? [];
    const items = keywords.get('items')?.[0];
    const listed: ListItem[] = prefix
      .slice(0, maximum)
      .map((schema, i) => ({ body: this.#visit(schema), instead: i < minimum ? 'nothing' : 'end' }));
    const [least, most] = [Math.max(minimum - prefix.length, 0), maximum - prefix.length];
    if (most > 0 && (items !== undefined || prefix.length === 0)) {
      const isCopied = least > 1 || (most > 1 && most < Number.POSITIVE_INFINITY);
      const item = items === undefined ? this.#json.value() : isCopied ? this.#rule(items) : this.#visit(items);
      const body = repeat(item, Math.max(least, 1), most, this.#json.comma);
      listed.push({ body, instead: least === 0 ? 'end' : 'nothing' });
    } else if (least > 0) return NOTHING;
    return this.#json.array({ kind: 'list', items: listed, separator: this.#json.comma });
  }

  #objects(keywords: Keywords): Expression {
    const properties = declaredProperties(keywords);
    const required = requiredNames(keywords, properties);
    const listed: ListItem[] = Array.from(properties, ([name, schema]) => ({
      body: this.#json.member(text(JSON.stringify(name)), this.#visit(schema)),
      instead: required.has(name) ? 'nothing' : 'skip',
    }));
    const additional = keywords.get('additionalProperties')?.[0];
    if (additional !== undefined || !keywords.has('properties')) {
      const value = additional === undefined ? this.#json.value() : this.#visit(additional);
      const member = this.#json.member(this.#additionalNames(keywords, [...properties.keys()]), value);
      listed.push({ body: repeat(member, 1, undefined, this.#json.comma), instead: 'skip' });
    }
    return this.#json.object({ kind: 'list', items: listed, separator: this.#json.comma });
  }

  #additionalNames(keywords: Keywords, declared: readonly string[]): Expression {
    const schema = keywords.get('propertyNames')?.[0];
    if (schema === undefined) return declared.length === 0 ? this.#json.string() : quoted(this.#except(declared));
    if (declared.length > 0) {
      refuseSchema(schema.pointer, 'propertyNames beside properties', 'one of them', 'Leave out propertyNames.');
    }
    if (schema.value === true) return this.#json.string();
    const names = new Map(this.#keywords(schema));
    names.delete('type');
    const types = typesOf(this.#keywords(schema)) ?? ['string'];
    const stray = [...names.keys()].find(
      (keyword) => !['minLength', 'maxLength', 'pattern', 'format'].includes(keyword),
    );
    if (stray !== undefined) {
      refuseSchema(pointerTo(schema.pointer, stray), `${stray} for names`, 'a schema of strings', 'Use a pattern.');
    }
    return types.includes('string') ? this.#strings(names) : NOTHING;
  }

  /** Strings other than these, by their first character, in the spelling of the names themselves. */
  #except(names: readonly string[]): Expression {
    const character = this.#json.rule('any character as it stands', () => stringCharacter(EVERY_CHARACTER));
    const differ = (rests: readonly (readonly string[])[], depth: number): Expression => {
      const byFirst = new Map<string, (readonly string[])[]>();
      for (const rest of rests) {
        if (rest.length > depth) byFirst.set(rest[depth], [...(byFirst.get(rest[depth]) ?? []), rest]);
      }
      const firsts = codePointSet(
        Array.from(byFirst.keys(), (first) => [first.codePointAt(0)!, first.codePointAt(0)!]),
      );
      const endsHere = rests.some((rest) => rest.length === depth);
      return choice(
        ...(endsHere ? [] : [sequence()]),
        sequence(stringCharacter(without(EVERY_CHARACTER, firsts)), repeat(character, 0)),
        ...Array.from(byFirst.values(), (some) =>
          sequence(stringCharacter(onlyCharacter(some[0][depth])), differ(some, depth + 1)),
        ),
      );
    };
    return differ(
      names.map((name) => Array.from(name)),
      0,
    );
  }
}

const onlyCharacter = (character: string): [[number, number]] => [
  [character.codePointAt(0)!, character.codePointAt(0)!],
];

/** What the pattern and format of a string ask of its content, spelled inside the quotation marks. */
function stringContents(keywords: Keywords): Expression[] {
  const contents: Expression[] = [];
  const pattern = keywords.get('pattern')?.[0];
  if (pattern !== undefined) {
    contents.push(inString(matchAnywhere(textOf(pattern, 'a regular expression'), `schema${pattern.pointer}`)));
  }
  const format = keywords.get('format')?.[0];
  if (format !== undefined) {
    const names = [...STRING_FORMATS.keys()].join(', ');
    const source = STRING_FORMATS.get(textOf(format, names));
    if (source === undefined) {
      return refuseSchema(format.pointer, describe(format.value), `one of ${names}`, 'Use a pattern instead.');
    }
    contents.push(inString(wholeMatch(source, 'format')));
  }
  return contents;
}

/** The values of `enum` or `const`, less those of other types than `type`. */
function enumeration(keywords: Keywords): Expression {
  const [listed, constant] = [keywords.get('enum')?.[0], keywords.get('const')?.[0]];
  const values = listed === undefined ? [constant!] : elements(listed);
  const types = typesOf(keywords);
  for (const [keyword, [{ pointer }]] of keywords) {
    const isRead = keyword === 'type' || keyword === (listed === undefined ? 'const' : 'enum');
    if (!isRead) refuseSchema(pointer, `${keyword} beside enumerated values`, 'the values alone', 'Leave it out.');
  }
  const accepted = values.filter(({ value }) => types === undefined || types.some((type) => isOfType(value, type)));
  return accepted.length === 0 ? NOTHING : text(...accepted.map(({ value }) => writeJson(value)));
}

function isOfType(value: Json, type: string): boolean {
  if (value === null) return type === 'null';
  if (Array.isArray(value)) return type === 'array';
  if (value instanceof Map) return type === 'object';
  return type === typeof value || (type === 'integer' && Number.isInteger(value));
}

function declaredProperties(keywords: Keywords): ReadonlyMap<string, Located> {
  const properties = new Map<string, Located>();
  const isOpen = keywords.has('additionalProperties');
  for (const declaration of keywords.get('properties') ?? []) {
    for (const [name, value] of record(declaration, 'an object of schemas')) {
      const pointer = pointerTo(declaration.pointer, name);
      if (properties.has(name)) refuseSchema(pointer, 'a property declared twice', 'one schema', 'Join the two.');
      if (isOpen && name.length > MAX_NAME) {
        refuseSchema(pointer, `a name of ${name.length} characters`, `at most ${MAX_NAME}`, 'Use a shorter name.');
      }
      properties.set(name, { value, pointer });
    }
  }
  return properties;
}

function requiredNames(keywords: Keywords, properties: ReadonlyMap<string, Located>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { value, pointer } of keywords.get('required')?.flatMap((list) => elements(list)) ?? []) {
    if (typeof value === 'string' && properties.has(value)) names.add(value);
    else refuseSchema(pointer, describe(value), 'the name of a declared property', 'Declare it under properties.');
  }
  return names;
}
