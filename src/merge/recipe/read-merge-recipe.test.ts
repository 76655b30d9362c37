import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { parseReference } from './model-reference.ts';
import { evaluateValue } from './parameter-value.ts';
import { parseMergeRecipes } from './read-merge-recipe.ts';

const parse = (text: string) => parseMergeRecipes(text, 'recipe.yaml');

function problemOf(text: string) {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof UsageError) return error.problem;
    throw error;
  }
  throw new Error('The recipe is accepted.');
}

describe('values of parameters', () => {
  it('go along a gradient over the layers', () => {
    const along = [0, 0.25, 0.5, 0.75, 1].map((t) => evaluateValue([0, 1, 0], { name: 'x', t }));
    expect(along).toEqual([0, 0.5, 1, 0.5, 0]);
    expect(evaluateValue([true, false], { name: 'x', t: 0.5 })).toBe(0.5);
    expect(evaluateValue(['a', 'b', 'c'], { name: 'x', t: 0.9 })).toBe('b');
  });

  it('follow the first filter that is a part of the name', () => {
    const value = [
      { filter: 'self_attn', value: 0.1 },
      { filter: 'q_proj', value: 0.2 },
      { filter: '*', value: [0, 1] },
    ];
    expect(evaluateValue(value, { name: 'model.layers.3.self_attn.q_proj.weight', t: 0 })).toBe(0.1);
    expect(evaluateValue(value, { name: 'model.layers.3.mlp.up_proj.weight', t: 0.25 })).toBe(0.25);
    expect(evaluateValue(value.slice(0, 2), { name: 'lm_head.weight', t: 0 })).toBeUndefined();
  });

  it('may be one entry, without a list around it', () => {
    const [recipe] = parse(`
merge_method: linear
models:
  - {model: a, parameters: {weight: {value: [0.5, 1]}}}
  - {model: b, parameters: {weight: {filter: mlp, value: 0.7}}}
`);
    const [a, b] = recipe.slices[0].sources.map(({ parameters }) => parameters.weight);
    expect(evaluateValue(a, { name: 'x', t: 0.5 })).toBe(0.75);
    expect(evaluateValue(b, { name: 'model.layers.0.mlp.up_proj.weight', t: 0 })).toBe(0.7);
    expect(evaluateValue(b, { name: 'lm_head.weight', t: 0 })).toBeUndefined();
    const typo = problemOf('merge_method: linear\nmodels: [{model: a, parameters: {weight: {filtr: mlp, value: 1}}}]');
    expect(typo.fix).toContain('filter');
  });
});

describe('model references', () => {
  it('have a revision and an adapter', () => {
    expect(parseReference('org/name@v2+org/lora')).toEqual({
      text: 'org/name@v2+org/lora',
      model: 'org/name@v2',
      lora: 'org/lora',
    });
    expect(parseReference({ model: { path: 'a+b', revision: 'r' }, lora: 'l' })).toEqual({
      text: 'a+b@r+l',
      model: 'a+b@r',
      lora: 'l',
    });
    expect(parseReference('plain').lora).toBeUndefined();
  });
});

describe('merge recipes', () => {
  it('are read as Python programs write them', () => {
    const [recipe] = parse(`
merge_method: ties
base_model: base
models:
  - model: a
    parameters: {weight: 1e-1, density: [1, 0.5]}
parameters: {normalize: yes, int8_mask: off}
dtype: bfloat16
`);
    expect(recipe.parameters).toEqual([{ path: [], parameters: { normalize: true, int8_mask: false } }]);
    expect(recipe.dtype).toBe('bf16');
    // The base that is not listed comes last.
    expect(recipe.slices[0].sources.map(({ model, isBase }) => [model.text, isBase])).toEqual([
      ['a', false],
      ['base', true],
    ]);
  });

  it('keep sources by position: the same model may come twice', () => {
    const [recipe] = parse(`
merge_method: linear
slices:
  - sources:
      - {model: a, layer_range: [0, 2], parameters: {weight: 1}}
      - {model: a, layer_range: [2, 4], parameters: {weight: 2}}
`);
    expect(recipe.slices[0].sources.map(({ layers }) => layers)).toEqual([
      [0, 2],
      [2, 4],
    ]);
  });

  it('come several to a file, with the lines of the file', () => {
    const recipes = parse(
      'name: one\nmerge_method: linear\nmodels: [{model: a}]\n---\nmerge_method: linear\nmodels: [{model: one}]\n',
    );
    expect(recipes.map(({ name }) => name)).toEqual(['one', undefined]);
    expect(recipes[1].at(['models'])).toBe('recipe.yaml, line 6, models');
    expect(
      problemOf(
        'name: x\nmerge_method: linear\nmodels: [{model: a}]\n---\nname: x\nmerge_method: linear\nmodels: [{model: x}]',
      ).found,
    ).toContain('second');
  });

  it('know tokenizer sections', () => {
    const [{ tokenizer }] = parse(`
merge_method: linear
models: [{model: a}]
tokenizer:
  source: union
  pad_to_multiple_of: 64
  tokens:
    "<x>": {source: {kind: model_token, model: a, token: t}, force: true}
    "<y>": {source: {kind: zero}}
    "<z>": {source: a}
`);
    expect(tokenizer?.padToMultipleOf).toBe(64);
    expect(tokenizer?.tokens.get('<x>')).toMatchObject({ force: true, source: { kind: 'token', token: 't' } });
    expect(tokenizer?.tokens.get('<y>')?.source).toEqual({ kind: 'zero' });
    expect(tokenizer?.tokens.get('<z>')?.source).toMatchObject({ kind: 'model', model: { text: 'a' } });
  });

  it('say where they are wrong and what was meant', () => {
    const typo = problemOf('merge_method: linear\nmodels:\n  - model: a\n    paramters: {weight: 1}\n');
    expect(typo.field).toContain('line 4');
    expect(typo.fix).toContain('parameters');
    expect(problemOf('merge_method: linear').expected).toContain('exactly one of models');
    expect(problemOf('merge_method: linear\nmodels: [{model: a}]\nslices: []').field).toContain('line 3');
    expect(problemOf('merge_method: linear\nmodels: [{model: a}]\ndtype: fp8').expected).toContain('bfloat16');
    expect(
      problemOf('merge_method: linear\nmodels: [{model: a}]\ntokenizer_source: union\ntokenizer: {}').found,
    ).toContain('tokenizer_source');
    const padded = problemOf(
      'merge_method: linear\nmodels: [{model: a}]\ntokenizer: {pad_to_multiple_of: 100000000000}',
    );
    expect(padded.expected).toContain('at most 1048576');
    expect(problemOf('').found).toContain('empty');
  });
});
