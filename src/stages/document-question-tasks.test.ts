import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentQuestionKinds } from '../document-questions/question.ts';
import { replyForms } from '../eval/answers/reply-forms.ts';
import { repliesInForm } from '../eval/tasks/functions/document-questions.ts';
import { itemsOf } from '../eval/tasks/items.ts';
import { tasksOf } from '../eval/tasks/load-task.ts';
import { documentQuestionConversations } from './document-question-conversations.ts';
import { documentQuestionTasks } from './document-question-tasks.ts';
import type { DocumentSource } from './document-source.ts';
import { splitTexts } from './document-source.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'finery-document-questions-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const shared = new URL('../../../shared/data/corpus/general/', import.meta.url).pathname;
const settings = { kinds: documentQuestionKinds, questions: 50, held_out_questions: 10, forms: [], seed: 1 };
const files = (path: string): DocumentSource => {
  const held_out = { share: 0.1, group: 'document', seed: 0 } as const;
  return { files: [path], text_field: 'text', skip_broken: false, held_out, max_documents: null };
};
const ask = (source: DocumentSource, warnings: string[] = []) =>
  documentQuestionTasks('asked', settings, { set: 'text', source }, { root, onWarning: (text) => warnings.push(text) });

const nothing = { in_form: 0, names_option: 0, right_in_form: 0 };
const general = { world: 'general', documents: 80, held_out_documents: 30, seed: 1 } as const;

describe('tasks of questions about documents', () => {
  it('ask in training what they ask when they measure, about other documents', async () => {
    const warnings: string[] = [];
    const group = await ask({ finworld: general }, warnings);
    const [choice] = tasksOf(group);
    expect(choice.name).toBe('asked_choice');
    const measured = await itemsOf(choice, { chat: true });
    const heldOut = await documentQuestionConversations(group, 'heldOut');
    for (const [place, { variants, document }] of measured.entries()) {
      const { messages } = heldOut[place].conversation;
      expect(messages.slice(0, -1)).toEqual(variants[0].prompt);
      expect(messages.at(-1)).toEqual({ role: 'assistant', content: document.answer });
    }
    const train = await documentQuestionConversations(group, 'train');
    const asked = (conversations: typeof train) =>
      conversations.map(({ conversation: { messages } }) => messages[0].content);
    expect(asked(train).filter((prompt) => asked(heldOut).includes(prompt))).toEqual([]);
    expect(new Set(train.map(({ source }) => source))).toContain('cloze');
    // There are fewer definitions than questions wanted, and none of them is lost without a word.
    expect(warnings.some((text) => /of 50 term questions about training documents \(\d+ found/.test(text))).toBe(true);
  });

  it('are written and taught in the form that they ask for', async () => {
    const group = await documentQuestionTasks(
      'asked',
      { ...settings, forms: replyForms },
      { set: 'text', source: { finworld: general } },
      { root },
    );
    const tasks = tasksOf(group);
    expect(tasks.map(({ name }) => name)).toEqual(['asked_replies']);
    const items = await itemsOf(tasks[0], { chat: true });
    expect(new Set(items.map(({ slices }) => slices.form))).toEqual(new Set(replyForms));
    const learnt = await documentQuestionConversations(group, 'heldOut');
    for (const [place, { document }] of items.entries()) {
      const { prompt, messages } = { prompt: document.prompt, ...learnt[place].conversation };
      expect(messages[0].content).toBe(`${prompt}\n`);
      const reply = String(messages.at(-1)?.content);
      expect(repliesInForm(document, [reply])).toEqual({ in_form: 1, names_option: 1, right_in_form: 1 });
      expect(repliesInForm(document, [String(document.answer)])).toEqual(nothing);
    }
  });

  it('are other tasks for other documents', async () => {
    const hashes = async (seed: number) =>
      tasksOf(await ask({ finworld: { ...general, seed } })).map(({ hash }) => hash);
    expect(await hashes(1)).toEqual(await hashes(1));
    expect((await hashes(2))[0]).not.toBe((await hashes(1))[0]);
  });

  it('leave out what cannot be measured, and say so', async () => {
    const warnings: string[] = [];
    // So few documents are held out that none of them defines anything.
    const group = await ask({ finworld: { ...general, held_out_documents: 3 } }, warnings);
    expect(tasksOf(group).map(({ name }) => name)).toEqual(['asked_choice']);
    expect(warnings.some((text) => /^asked: \d+ questions? left out: none of their sort/.test(text))).toBe(true);
  });

  it('are refused where nothing can be asked, naming the set', async () => {
    const text =
      'Der Kiel ist ein langer Balken unter dem Schiff. Er hält das Schiff auf seinem Weg, und er ist schwer.';
    writeFileSync(join(root, 'german.jsonl'), [1, 2, 3].map((id) => JSON.stringify({ id, text })).join('\n'));
    await expect(ask(files('german.jsonl'))).rejects.toMatchObject({
      problem: { field: 'data.asked: document_questions', found: expect.stringContaining('3 of them not in English') },
    });
    await expect(ask(files('missing.jsonl'))).rejects.toMatchObject({
      problem: { field: 'data.text: missing.jsonl' },
    });
  });
});

describe.runIf(existsSync(shared))('of a textbook', () => {
  it('have every kind in number, and answers that their documents have', async () => {
    const source = files(join(shared, 'openstax_psychology.jsonl.gz'));
    const group = await ask(source);
    const texts = new Map<string, string>();
    for await (const { id, text } of splitTexts('text', source, { root })) texts.set(id, text.replace(/\s+/g, ' '));
    const counts = new Map<string, number>();
    for (const { records } of tasksOf(group)) {
      for (const { kind, document, answer } of [...records!.train, ...records!.heldout]) {
        expect(texts.get(String(document))!.toLowerCase()).toContain(String(answer).toLowerCase());
        counts.set(String(kind), (counts.get(String(kind)) ?? 0) + 1);
      }
    }
    for (const kind of documentQuestionKinds) expect(counts.get(kind)).toBeGreaterThanOrEqual(50);
  });
});
