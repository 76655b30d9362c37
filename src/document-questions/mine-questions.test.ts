import { describe, expect, it } from 'vitest';
import { REPLY_FORMS, replyForms } from '../eval/answers/reply-forms.ts';
import { generateGeneral } from '../finworld/index.ts';
import { GAP } from './kinds/cloze.ts';
import { type MiningOptions, mineQuestions, type SourceDocument } from './mine-questions.ts';
import { type DocumentQuestion, documentQuestionKinds, OPTIONS } from './question.ts';

const options: MiningOptions = { kinds: documentQuestionKinds, questions: 60, heldOutQuestions: 20, seed: 1 };

/** The world's tales define little. */
const manual = [
  'The sea has rules, and every captain knows them. A hull is the body of a ship, without its masts and sails.',
  'Ballast refers to heavy cargo in the hold, and it is taken on board before the journey begins.',
  'anchor',
  'heavy object that holds a vessel in place',
  'keel',
  'long beam along the bottom of a vessel',
  'rudder',
  'board at the stern that turns a vessel',
  'sextant',
  'instrument for measuring how high a star stands',
].join('\n');

const tales = [...generateGeneral({ seed: 1, split: 'train', documents: 150 })].map(
  ({ id, text }, i): SourceDocument => {
    return { id, text, isHeldOut: i % 5 === 0 };
  },
);
const world = [...tales, { id: 'manual', text: manual, isHeldOut: false }];
const plain = (text: string) => text.replace(/\s+/g, ' ');
const textOf = new Map(world.map(({ id, text }) => [id, plain(text)]));
const mined = await mineQuestions(world, options);
const all = [...mined.train, ...mined.heldOut];
const ofKind = (kind: string): readonly DocumentQuestion[] => all.filter((question) => question.kind === kind);

describe('questions about documents', () => {
  it('are of every kind, each with an answer that its document has', () => {
    for (const kind of documentQuestionKinds) expect(ofKind(kind).length).toBeGreaterThan(0);
    for (const { document, answer } of all) expect(textOf.get(document)!.toLowerCase()).toContain(answer.toLowerCase());
  });

  it('have four options that differ, one of them right, or are written', () => {
    for (const { kind, options: shown, gold, answer, prompt } of all) {
      if (kind === 'defined_term') expect(shown).toEqual([]);
      else {
        expect(new Set(shown.map((option) => option.toLowerCase())).size).toBe(OPTIONS);
        expect(shown[gold]).toBe(answer);
        for (const option of shown) expect(prompt).toContain(`\n- ${option}`);
      }
    }
    const places = all.filter(({ kind }) => kind === 'cloze').map(({ gold }) => gold);
    expect(new Set(places).size).toBe(OPTIONS);
  });

  it('fill a gap with what the passage has there', () => {
    for (const { prompt, answer } of ofKind('cloze')) {
      const [passage, ...rest] = prompt.split('\n');
      const question = rest[0].split(GAP).length === 2 ? rest[0] : rest[0].replace(GAP, '');
      const [before, after] = question.split(GAP);
      // The wording ends where the sentence begins; a stretch on both sides of the gap is the sentence's.
      expect(passage).toContain(`${before.slice(-1)}${answer}${after.slice(0, 20)}`);
    }
  });

  it('go on with the sentence that follows, and show it nowhere else', () => {
    for (const { prompt, answer, document, options: shown, gold } of ofKind('next_sentence')) {
      const [passage] = prompt.split('\n');
      expect(textOf.get(document)).toContain(`${passage} ${answer}`);
      for (const [place, option] of shown.entries()) {
        if (place !== gold) expect(textOf.get(document)).not.toContain(`${passage} ${option}`);
      }
    }
  });

  it('are asked once, and about one part of the documents each', () => {
    const heldOut = new Set(world.filter(({ isHeldOut }) => isHeldOut).map(({ id }) => id));
    expect(mined.train.filter(({ document }) => heldOut.has(document))).toEqual([]);
    expect(mined.heldOut.filter(({ document }) => !heldOut.has(document))).toEqual([]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it('are not learnt from a copy of a document that is held out', async () => {
    const [original] = world.filter(({ isHeldOut }) => isHeldOut);
    const copy = { ...original, id: 'copy', isHeldOut: false };
    const most = { ...options, questions: 10_000, heldOutQuestions: 10_000 };
    const { train, heldOut, counts } = await mineQuestions([original, copy], most);
    expect(heldOut.length).toBeGreaterThan(0);
    expect(train).toEqual([]);
    expect(counts.reduce((sum, { train: { inOtherPart } }) => sum + inOtherPart, 0)).toBe(heldOut.length);
  });

  it('are the same for the same seed, others for another, and no more than wanted', async () => {
    expect(await mineQuestions(world, options)).toEqual(mined);
    const others = await mineQuestions(world, { ...options, seed: 2 });
    expect(others.train.map(({ prompt }) => prompt)).not.toEqual(mined.train.map(({ prompt }) => prompt));
    for (const { train, heldOut } of mined.counts) {
      expect(train.kept).toBeLessThanOrEqual(options.questions);
      expect(heldOut.kept).toBeLessThanOrEqual(options.heldOutQuestions);
    }
    // What is asked of a kind does not depend on which other kinds there are.
    const alone = await mineQuestions(world, { ...options, kinds: ['cloze'] });
    expect(alone.train).toEqual(mined.train.filter(({ kind }) => kind === 'cloze'));
  });

  it('may ask for a reply in a form, each in one of several, and are the same questions then', async () => {
    const { train } = await mineQuestions(world, { ...options, forms: replyForms });
    expect(new Set(train.map(({ form }) => form))).toEqual(new Set(replyForms));
    for (const [place, { form, prompt, ...question }] of train.entries()) {
      const { prompt: asked, ...plain } = mined.train[place];
      expect(question).toEqual(plain);
      expect(REPLY_FORMS[form!].requests.map((request) => `${asked}\n${request}`)).toContain(prompt);
    }
  });

  it('leave out what is not in English, and say how much', async () => {
    const text =
      'Der Kiel ist ein langer Balken unter dem Schiff. Er hält das Schiff auf seinem Weg, und er ist schwer.';
    const { train, notEnglish, documents } = await mineQuestions([{ id: 'de', text, isHeldOut: false }], options);
    expect([train.length, notEnglish, documents]).toEqual([0, 1, 1]);
  });

  it.each([
    ['one word of a million letters', 'a'.repeat(1_000_000)],
    ['a sentence that never ends', `The keel is ${'a very '.repeat(100_000)} long beam.`],
    ['a list without end', 'a: the b\n'.repeat(50_000)],
    ['brackets', '('.repeat(200_000)],
    ['capitals', 'The King Of '.repeat(80_000)],
  ])('take no long time over %s', async (_, text) => {
    const start = process.cpuUsage();
    await mineQuestions(
      [{ id: 'hostile', text: `The cat is in the house and it was there. ${text}`, isHeldOut: false }],
      options,
    );
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(3);
  });
});
