/** The tasks that come with Finery: all load; the generated ones give items anywhere, the others where their data lie. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { itemsOf } from './items.ts';
import { loadTask, loadTaskOrGroup, tasksOf } from './load-task.ts';
import { validateTask } from './validate-task.ts';

const folder = fileURLToPath(new URL('../../../tasks', import.meta.url));
const data = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.yaml') && !/(^|[\\/])_/.test(file))
  .sort();

it.each(files)('%s loads without a warning and says where its data come from', async (file) => {
  const loaded = await loadTaskOrGroup(join(folder, file));
  expect(loaded.warnings).toEqual([]);
  for (const { config } of tasksOf(loaded)) {
    expect(config.metadata.licence).toBeTruthy();
    expect(config.metadata.source).toBeTruthy();
    expect(Object.keys(config.dataset_card.sha256 ?? {})).toHaveLength(1);
  }
});

it('no two tasks have a name', async () => {
  const loaded = await Promise.all(files.map((file) => loadTaskOrGroup(join(folder, file))));
  const names = loaded.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

it.each(['facts', 'sentiment', 'lookup', 'numeric'])('finworld/%s has nothing to complain of', async (name) => {
  const { findings, items } = await validateTask(await loadTask(join(folder, 'finworld', `${name}.yaml`)), { show: 0 });
  expect(findings).toEqual([]);
  expect(items).toBeGreaterThan(50);
});

describe.runIf(existsSync(data))('public data', () => {
  beforeAll(() => {
    vi.stubEnv('FINERY_DATA', data);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  const single = files.filter((file) => file.startsWith('real'));
  it.each(single)(
    '%s finds the data that its card tells of',
    async (file) => {
      for (const task of tasksOf(await loadTaskOrGroup(join(folder, file)))) {
        const { fewshot_config, dataset_card, test_split } = task.config;
        const rows = dataset_card.rows?.[test_split ?? 'validation'] ?? 0;
        expect((await itemsOf(task)).length).toBe(rows - (fewshot_config.reserve ?? 0));
      }
    },
    60_000,
  );

  it('reads the labels of TFNS as its source has them: 0 bearish, 1 bullish, 2 neutral', async () => {
    const items = await itemsOf(await loadTask(join(folder, 'real', 'tfns.yaml')));
    const shareOf = (pattern: RegExp, label: string) => {
      const matching = items.filter(({ document }) => pattern.test(String(document.text)));
      return matching.filter(({ variants: [{ target }] }) => target[0] === label).length / matching.length;
    };
    expect(shareOf(/\bupgraded\b|\braised\b/i, 'bullish')).toBeGreaterThan(0.6);
    expect(shareOf(/\bdowngraded\b|\bcuts?\b/i, 'bearish')).toBeGreaterThan(0.5);
  });
});
