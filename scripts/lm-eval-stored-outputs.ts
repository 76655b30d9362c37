/**
 * Invents answers to GSM8K and BBH, right and wrong ones in the many forms that models use, to compare how scorers read
 * them (docs/evaluation/upstream-parity.md). The same seed invents the same answers.
 *
 *     npx tsx scripts/lm-eval-stored-outputs.ts ../data WORK
 *     python scripts/lm-eval-stored-outputs.py WORK
 *     npx tsx scripts/lm-eval-stored-parity.ts WORK
 *
 * Writes `WORK/data/*.jsonl` with the documents and `WORK/outputs/*.jsonl` with an answer `{form, isRight, text}` for each.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type RandomStream, stream } from '../src/random/stream.ts';

const [data, work] = process.argv.slice(2);
if (work === undefined) throw new Error('usage: lm-eval-stored-outputs.ts DATA WORK');

const SUBTASKS = [
  'boolean_expressions',
  'causal_judgement',
  'date_understanding',
  'logical_deduction_three_objects',
  'navigate',
  'object_counting',
] as const;

/** `false`: what is written says something else than `answer`, or nothing. */
type Form = readonly [name: string, write: (answer: string, other: string) => string, saysIt?: false];

const ANNOUNCED: readonly Form[] = [
  ['so the answer is', (a) => ` Let us see. So the answer is ${a}.`],
  ['The answer is', (a) => ` The answer is ${a}.`],
  ['the answer is, no stop', (a) => ` Hence the answer is ${a}`],
  ['The answer:', (a) => ` The answer: ${a}.`],
  ['The final answer:', (a) => ` Step 1. Step 2. The final answer: ${a}.`],
  ['answer is, then text', (a) => ` The answer is ${a}. I am fairly sure of it.`],
  ['answer is, then newline', (a) => ` The answer is ${a}.\nIs there more to do?`],
  ['two answers', (a, b) => ` The answer is ${b}. No, wait: the answer is ${a}.`],
  ['denied', (a, b) => ` The answer is not ${b}, but ${a}.`],
];

const BARE: readonly Form[] = [
  ['alone', (a) => a],
  ['alone, space', (a) => ` ${a}`],
  ['alone, stop', (a) => `${a}.`],
  ['alone, stop, newline', (a) => `${a}.\n`],
  ['alone, newline', (a) => `${a}\n`],
  ['bold', (a) => ` **${a}**`],
  ['quoted', (a) => `"${a}"`],
  ['lower case', (a) => a.toLowerCase()],
  ['upper case', (a) => a.toUpperCase()],
  ['behind a blank line', (a) => `\n\n${a}`],
];

const SILENT: readonly Form[] = [
  ['empty', () => '', false],
  ['whitespace', () => ' \n\t', false],
  ['no answer', () => ' I cannot say.', false],
  ['control characters', (a) => `\0\u0007${a}\u200b`],
  ['emoji', (a) => `👍 ${a} 👍`],
];

const NUMBERS: readonly Form[] = [
  ['####', (a) => ` We add them up.\n#### ${a}`],
  ['####, stop', (a) => ` We add them up.\n#### ${a}.`],
  ['####, dollar', (a) => `#### $${a}`],
  ['####, unit', (a) => `#### ${a} apples`],
  ['####, then text', (a, b) => `#### ${a}\n\nQuestion: and ${b}?`],
  ['#### twice', (a, b) => `#### ${b}\n#### ${a}`],
  ['####, no space', (a) => `####${a}`],
  ['####, decimals', (a) => `#### ${a}.00`],
  ['dollars', (a) => ` She has $${a} left.`],
  ['dollars and cents', (a) => ` She pays $${a}.50 in all.`, false],
  ['trailing unit', (a) => ` It takes ${a} hours.`],
  ['calculation', (a, b) => ` ${b} + 3 = ${a}`],
  ['number, then another', (a, b) => ` There are ${a}, which is more than ${b}.`],
  ['negative', (a) => ` The answer is -${a}.`, false],
  ['minus sign', (a) => ` The answer is \u2212${a}.`, false],
  ['boxed', (a) => ` Thus \\boxed{${a}}`],
  ['thousands', (a) => ` The answer is ${grouped(a)}.`],
  ['thousands with spaces', (a) => ` The answer is ${grouped(a).replaceAll(',', ' ')}.`],
  ['percent', (a) => ` The answer is ${a}%.`, false],
  ['words', () => ' The answer is twelve.', false],
  ['Chinese', (a) => ` 所以答案是${a}。`],
  [
    'Chinese digits',
    (a) => ` 答案是${[...a].map((digit) => '〇一二三四五六七八九'[Number(digit)] ?? digit).join('')}。`,
  ],
  [
    'full-width digits',
    (a) => ` 答えは${[...a].map((digit) => String.fromCodePoint(digit.codePointAt(0)! + 0xfee0)).join('')}です。`,
  ],
  [
    'Arabic-Indic digits',
    (a) =>
      ` ${[...a].map((digit) => (/\d/.test(digit) ? String.fromCodePoint(0x660 + Number(digit)) : digit)).join('')}`,
  ],
];

const LETTERS: readonly Form[] = [
  ['letter alone', (a) => ` ${letterOf(a)}`],
  ['letter, stop', (a) => ` ${letterOf(a)}.`],
  ['letter, bracket', (a) => ` ${letterOf(a)}) as computed`],
  ['answer is letter', (a) => ` The answer is ${letterOf(a)}.`],
  ['colon letter', (a) => ` Answer: ${letterOf(a)}`],
  ['brackets within', (a, b) => ` ${b} is too early, so ${a}`],
  ['Option', (a) => ` Option ${letterOf(a)} is correct.`],
  ['correct answer', (a) => ` The correct answer is ${letterOf(a)}`],
];

const WORDS: readonly Form[] = [
  ['within a word', (a, b) => ` Nothing un${a.toLowerCase()} here; ${b}ish.`, false],
  ['other first', (a, b) => ` ${b}? ${a}!`],
  ['with a comma', (a) => ` ${a}, because of the rules.`],
];

writeStored('gsm8k', [...ANNOUNCED, ...BARE, ...SILENT, ...NUMBERS, ...NUMBERS], {
  documents: jsonLines(readFileSync(join(data, 'reasoning/gsm8k_dev.jsonl'), 'utf8')).slice(0, 400),
  goldOf: ({ answer }) => answer.split('#### ').at(-1)!.replaceAll(',', ''),
  otherOf: (gold, random) => String(Math.abs(Number(gold)) + 1 + random.below(90)),
});
writeData('gsm8k-test', jsonLines(readFileSync(join(data, 'reasoning/gsm8k_dev.jsonl'), 'utf8')).slice(0, 400));
writeData(
  'gsm8k-train',
  jsonLines(gunzipSync(readFileSync(join(data, 'reasoning/gsm8k_train.jsonl.gz'))).toString('utf8')),
);

const bbh: Readonly<Record<string, { readonly examples: readonly Document[] }>> = JSON.parse(
  readFileSync(join(data, 'eval/bbh_dev.json'), 'utf8'),
);
for (const subtask of SUBTASKS) {
  const documents = bbh[subtask].examples;
  const targets = [...new Set(documents.map(({ target }) => target))];
  const isLetter = targets[0].startsWith('(');
  const isNumber = /^\d+$/.test(targets[0]);
  const own = isLetter ? [...LETTERS, ...LETTERS] : isNumber ? NUMBERS.slice(8) : WORDS;
  writeStored(subtask, [...ANNOUNCED, ...BARE, ...SILENT, ...own], {
    documents,
    goldOf: ({ target }) => target,
    otherOf: (gold, random) => targets.filter((target) => target !== gold)[random.below(targets.length - 1)],
  });
  writeData(subtask, documents);
}

type Document = Readonly<Record<'question' | 'answer' | 'input' | 'target', string>>;

interface Source {
  readonly documents: readonly Document[];
  readonly goldOf: (document: Document) => string;
  readonly otherOf: (gold: string, random: RandomStream) => string;
}

/** Two of three answers are right; forms are drawn alike. */
function writeStored(name: string, forms: readonly Form[], { documents, goldOf, otherOf }: Source): void {
  const random = stream(20, 'stored-outputs', name);
  const lines = documents.map((document) => {
    const gold = goldOf(document);
    const other = otherOf(gold, random);
    const isRight = random.float() < 2 / 3;
    const [form, write, saysIt = true] = forms[random.below(forms.length)];
    return JSON.stringify({
      form,
      isRight: isRight && saysIt,
      text: isRight ? write(gold, other) : write(other, gold),
    });
  });
  write('outputs', name, lines);
}

function writeData(name: string, documents: readonly Document[]): void {
  write(
    'data',
    name,
    documents.map((document) => JSON.stringify(document)),
  );
}

function write(folder: string, name: string, lines: readonly string[]): void {
  mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, folder, `${name}.jsonl`), `${lines.join('\n')}\n`);
}

function jsonLines(text: string): Document[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Document);
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

function letterOf(target: string): string {
  return target.replace(/[()]/g, '');
}
