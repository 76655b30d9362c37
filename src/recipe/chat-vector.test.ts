/** recipes/chat-vector.yaml on the synthetic worlds of finworld: planned, without training. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { generateFinance, generateGeneral } from '../finworld/index.ts';
import { loadRecipe } from './load-recipe.ts';
import { planRun } from './plan/plan-run.ts';

const path = fileURLToPath(new URL('../../recipes/chat-vector.yaml', import.meta.url));

const worlds = {
  finance: generateFinance({ seed: 1, split: 'train', documents: 30 }),
  general: generateGeneral({ seed: 1, split: 'train', documents: 30 }),
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finery-chat-vector-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('merges what learnt from text with what learnt to reply, beside models that learn both', async () => {
  for (const [name, documents] of Object.entries(worlds)) {
    const corpus = join(folder, 'corpus', name);
    mkdirSync(corpus, { recursive: true });
    const lines = [...documents].map(({ id, text }) => JSON.stringify({ id, text })).join('\n');
    for (const file of ['fed_speeches', 'openstax_one'])
      writeFileSync(join(corpus, `${file}.jsonl.gz`), gzipSync(lines));
  }
  const asked = (name: string, field: string) => `data.${name}_questions.document_questions.${field}`;
  const loaded = await loadRecipe(path, {
    set: [
      'variables.base=../assets/nano',
      `variables.data=${folder}`,
      ...['finance', 'general'].map((name) => `data.${name}.held_out.share=0.4`),
      ...['finance', 'general'].map((name) => `${asked(name, 'kinds')}=[cloze]`),
      'variables.questions=4',
      'variables.held_out_questions=2',
      'variables.length=256',
      'variables.tokens=1024',
      'engine.threads=1',
    ],
  });
  const { stages } = await planRun(loaded, {
    out: join(folder, 'run'),
    cacheDir: join(folder, 'cache'),
    onProgress: () => {},
    onWarning: () => {},
  });
  expect(stages.map(({ name, from }) => `${from} > ${name}`)).toEqual([
    'base > cpt',
    'base > sft',
    'base > merge-050',
    'base > merge-100',
    'base > merge-150',
    'cpt > tuned',
    'cpt > ceiling',
  ]);
  const merges = stages.flatMap(({ merge }) => merge ?? []);
  expect(merges).toHaveLength(3);
  for (const { method, models } of merges) {
    expect([method, models]).toEqual(['task_arithmetic', ['cpt', 'sft', 'base']]);
  }
  // The instruction vector and the tuned model learn from the same conversations, the ceiling from others.
  const [, sft, , , , tuned, ceiling] = stages.map(({ training }) => training?.unpadded);
  expect(tuned).toBe(sft);
  expect(ceiling).not.toBe(sft);
}, 120_000);
