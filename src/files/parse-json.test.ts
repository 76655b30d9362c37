import { expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

it('reads JSON, and refuses what nests deeper than code can look at', () => {
  expect(parseJson('{"a": [1, {"b": null}], "c": "[[[["}')).toEqual({ a: [1, { b: null }], c: '[[[[' });
  const nested = (depth: number) => `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`;
  expect(parseJson(nested(100))).toEqual(JSON.parse(nested(100)));
  expect(() => parseJson(nested(100_000))).toThrow('more than 256 levels');
  expect(() => parseJson('{"a":')).toThrow(SyntaxError);
});
