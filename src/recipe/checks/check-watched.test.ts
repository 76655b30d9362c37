import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { checkRecipe, fieldName } from '../resolve-recipe.ts';

const document = (settings: object, tasks: readonly string[] = []) => ({
  name: 'watched',
  base: { checkpoint: 'model' },
  data: { text: { files: ['a.txt'] }, chats: { conversations: { files: ['b.jsonl'] } } },
  evaluation: { tasks: { on: tasks } },
  stages: [{ cpt: {} }, { sft: settings }],
});

function problemOf(settings: object, tasks?: readonly string[]) {
  try {
    checkRecipe(document(settings, tasks), fieldName);
    return undefined;
  } catch (error) {
    if (error instanceof UsageError) return error.problem;
    throw error;
  }
}

describe('what training watches', () => {
  it.each(['loss', 'bits_per_byte', 'bits_per_byte/chats'])('may be %s', (metric) => {
    expect(problemOf({ early_stopping: { metric }, load_best: metric })).toBeUndefined();
  });

  it('is measured, or its place and the nearest name are told', () => {
    expect(problemOf({ early_stopping: { metric: 'bits_per_bite' } })).toMatchObject({
      field: 'stages.1.sft.early_stopping.metric',
      fix: 'Did you mean "bits_per_byte"?',
    });
    expect(problemOf({ load_best: 'lss' })).toMatchObject({
      field: 'stages.1.sft.load_best',
      fix: 'Did you mean "loss"?',
    });
  });

  it('may be of a task where there are some, whose names are not known yet', () => {
    expect(problemOf({ load_best: 'finworld_facts.acc' })).toBeDefined();
    expect(problemOf({ load_best: 'finworld_facts.acc' }, ['finworld_facts'])).toBeUndefined();
    expect(problemOf({ load_best: 'bits_per_byte/chat' }, ['finworld_facts'])?.fix).toContain('bits_per_byte/chats');
  });

  it('is evaluated while training where that may end it', () => {
    expect(problemOf({ early_stopping: {}, evaluation: { every: null } })?.field).toBe('stages.1.sft.early_stopping');
    expect(problemOf({ load_best: true, evaluation: { every: null } })).toBeUndefined();
  });
});
