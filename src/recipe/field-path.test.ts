import { expect, it } from 'vitest';
import { fieldPath } from './field-path.ts';
import { resolveRecipe } from './resolve-recipe.ts';

const recipe = resolveRecipe({
  name: 'fields',
  base: { checkpoint: 'model' },
  data: { text: { files: ['a.txt'] }, chats: { conversations: { files: ['b.jsonl'] } } },
  stages: [
    { name: 'first', cpt: {} },
    { name: 'look', evaluate: { tasks: ['finworld_sentiment'] } },
  ],
});

it.each([
  ['data.text: ../a.txt, line 3', ['data', 'text']],
  ['data.chats', ['data', 'chats']],
  ['data.text.files.0', ['data', 'text', 'files', 0]],
  ['base: /models/x/config.json', ['base']],
  ['base.checkpoint', ['base', 'checkpoint']],
  ['evaluation.tasks.on: mine.yaml, line 2', ['evaluation', 'tasks', 'on']],
  ['batch.length of the stage first', ['stages', 0, 'cpt', 'batch', 'length']],
  ['gate.metrics of the stage first', ['stages', 0, 'gate', 'metrics']],
  ['evaluate.tasks of the stage look: mine.yaml', ['stages', 1, 'evaluate', 'tasks']],
  ['sizes of the stage first', ['stages', 0]],
])('%s', (field, path) => {
  expect(fieldPath(recipe, field)).toEqual(path);
});

it.each(['data.jsonl, line 3', 'base.gguf', 'base/config.json', 'data', '/data.text', 'rows of the stage last', ''])(
  'finds no field in %j, or one that is there',
  (field) => {
    expect(fieldPath(recipe, field)).toEqual(field === 'data' ? ['data'] : undefined);
  },
);
