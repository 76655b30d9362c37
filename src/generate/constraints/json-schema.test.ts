import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accepts, smallTokenizer, WORDS, walk } from '../../../test/support/constraints.ts';
import { UsageError } from '../../errors.ts';
import { type JsonConstraintOptions, jsonConstraint, jsonSchemaConstraint } from './json-constraint.ts';

const tokenizer = smallTokenizer(WORDS);
const compile = (schema: unknown, options?: JsonConstraintOptions) => jsonSchemaConstraint(schema, tokenizer, options);

type Schema = { readonly [keyword: string]: unknown };

/** Validates as JSON Schema says, keyword by keyword. */
function isValid(schema: unknown, value: unknown, root: Schema): boolean {
  if (typeof schema === 'boolean') return schema;
  const s = schema as Schema;
  const has = (keyword: string): boolean => Object.hasOwn(s, keyword);
  const valid = (part: unknown, item: unknown): boolean => isValid(part, item, root);
  if (has('$ref')) {
    const path = (s.$ref as string).split('/').slice(1);
    if (
      !valid(
        path.reduce<unknown>((at, key) => (at as Schema)[key], root),
        value,
      )
    )
      return false;
  }
  if (has('allOf') && !(s.allOf as unknown[]).every((part) => valid(part, value))) return false;
  if (has('anyOf') && !(s.anyOf as unknown[]).some((part) => valid(part, value))) return false;
  if (has('oneOf') && !(s.oneOf as unknown[]).some((part) => valid(part, value))) return false;
  if (has('const') && JSON.stringify(s.const) !== JSON.stringify(value)) return false;
  if (has('enum') && !(s.enum as unknown[]).some((item) => JSON.stringify(item) === JSON.stringify(value)))
    return false;
  if (has('type') && ![s.type].flat().some((type) => isOfType(value, type as string))) return false;
  if (typeof value === 'number') {
    if (has('minimum') && value < (s.minimum as number)) return false;
    if (has('maximum') && value > (s.maximum as number)) return false;
    if (has('exclusiveMinimum') && value <= (s.exclusiveMinimum as number)) return false;
    if (has('exclusiveMaximum') && value >= (s.exclusiveMaximum as number)) return false;
  }
  if (typeof value === 'string') {
    const length = Array.from(value).length;
    if (has('minLength') && length < (s.minLength as number)) return false;
    if (has('maxLength') && length > (s.maxLength as number)) return false;
    if (has('pattern') && !new RegExp(s.pattern as string, 'u').test(value)) return false;
    if (has('format') && !isOfFormat(value, s.format as string)) return false;
  }
  if (Array.isArray(value)) {
    const prefix = (s.prefixItems ?? []) as unknown[];
    if (has('minItems') && value.length < (s.minItems as number)) return false;
    if (has('maxItems') && value.length > (s.maxItems as number)) return false;
    return value.every((item, i) => valid(i < prefix.length ? prefix[i] : (s.items ?? true), item));
  }
  if (typeof value === 'object' && value !== null) {
    const properties = (s.properties ?? {}) as Schema;
    if (has('required') && !(s.required as string[]).every((name) => Object.hasOwn(value, name))) return false;
    return Object.entries(value).every(([name, item]) => {
      if (has('propertyNames') && !valid(s.propertyNames, name)) return false;
      return valid(Object.hasOwn(properties, name) ? properties[name] : (s.additionalProperties ?? true), item);
    });
  }
  return true;
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'number') return Number.isFinite(value);
  return typeof value === type;
}

function isOfFormat(text: string, format: string): boolean {
  const isDate = (date: string): boolean => new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
  if (format === 'date') return isDate(text);
  if (format === 'time') return /[Z+-]/.test(text) && !Number.isNaN(Date.parse(`2000-01-01T${text}`));
  if (format === 'date-time') return isDate(text.slice(0, 10)) && !Number.isNaN(Date.parse(text));
  if (format === 'uuid') return /^[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}$/i.test(text);
  if (format === 'ipv4') return isIPv4(text);
  return z.email().safeParse(text).success;
}

const NAMES = ['a', 'ab', 'b"', 'é€', '__proto__', 'constructor', ''];
const PATTERNS = ['^a', 'b$', '^(ab|c)*$', '["\\\\]', '^[^a]{2,3}$', '\\d{2}', '^\\s?é', '^x|y$'];
const FORMATS = ['date', 'time', 'date-time', 'uuid', 'email', 'ipv4'];

const optionally = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 });
const limits = (low: string, high: string, values: fc.Arbitrary<number>) =>
  fc
    .tuple(optionally(values), optionally(values))
    .map(([a, b]) => (a !== undefined && b !== undefined && a > b ? { [low]: b, [high]: a } : { [low]: a, [high]: b }));
const values = fc.oneof(
  fc.integer({ min: -1500, max: 1500 }),
  fc.integer().map((n) => n / 1000),
);

const leaves = fc.oneof(
  fc.constantFrom<Schema | boolean>(
    { type: 'null' },
    { type: 'boolean' },
    { type: ['null', 'integer'] },
    { type: 'number' },
  ),
  fc.constantFrom<Schema | boolean>(
    {},
    true,
    { $ref: '#/$defs/node' },
    { enum: ['a', 'ab', 'é"', 1, null, { a: [] }] },
  ),
  fc.constantFrom<Schema | boolean>(
    { const: '\n\\' },
    { type: 'string', enum: [1, 'b'] },
    { allOf: [{ type: 'null' }, {}] },
  ),
  limits('minimum', 'maximum', values).map((bounds) => ({ type: 'integer', ...bounds })),
  limits('exclusiveMinimum', 'maximum', values).map((bounds) => ({ type: 'number', ...bounds })),
  limits('minimum', 'exclusiveMaximum', values).map((bounds) => ({ type: 'number', ...bounds })),
  limits('minLength', 'maxLength', fc.nat(5)).map((bounds) => ({ type: 'string', ...bounds })),
  fc
    .tuple(limits('minLength', 'maxLength', fc.nat(5)), fc.constantFrom(...PATTERNS))
    .map(([bounds, pattern]) => ({ type: 'string', pattern, ...bounds })),
  fc.constantFrom(...FORMATS).map((format) => ({ type: 'string', format })),
);

const schemas = fc.letrec<{ schema: Schema | boolean }>((tie) => {
  const some = (most: number) => fc.array(tie('schema'), { maxLength: most });
  const objects = fc
    .tuple(
      fc.dictionary(fc.constantFrom(...NAMES), fc.tuple(tie('schema'), fc.boolean()), { maxKeys: 4 }),
      optionally(tie('schema')),
    )
    .map(([members, additionalProperties]) => ({
      type: 'object',
      // As JSON.parse would, and unlike a literal, this makes a property of its own for `__proto__`.
      properties: Object.fromEntries(Object.entries(members).map(([name, [schema]]) => [name, schema])),
      required: Object.keys(members).filter((name) => members[name][1]),
      additionalProperties,
    }));
  const arrays = fc
    .tuple(optionally(tie('schema')), optionally(some(3)), limits('minItems', 'maxItems', fc.nat(4)))
    .map(([items, prefixItems, bounds]) => ({ type: 'array', items, prefixItems, ...bounds }));
  const names = fc
    .tuple(tie('schema'), fc.constantFrom(...PATTERNS))
    .map(([additionalProperties, pattern]) => ({ type: 'object', propertyNames: { pattern }, additionalProperties }));
  const unions = some(3).map((options) => ({ anyOf: options }));
  const narrowed = tie('schema').map((z) => ({ type: 'object', properties: { z }, oneOf: [{ required: ['z'] }, {}] }));
  return {
    schema: fc.oneof({ depthSize: 'small', withCrossShrink: true }, leaves, objects, arrays, names, unions, narrowed),
  };
}).schema;

const NODE = {
  type: 'object',
  properties: { v: { type: 'integer' }, next: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/node' }] } },
};

/** A schema of the supported part, with a recursive definition beside it. */
const roots = schemas.map((schema): Schema => ({ $defs: { node: NODE }, allOf: [schema] }));

/** Schemas that contradict themselves are refused; undefined for them. */
function compileIfPossible(schema: Schema, whitespace: 'compact' | 'flexible') {
  try {
    return compile(schema, { whitespace, maxDepth: 8 });
  } catch (error) {
    if (error instanceof UsageError && error.problem.found === 'a constraint that no text meets') return undefined;
    throw error;
  }
}

describe('texts of a schema', () => {
  it('are valid whatever tokens are chosen, and so is every way to end them', () => {
    let written = 0;
    fc.assert(
      fc.property(roots, fc.array(fc.nat(), { maxLength: 30 }), fc.boolean(), (schema, choices, compact) => {
        const compiled = compileIfPossible(schema, compact ? 'compact' : 'flexible');
        if (compiled === undefined) return;
        written++;
        const text = walk(compiled, tokenizer, choices);
        const value = JSON.parse(text);
        expect(isValid(schema, value, schema), JSON.stringify({ schema, text })).toBe(true);
        // The value itself is accepted as JSON.stringify writes it, unless it orders keys or writes numbers otherwise.
        const again = JSON.stringify(value);
        if (/\d[eE]|\d{16}|"\d+":/.test(text + again)) return;
        expect(accepts(compiled, again), JSON.stringify({ schema, again })).toBe(true);
      }),
      { numRuns: 300, seed: 3 },
    );
    expect(written).toBeGreaterThan(200);
  });

  it.each<[string, unknown, readonly string[], readonly string[]]>([
    [
      'properties in their order, optional ones left out',
      {
        type: 'object',
        properties: { a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } },
        required: ['b'],
      },
      ['{"b":null}', '{"a":null,"b":null}', '{"b":null,"c":null}', '{"a":null,"b":null,"c":null}'],
      ['{}', '{"a":null}', '{"b":null,"a":null}', '{"a":null"b":null}', '{,"b":null}', '{"b":null,}', '{"b": null}'],
    ],
    ['an object without properties', { type: 'object' }, ['{}', '{"a":[{}]}', '{"\\u0061":1}'], ['[]', '{"a"}', '1']],
    ['an object with no properties', { type: 'object', properties: {} }, ['{}'], ['{"a":1}']],
    [
      'additional properties',
      { type: 'object', properties: { ab: { type: 'null' } }, additionalProperties: { type: 'boolean' } },
      ['{}', '{"ab":null}', '{"ab":null,"x":true}', '{"a":true,"abc":false}', '{"":true}', '{"é":true}'],
      ['{"ab":true}', '{"x":null}', '{"x":true,"ab":null}', '{"\\u0061b":true}', '{"a\\u0062":true}'],
    ],
    [
      'names',
      { type: 'object', propertyNames: { pattern: '^[A-Z]{1,3}$' }, additionalProperties: { type: 'null' } },
      ['{}', '{"AB":null,"X":null}'],
      ['{"ab":null}', '{"":null}'],
    ],
    [
      'strings in all their spellings',
      { type: 'string', minLength: 1, maxLength: 2 },
      ['"a"', '"é€"', '"😀😀"', '"\\ud83d\\uDE00\\n"', '"\\/\\u0000"', '"\u2028"', '"\\uFFFF"'],
      ['""', '"abc"', '"😀😀😀"', '"\\ud83d"', '"\\udE00"', '"\\ud83d\\ud83d"', '"\n"', '"\\x"', '"\\u12"', '"a'],
    ],
    [
      'a pattern anywhere in the text',
      { type: 'string', pattern: 'b"' },
      ['"b\\""', '"ab\\"\\\\"'],
      ['"b"', '"b\\u0022"'],
    ],
    [
      'a pattern with a length',
      { type: 'string', pattern: '^a*$', minLength: 2, maxLength: 3 },
      ['"aa"'],
      ['"a"', '"aaaa"', '"ab"'],
    ],
    ['a format with a pattern', { type: 'string', format: 'date', pattern: '^19' }, ['"1999-12-31"'], ['"2000-12-31"']],
    [
      'leap days',
      { format: 'date' },
      ['"2024-02-29"', '"2000-02-29"', '"0400-02-29"'],
      ['"2023-02-29"', '"1900-02-29"', '"2024-04-31"'],
    ],
    [
      'integers',
      { type: 'integer', minimum: -3, exclusiveMaximum: 12 },
      ['-3', '0', '9', '11'],
      ['-4', '12', '-0', '01', '1.0', '1e1'],
    ],
    ['all integers', { type: 'integer' }, ['9007199254740991', '-9007199254740991'], ['9007199254740992', '-0', '1.5']],
    ['fractional bounds of integers', { type: 'integer', minimum: 0.5, maximum: 2.5 }, ['1', '2'], ['0', '3']],
    [
      'numbers',
      { type: 'number', minimum: 0, maximum: 1 },
      ['0', '1', '0.5', '1.0', '0.0'],
      ['-0.1', '1.01', '2', '-0', '1e-1', '.5', '1.'],
    ],
    ['any number', { type: 'number' }, ['-12.5e+3', '0.1', '1E9', '-0'], ['+1', '1e999', '01', 'NaN']],
    [
      'tuples',
      {
        type: 'array',
        prefixItems: [{ type: 'null' }, { type: 'boolean' }],
        items: { type: 'integer' },
        minItems: 1,
        maxItems: 4,
      },
      ['[null]', '[null,true]', '[null,true,1,2]'],
      ['[]', '[true]', '[null,1]', '[null,true,1,2,3]', '[null,]'],
    ],
    ['a tuple alone', { type: 'array', prefixItems: [{ type: 'null' }] }, ['[]', '[null]'], ['[null,null]']],
    [
      'counted items',
      { type: 'array', items: { type: 'null' }, minItems: 2, maxItems: 3 },
      ['[null,null]', '[null,null,null]'],
      ['[null]', '[]'],
    ],
    ['no items', { type: 'array', maxItems: 0 }, ['[]'], ['[1]']],
    [
      'enumerated values',
      { enum: ['a', 1.5, { b: [null] }, '\u{1f600}'] },
      ['"a"', '1.5', '{"b":[null]}', '"😀"'],
      ['"b"', '1.50'],
    ],
    ['enumerated values of a type', { type: 'integer', enum: ['a', 1, 1.5] }, ['1'], ['"a"', '1.5']],
    ['a type implied', { properties: { a: { minLength: 1 } } }, ['{}', '{"a":"x"}'], ['1', '{"a":""}', '{"a":1}']],
    ['several types', { type: ['string', 'null'], maxLength: 1 }, ['null', '"a"'], ['"ab"', '1']],
    ['anything', {}, ['{"a":[1,"x",null,true,{}]}', '[[]]', '""'], ['{"a":}', '[1,]', 'nul']],
    [
      'joined schemas',
      {
        $defs: { a: { properties: { a: { const: 1 } }, required: ['a'] } },
        allOf: [{ $ref: '#/$defs/a' }, { properties: { b: { const: 2 } } }],
        type: 'object',
      },
      ['{"a":1}', '{"a":1,"b":2}', '{"b":2,"a":1}'].slice(0, 2),
      ['{}', '{"b":2}'],
    ],
    [
      'a union inside other keywords',
      {
        type: 'object',
        properties: { k: { enum: [1, 2] } },
        anyOf: [{ required: ['k'] }, { properties: { l: { const: 3 } }, required: ['l'] }],
      },
      ['{"k":1}', '{"k":2,"l":3}', '{"l":3}'],
      ['{}'],
    ],
    [
      'a name of the prototype',
      JSON.parse('{"type":"object","properties":{"__proto__":{"const":1}},"required":["__proto__"]}'),
      ['{"__proto__":1}'],
      ['{}'],
    ],
    [
      'annotations',
      { $schema: 'x', $id: 'y', title: 't', description: 'd', default: 1, examples: [], deprecated: true, const: 0 },
      ['0'],
      ['1'],
    ],
  ])('%s', (_name, schema, inside, outside) => {
    const compiled = compile(schema);
    for (const text of inside) expect(accepts(compiled, text), text).toBe(true);
    for (const text of outside) expect(accepts(compiled, text), text).toBe(false);
  });

  it('may have a space after colons and commas', () => {
    const schema = { type: 'object', properties: { a: { type: 'array', items: { const: 1 } }, b: {} } };
    const compiled = compile(schema, { whitespace: 'flexible' });
    for (const text of ['{"a":[1,1],"b":{"c":2}}', '{"a": [1, 1], "b": {"c": [2, 3]}}']) {
      expect(accepts(compiled, text), text).toBe(true);
    }
    for (const text of ['{ "a":[]}', '{"a" :[]}', '{"a":  []}', '{"a":[1 ,1]}'])
      expect(accepts(compiled, text), text).toBe(false);
  });
});

describe('recursion', () => {
  it('goes as deep as is allowed and no deeper', () => {
    const compiled = jsonConstraint(tokenizer, { maxDepth: 5 });
    expect(accepts(compiled, '[[[[[1]]]]]')).toBe(true);
    expect(accepts(compiled, '[[[[[[]]]]]')).toBe(false);
    expect(accepts(compiled, '[[[[[[1]]]]]]')).toBe(false);
    expect(accepts(compiled, '[[[[[{}]]]]]')).toBe(true);
  });

  it('does not begin what it cannot end', () => {
    // Each list needs a list inside until a depth that is not allowed.
    const nested = (depth: number): Schema => ({
      $defs: Object.fromEntries(
        Array.from({ length: depth }, (_, i) => [
          `l${i}`,
          { type: 'array', items: i + 1 < depth ? { $ref: `#/$defs/l${i + 1}` } : { const: 1 }, minItems: 1 },
        ]),
      ),
      anyOf: [{ type: 'null' }, { $ref: '#/$defs/l0' }],
    });
    // The innermost list calls nothing, which costs no depth.
    expect(accepts(compile(nested(6), { maxDepth: 5 }), '[[[[[[1]]]]]]')).toBe(true);
    const compiled = compile(nested(7), { maxDepth: 5 });
    expect(compiled.automaton.step(compiled.automaton.start(), compiled.automaton.classOf[0x5b])).toBeNull();
    expect(accepts(compiled, 'null')).toBe(true);
  });

  it('does not double with each level of an ambiguous schema', () => {
    const schema = {
      anyOf: [
        { type: 'object', properties: { x: { $ref: '#' } }, required: ['x'] },
        { type: 'object', properties: { x: { $ref: '#' }, y: { type: 'null' } }, required: ['x'] },
        { type: 'null' },
      ],
    };
    const [b, c] = [{ $ref: '#/$defs/b' }, { $ref: '#/$defs/c' }];
    const $defs = { b: schema.anyOf[0], c: { anyOf: [b, { type: 'boolean' }] } };
    const deep = '{"x":'.repeat(60);
    // The same rule begins both directly and by way of another, which is met before it or after.
    for (const [anyOf, text] of [
      [[b, c, { type: 'null' }], `${deep}null${'}'.repeat(60)}`],
      [[c, b, { type: 'null' }], `${deep}null${'}'.repeat(60)}`],
      [schema.anyOf, `${deep}null${',"y":null}'.repeat(30)}${'}'.repeat(30)}`],
    ] as const) {
      const { automaton } = compile({ $defs, anyOf }, { maxDepth: 256 });
      let state = automaton.start();
      for (const byte of Buffer.from(text)) {
        state = automaton.step(state, automaton.classOf[byte])!;
        expect(state.places.length).toBeLessThan(1_000);
      }
      expect(state.accepts).toBe(true);
    }
  });

  it('goes through allOf, references with neighbours and unions with neighbours', () => {
    const node = { type: 'object', properties: { n: { allOf: [{ $ref: '#/$defs/node' }], type: 'object' } } };
    const union = { type: 'object', anyOf: [{ $ref: '#/$defs/option' }] };
    const option = { properties: { o: union } };
    const schema = { $defs: { node, option }, anyOf: [{ $ref: '#/$defs/node' }, union] };
    const compiled = compile(schema);
    for (const text of ['{"n":{"n":{"n":{}}}}', '{"o":{"o":{}}}']) expect(accepts(compiled, text), text).toBe(true);
  });
});

describe('refused schemas', () => {
  const deep = (levels: number): unknown => (levels === 0 ? {} : { items: deep(levels - 1) });
  const circular: Record<string, unknown> = { type: 'object' };
  circular.properties = { a: circular };
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `a${i}`,
      { allOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] },
    ]),
  );

  it.each<[string, unknown, RegExp]>([
    [
      'a keyword',
      { type: 'object', properties: { 'a/b': { patternProperties: {} } } },
      /#\/properties\/a~1b\/patternProperties/,
    ],
    ['not', { not: {} }, /#\/not: found an unsupported keyword/],
    ['nullable', { type: 'string', nullable: true }, /#\/nullable/],
    ['uniqueItems', { type: 'array', uniqueItems: true }, /#\/uniqueItems/],
    ['an inner identity', { properties: { a: { $id: 'x' } } }, /#\/properties\/a\/\$id/],
    ['a format', { type: 'string', format: 'hostname' }, /#\/format: found "hostname"/],
    [
      'a pattern',
      { properties: { a: { type: 'string', pattern: '(?=a)' } } },
      /#\/properties\/a\/pattern: found look-around/,
    ],
    ['a type', { type: 'text' }, /#\/type: found "text"/],
    ['a schema', { items: 1 }, /#\/items: found 1/],
    ['items of a draft', { items: [{}] }, /#\/items: found \[\{\}\]/],
    ['a length', { type: 'string', minLength: -1 }, /#\/minLength: found -1/],
    ['a bound of a draft', { type: 'integer', minimum: 0, exclusiveMinimum: true }, /#\/exclusiveMinimum: found true/],
    ['a bound too fine', { type: 'number', minimum: 1 / 3 }, /#\/minimum: found a bound of more than 15 digits/],
    [
      'a required name that is not declared',
      { type: 'object', properties: {}, required: ['a'] },
      /#\/required\/0: found "a"/,
    ],
    ['a required name of the prototype', { type: 'object', properties: {}, required: ['toString'] }, /#\/required\/0/],
    ['an enumeration with neighbours', { enum: ['a'], minLength: 1 }, /#\/minLength: found minLength beside/],
    ['joined schemas that meet', { allOf: [{ minLength: 1 }, { minLength: 2 }] }, /#\/allOf\/1\/minLength/],
    [
      'a closed schema joined',
      { allOf: [{ properties: {}, additionalProperties: false }, { properties: { a: {} } }] },
      /additionalProperties in one/,
    ],
    [
      'a property joined twice',
      { allOf: [{ properties: { a: {} } }, { properties: { a: { type: 'null' } } }] },
      /#\/allOf\/1\/properties\/a/,
    ],
    ['a remote reference', { $ref: 'https://example.com/schema' }, /#\/\$ref: found the reference "https/],
    ['a file', { $ref: 'other.json#/a' }, /#\/\$ref/],
    ['an anchor', { $ref: '#node' }, /#\/\$ref/],
    ['a dangling reference', { $ref: '#/$defs/a' }, /leads nowhere/],
    ['a reference to the prototype', { $ref: '#/__proto__' }, /leads nowhere/],
    ['a badly encoded reference', { $ref: '#/%E0%A4%A' }, /#\/\$ref/],
    ['a reference to itself', { $ref: '#' }, /leads back to itself/],
    ['a union with itself', { anyOf: [{ $ref: '#' }, { type: 'null' }] }, /leads back to itself/],
    [
      'a circle of references',
      { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' },
      /leads back to itself/,
    ],
    ['a schema joined with itself', { allOf: [{ $ref: '#' }] }, /part of itself/],
    ['an option joined with itself', { type: 'null', anyOf: [{ $ref: '#' }] }, /option of itself/],
    ['joining that doubles', { $defs: { ...doubling, a40: {} }, $ref: '#/$defs/a0' }, /more than 50000 schemas/],
    [
      'recursion without an end',
      { type: 'object', properties: { a: { $ref: '#' } }, required: ['a'] },
      /no text meets/,
    ],
    ['false', false, /no text meets/],
    ['a contradiction', { type: 'integer', minimum: 2, maximum: 1 }, /no text meets/],
    ['deep nesting', deep(101), /nested deeper than 100/],
    ['very deep nesting', deep(5_000), /nested deeper than 100/],
    ['an object that holds itself', circular, /nested deeper than 100/],
    ['many values', { enum: Array.from({ length: 100_001 }, (_, i) => i) }, /more than 100000 values/],
    ['half a pair', { const: '\ud800' }, /#\/const: found text with half of a surrogate pair/],
    ['half a pair in a name', { properties: { '\udc00': {} } }, /half of a surrogate pair/],
    ['a number that JSON lacks', { const: Number.NaN }, /#\/const: found NaN/],
    ['a function', { const: () => 1 }, /#\/const: found function/],
    ['a class', new Map(), /found an object of a class/],
    ['a long string', { type: 'string', maxLength: 1e9 }, /automaton (states|edges)/],
    ['a long array', { type: 'array', maxItems: 1e9 }, /automaton (states|edges)/],
    ['nothing', undefined, /schema#: found undefined/],
  ])('%s', (_name, schema, reason) => {
    expect(() => compile(schema)).toThrow(UsageError);
    expect(() => compile(schema)).toThrow(reason);
  });

  it('are refused before the stack is', () => {
    const schema = JSON.parse(`${'{"items":'.repeat(3_000)}{}${'}'.repeat(3_000)}`);
    expect(() => compile(schema)).toThrow(/nested deeper than 100/);
  });
});

describe('large schemas', () => {
  it('may have an enumeration of thousands', () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `company ${i}`);
    const compiled = compile({ enum: names });
    expect(accepts(compiled, '"company 19999"')).toBe(true);
    expect(accepts(compiled, '"company 20000"')).toBe(false);
  });

  it('may be what zod makes', () => {
    const schema = z.object({
      name: z.string().min(1).max(80),
      kind: z.enum(['bond', 'share']),
      day: z.iso.date(),
      weight: z.number().min(0).max(1),
      count: z.int().nonnegative().optional(),
      tags: z.array(z.string()).max(5).nullable(),
      nested: z.record(z.string(), z.union([z.boolean(), z.literal('x')])),
    });
    const compiled = compile(z.toJSONSchema(schema));
    const value = {
      name: 'A',
      kind: 'bond',
      day: '2024-02-29',
      weight: 0.25,
      count: 3,
      tags: null,
      nested: { a: 'x' },
    };
    expect(accepts(compiled, JSON.stringify(value))).toBe(true);
    expect(accepts(compiled, JSON.stringify({ ...value, weight: 1.5 }))).toBe(false);
  });
});
