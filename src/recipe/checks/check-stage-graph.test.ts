import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { checkRecipe, fieldName, resolveRecipe } from '../resolve-recipe.ts';
import type { RecipeDocument } from '../schema/recipe.ts';

type Stages = RecipeDocument['stages'];
const document = (stages: Stages): RecipeDocument => ({
  name: 'graph',
  base: { checkpoint: 'model' },
  data: { text: { files: ['a.txt'] }, chats: { conversations: { files: ['b.jsonl'] } } },
  stages,
});

function problem(stages: unknown) {
  try {
    checkRecipe(document(stages as Stages), fieldName);
  } catch (error) {
    if (error instanceof UsageError) return error.problem;
    throw error;
  }
  throw new Error('accepted');
}

describe('stages', () => {
  it('are named by their kinds and start from the last one that trains', () => {
    const { stages } = resolveRecipe(
      document([
        { cpt: {} },
        { evaluate: { tasks: ['t'] } },
        { cpt: {} },
        { sft: {}, name: 'tuned' },
        { export: {} },
        { joint: {} },
      ]),
    );
    expect(stages.map(({ name, from }) => `${from} > ${name}`)).toEqual([
      'base > cpt',
      'cpt > evaluate',
      'cpt > cpt-2',
      'cpt-2 > tuned',
      'tuned > export',
      'tuned > joint',
    ]);
  });

  it('are judged by what they are for', () => {
    const { stages } = resolveRecipe({
      ...document([
        { cpt: { mixture: { more: { kind: 'linear', from: 0, to: 3 }, text: 1 } } },
        { sft: {} },
        { joint: {} },
      ]),
      data: { text: { files: ['a'] }, more: { files: ['c'] }, chats: { conversations: { files: ['b'] } } },
    });
    expect(stages.map((stage) => 'gate' in stage && stage.gate.metrics)).toEqual([
      ['bits_per_byte/more'],
      ['bits_per_byte/chats'],
      ['bits_per_byte/chats'],
    ]);
  });

  it.each([
    [
      'a missing stage',
      [
        { cpt: {}, name: 'first' },
        { cpt: {}, from: 'frist' },
      ],
      'stages.1.from',
      /"frist"/,
      /"first"/,
    ],
    [
      'a later stage',
      [
        { cpt: {}, from: 'b' },
        { cpt: {}, name: 'b' },
      ],
      'stages.0.from',
      /comes later/,
      /before/,
    ],
    ['itself', [{ cpt: {}, name: 'a', from: 'a' }], 'stages.0.from', /itself/, /starts from/],
    ['no model', [{ evaluate: { tasks: ['t'] } }, { cpt: {}, from: 'evaluate' }], 'stages.1.from', /no model/, /Name/],
    [
      'two of a name',
      [
        { cpt: {}, name: 'a' },
        { sft: {}, name: 'a' },
      ],
      'stages.1.name',
      /second/,
      /another name/,
    ],
    ['a name by chance', [{ cpt: {}, name: 'sft' }, { sft: {} }], 'stages.1.name', /second/, /another name/],
    ['the base', [{ cpt: {}, name: 'base' }], 'stages.0.name', /called base/, /another name/],
    ['only a name', [{ name: 'a' }], 'stages.0', /only name/, /Add cpt or sft/],
    ['an unknown kind', [{ name: 'a', pretrain: {} }], 'stages.0.pretrain', /unknown field/, /Remove/],
    ['a gate on what trains nothing', [{ export: {}, gate: {} }], 'stages.0.gate', /unknown field/, /./],
    [
      'a metric of no set',
      [{ cpt: {}, gate: { metrics: ['bits_per_byte/txet'] } }],
      'stages.0.gate.metrics.0',
      /txet/,
      /text/,
    ],
    [
      'a task that is not asked',
      [{ cpt: {}, gate: { metrics: ['lookup'] } }],
      'stages.0.gate.metrics.0',
      /lookup/,
      /Measure/,
    ],
    [
      'replay of conversations',
      [{ sft: { replay: { chats: 1 } } }],
      'stages.0.sft.replay.chats',
      /conversations/,
      /Learn/,
    ],
    [
      'documents as conversations',
      [{ joint: { groups: [{ conversations: ['text'] }] } }],
      'stages.0.joint.groups.0.conversations.0',
      /documents/,
      /joint/,
    ],
  ])('refuse %s', (_, stages, field, found, fix) => {
    expect(problem(stages)).toMatchObject({
      field,
      found: expect.stringMatching(found),
      fix: expect.stringMatching(fix),
    });
  });
});
