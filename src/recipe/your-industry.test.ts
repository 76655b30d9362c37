/** recipes/your-industry.yaml on documents that are about no finance: the questions are made of them, whatever they are. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { generateGeneral } from '../finworld/index.ts';
import { loadRecipe } from './load-recipe.ts';
import { renderReport } from './report/render-report.ts';
import { checkRecipe, fieldName } from './resolve-recipe.ts';
import { runRecipe } from './run-recipe.ts';

const path = fileURLToPath(new URL('../../recipes/your-industry.yaml', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'finery-your-industry-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('learns to answer questions about documents, and is asked about those that it has not read', async () => {
  const documents = join(folder, 'documents');
  mkdirSync(documents);
  for (const { id, text } of generateGeneral({ seed: 5, split: 'train', documents: 60 })) {
    writeFileSync(join(documents, `${id.replaceAll('/', '-')}.txt`), text);
  }
  const loaded = await loadRecipe(path, {
    set: [
      `variables.documents=${documents}`,
      'variables.questions=6',
      'variables.length=256',
      'engine.threads=1',
      'data.questions.document_questions.kinds=[cloze, next_sentence, defined_term]',
      'data.questions.document_questions.held_out_questions=3',
      'data.documents.held_out.share=0.3',
      'evaluation.bits_per_byte.on=[questions, documents]',
      'evaluation.bits_per_byte.max_documents=2',
      'stages.1.sft.replay={}',
      'stages.1.sft.samples=null',
    ],
  });
  const out = join(folder, 'run');
  const warnings: string[] = [];
  const summary = await runRecipe(loaded, {
    out,
    cacheDir: join(folder, 'cache'),
    selection: { skip: ['cpt'] },
    onProgress: () => {},
    onWarning: (message) => warnings.push(message),
    onPart: () => {},
    onMemory: () => {},
    commands: [],
  });
  const { questions } = summary.data;
  expect(questions.documents).toBeGreaterThanOrEqual(12);
  expect(questions.heldOutDocuments).toBeGreaterThanOrEqual(6);
  // Tales define little: that there are fewer questions of a kind is told.
  expect(
    warnings.filter((message) => /of 6 defined_term questions about training documents/.test(message)),
  ).toHaveLength(1);
  for (const { tasks } of summary.measurements) {
    const choice = tasks!.find(({ task }) => task === 'questions_choice')!;
    expect([choice.metric, choice.n]).toEqual(['acc', 6]);
  }
  const change = summary.measurements[1].sets.find(({ name }) => name === 'questions')!.change;
  expect(change!.high).toBeLessThan(0);
  expect(String(renderReport(summary))).toContain('questions about documents, seed 1');
  // What was asked is kept, each item with the document that it is about.
  expect(readFileSync(join(out, 'recipe.resolved.yaml'), 'utf8')).toContain('document_questions');
}, 120_000);

const recipeWith = (documents: string) => ({
  name: 'small',
  base: { checkpoint: 'model' },
  data: { text: { files: ['a.txt'] }, asked: { document_questions: { documents } }, chats: { finworld_questions: {} } },
  stages: [{ sft: {} }],
});

it.each([
  ['a set that is not there', 'texts', /"texts"/, /"text"/],
  ['conversations', 'chats', /"chats", a set of conversations/, /files or finworld/],
])('refuses to ask about %s', (_, documents, found, fix) => {
  try {
    checkRecipe(recipeWith(documents), fieldName);
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    expect(error.problem.field).toBe('data.asked.document_questions.documents');
    expect(error.problem.found).toMatch(found);
    expect(error.problem.fix).toMatch(fix);
  }
  expect(checkRecipe(recipeWith('text'), fieldName).stages).toMatchObject([{ sft: { on: ['asked', 'chats'] } }]);
});
