import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rebasePaths } from './rebase-paths.ts';
import type { Recipe } from './schema/recipe.ts';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-rebase-'));
  await mkdir(join(root, 'models', 'mine'), { recursive: true });
});
afterAll(() => rm(root, { recursive: true }));

/** Nothing but base and data is looked at. */
const moved = (checkpoint: string) =>
  rebasePaths({ base: { checkpoint }, data: {}, evaluation: { tasks: { on: [] } }, stages: [] } as unknown as Recipe, {
    from: root,
    to: join(root, 'runs', 'small'),
  }).base;

it('moves a folder, also one that is named like a model of the hub, and leaves the hub where it is', () => {
  expect(moved('models/mine')).toEqual({ checkpoint: '../../models/mine' });
  expect(moved('../elsewhere')).toEqual({ checkpoint: '../../../elsewhere' });
  expect(moved('finery/tiny@main')).toEqual({ checkpoint: 'finery/tiny@main' });
});
