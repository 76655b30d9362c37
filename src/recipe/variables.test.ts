import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { fieldName } from './resolve-recipe.ts';
import { substituteVariables } from './variables.ts';

const substitute = (document: unknown) => substituteVariables(document, fieldName);
/** Written so, since the linter takes it for a template. */
const ref = (name: string) => `\${${name}}`;

function problem(document: unknown) {
  try {
    substitute(document);
  } catch (error) {
    if (error instanceof UsageError) return error.problem;
    throw error;
  }
  throw new Error('accepted');
}

describe('substituteVariables', () => {
  it('keeps the type where a value is nothing else, and writes into texts', () => {
    const variables = { rate: 0.001, sets: ['a', 'b'], name: 'x', none: null };
    const document = {
      variables,
      lr: ref('rate'),
      deep: [{ on: ref('sets'), path: `runs/${ref('name')}-${ref('rate')}`, none: ref('none') }],
      escaped: `$${ref('name')}`,
      plain: '$name {name} $',
    };
    expect(substitute(document)).toEqual({
      lr: 0.001,
      deep: [{ on: ['a', 'b'], path: 'runs/x-0.001', none: null }],
      escaped: ref('name'),
      plain: '$name {name} $',
    });
  });

  it.each([
    [
      'one that is not there',
      { variables: { rate: 1 }, a: { b: ref('rat'), c: ref('rate') } },
      'a.b',
      /"rat"/,
      /"rate"/,
    ],
    ['one without any', { a: ref('x') }, 'a', /"x"/, /Define/],
    ['a prototype', { variables: { x: 1 }, a: ref('x'), b: ref('constructor') }, 'b', /"constructor"/, /Define/],
    ['one that nothing uses', { variables: { x: 1, y: 2 }, a: ref('x') }, 'variables.y', /nothing uses/, /remove/],
    ['a list in a text', { variables: { x: [1] }, a: `b${ref('x')}` }, 'a', /a list or a map/, /alone/],
    ['one in another', { variables: { x: 1, y: ref('x') }, a: ref('y') }, 'variables.y', /in a variable/, /Write/],
    ['an empty name', { a: `b${ref('')}` }, 'a', /""/, /Define/],
  ])('refuses %s', (_, document, field, found, fix) => {
    expect(problem(document)).toMatchObject({
      field,
      found: expect.stringMatching(found),
      fix: expect.stringMatching(fix),
    });
  });

  it('leaves what is no map of variables to the schema', () => {
    expect(substitute({ variables: 3, a: 1 })).toEqual({ variables: 3, a: 1 });
    expect(substitute('text')).toBe('text');
  });
});
