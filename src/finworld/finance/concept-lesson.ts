/** Textbook-like explanations of two related concepts, with worked figures from the scene's company. */
import { capitalised } from '../grammar/polish.ts';
import { compose } from '../grammar/writer.ts';
import { type Concept, numbersOf } from './concepts/concept.ts';
import { marketConcepts } from './concepts/markets.ts';
import { riskConcepts } from './concepts/risk.ts';
import { statementConcepts } from './concepts/statements.ts';
import type { Scene } from './scene.ts';

const chapters: readonly (readonly Concept[])[] = [statementConcepts, marketConcepts, riskConcepts];

export const concepts: readonly Concept[] = chapters.flat();

export function conceptLesson(scene: Scene): string {
  const { writer } = scene;
  const chapter = writer.pick(chapters);
  const [first, second] = writer.sample(chapter, 2);
  const title = writer.vary(
    `{Understanding ${first.term}|${capitalised(first.term)} and ${second.term}|Finance explained: ${first.term}|A short lesson on ${first.term}||}`,
  );
  const link = writer.say(
    [
      'a {related|second} idea is <second>',
      'closely connected with <first> is the idea of <second>',
      'whoever studies <first> {soon |sooner or later |}meets <second>',
      '{from <first> it is a short step to|<first> leads on to} <second>',
    ],
    { first: first.term, second: second.term },
  );
  const closing = writer.say(
    [
      '{taken together|side by side}, <first> and <second> {say more than either alone|give a fuller picture}',
      '{a careful reader|an analyst} {looks at|considers} <first> and <second> {together|over several years}',
      'neither <first> nor <second> {tells the whole story|should be read alone}',
      '{in practice|in daily work}, <first> and <second> {appear|come up} again and again',
    ],
    { first: first.term, second: second.term },
  );
  const [opening, ...rest] = explain(scene, second);
  return compose([title, ...explain(scene, first), [link, ...opening], ...rest, [closing]]);
}

function explain(scene: Scene, concept: Concept): string[][] {
  const { writer } = scene;
  const { term } = concept;
  const [definition, other] = writer.sample(concept.definitions, 2);
  const [use, otherUse] = writer.sample(concept.uses, 2);
  const [caution, otherCaution] = writer.sample(concept.cautions, 2);
  const define = writer.say(
    [
      '<term> is <definition>',
      'by <term> {one means|people in finance mean|accountants and investors mean} <definition>',
      '<term> can be {defined|described} as <definition>',
      'in finance, <term> {is the name for|stands for} <definition>',
      '<term>, {in short|in plain words|put simply}, is <definition>',
      'when {analysts|investors|bankers} speak of <term>, they mean <definition>',
    ],
    { term, definition },
  );
  const rephrase = writer.chance(0.7)
    ? writer.say(
        [
          '{in other words|put differently|said another way}, it is <other>',
          '{it may also be seen|one can also think of it} as <other>',
          '{another way to say this|the same idea in other words} is <other>',
        ],
        { other },
      )
    : '';
  const purpose = writer.say(
    [
      '<use>',
      '{it matters because|it is useful because|people care about it because} <use>',
      '{note that|it helps to know that|experience teaches that} <use>',
      '{first of all|above all}, <use>',
    ],
    { use },
  );
  const further = writer.say(
    ['{moreover|in addition|besides}, <otherUse>', '<otherUse>', 'it is {also|equally} true that <otherUse>'],
    { otherUse },
  );
  const worked = writer.say(
    [
      '{for example|for instance|to give an example|as an illustration}, <example>',
      '{consider a case|take a case|here is a case}: <example>',
      '<example>',
      '{in figures|in numbers}: <example>',
    ],
    {
      example: concept.example(numbersOf(scene)),
    },
  );
  const warning = writer.say(
    [
      '{however|still|yet}, <caution>',
      '{a word of caution|one warning}: <caution>',
      '{the difficulty is that|the weak point is that|it should be remembered that} <caution>',
      '<caution>',
    ],
    { caution },
  );
  const second = writer.chance(0.6)
    ? writer.say(
        [
          '{also|likewise|in the same way}, <otherCaution>',
          'furthermore, <otherCaution>',
          '{it is also the case that|it should be added that} <otherCaution>',
        ],
        { otherCaution },
      )
    : '';
  const arrangement = writer.draw(3);
  if (arrangement === 0)
    return [
      [define, rephrase, worked],
      [purpose, further, warning, second],
    ];
  if (arrangement === 1)
    return [
      [define, rephrase, purpose, worked],
      [further, warning, second],
    ];
  return [
    [define, rephrase, purpose, further],
    [worked, warning, second],
  ];
}
