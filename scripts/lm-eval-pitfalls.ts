/**
 * Plants each pitfall of published scorers in a copy of Finery's scorer, and tells which tests notice.
 *
 *     npx tsx scripts/lm-eval-pitfalls.ts COPY          all of them, some minutes
 *     npx tsx scripts/lm-eval-pitfalls.ts COPY judge    those whose name holds a word
 *
 * `COPY` is an empty folder, for the last commit; the work tree is not touched. Prints the table of
 * docs/evaluation/pitfalls.md, and ends with 1 if a pitfall stays unnoticed.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Pitfall {
  readonly name: string;
  /** Who has it. */
  readonly seenIn: string;
  /** Below src/eval. */
  readonly file: string;
  /** Occurs once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Below src/eval: where to look for tests that fail, until one file has some. */
  readonly tests: readonly string[];
}

const LETTERS = ['answers/traps.test.ts', 'answers/choices/letter-of.test.ts', 'tasks/score-item.test.ts'];
const LABELS = ['answers/traps.test.ts', 'answers/choices/label-of.test.ts', 'tasks/score-item.test.ts'];
const NUMBERS = ['answers/traps.test.ts', 'tasks/score-item.test.ts', 'answers/numeric/numeric.test.ts'];
const JUDGE = ['judge/judge.test.ts', 'judge/hostile-candidates.test.ts'];

const PITFALLS: readonly Pitfall[] = [
  {
    name: 'numbers compared as strings',
    seenIn: 'PIXIU (FinQA, TAT-QA, ConvFinQA)',
    file: 'tasks/scoring/read-numeric-answer.ts',
    find: 'verdicts.find(({ strict }) => strict) ?? verdicts.find(({ lenient }) => lenient) ?? verdicts[0];',
    replace: 'verdicts[0] && { strict: text.trim() === target[0], lenient: text.trim() === target[0] };',
    tests: NUMBERS,
  },
  {
    name: 'no rounding: only the exact number is right',
    seenIn: 'PIXIU; FinQA execution accuracy',
    file: 'answers/numeric/compare.ts',
    find: 'const isNear = (value: Rational) => isWithin(value, gold, options);',
    replace: 'const isNear = (value: Rational) => compare(value, gold.value) === 0;',
    tests: NUMBERS,
  },
  {
    name: 'letters found inside words: "The correct answer is B" is C',
    seenIn: 'FinLoRA',
    file: 'answers/choices/letter-of.ts',
    find: '  const search = new LetterSearch(letters, options.texts);',
    replace:
      '  const at = [...answer.toUpperCase()].findIndex((one) => letters.includes(one));\n  if (at >= 0) return readAt(answer[at].toUpperCase(), at, at + 1);\n  const search = new LetterSearch(letters, options.texts);',
    tests: LETTERS,
  },
  {
    name: 'a letter that cannot be read is the first one',
    seenIn: 'FinEval (zh), which draws one at random',
    file: 'answers/choices/letter-of.ts',
    find: '  return settled(reading, visible.text, options);',
    replace: '  return settled(reading.ok ? reading : readAt(letters[0], 0, 0), visible.text, options);',
    tests: LETTERS,
  },
  {
    name: 'a missing label is a class by default',
    seenIn: 'PIXIU (fall, good), FinGPT and FOMC (neutral)',
    file: 'answers/choices/label-of.ts',
    find: '  return settled(reading, text, options);',
    replace: "  return settled(reading.ok ? reading : readAt(labels.at(-1) ?? '', 0, 0), text, options);",
    tests: LABELS,
  },
  {
    name: 'the first label of the list that occurs anywhere',
    seenIn: 'PIXIU',
    file: 'answers/choices/label-of.ts',
    find: '  const names = labelNames(labels, options.synonyms);',
    replace:
      '  const names = labelNames(labels, options.synonyms);\n  const first = labels.find((label) => answer.toLowerCase().includes(label.toLowerCase()));\n  if (first !== undefined) return readAt(first, 0, 1);',
    tests: LABELS,
  },
  {
    name: 'denied labels count: "not positive, neutral" is ambiguous or positive',
    seenIn: 'PIXIU, FinGPT, FinLoRA',
    file: 'answers/choices/denial.ts',
    find: '  const clause =\n',
    replace: '  if (text.length >= 0) return false;\n  const clause =\n',
    tests: LABELS,
  },
  {
    name: 'INCORRECT contains CORRECT, in answers',
    seenIn: 'FinLoRA; graders of several projects',
    file: 'answers/choices/label-of.ts',
    find: "function border(character: string, side: 'before' | 'behind'): string {\n",
    replace:
      "function border(character: string, side: 'before' | 'behind'): string {\n  if (character !== '') return '';\n",
    tests: LABELS,
  },
  {
    name: 'numbers as labels: 20.00 contains 0.0',
    seenIn: 'FinLoRA (formula set)',
    file: 'answers/choices/label-of.ts',
    find: '  const isDigit = /\\p{N}/u.test(character);\n',
    replace: "  if (/\\p{N}/u.test(character)) return '';\n  const isDigit = /\\p{N}/u.test(character);\n",
    tests: LABELS,
  },
  {
    name: '"Yes." is not Yes',
    seenIn: 'PIXIU (headlines)',
    file: 'answers/choices/label-of.ts',
    find: '    const { start, end } = bare(text, span);\n    const mention',
    replace: '    const { start, end } = span;\n    const mention',
    tests: LABELS,
  },
  {
    name: 'the minus sign is not read',
    seenIn: 'PIXIU (TSA), FinGPT, FinChain',
    file: 'answers/numeric/mention-reader.ts',
    find: "isNegative: hasSign && sign !== '+',",
    replace: 'isNegative: false,',
    tests: NUMBERS,
  },
  {
    name: 'the sign is not compared',
    seenIn: 'DocMath-Eval',
    file: 'answers/numeric/compare.ts',
    find: '  return failed(almost(inGoldUnit ?? found.value, gold, isNear));',
    replace:
      "  const almostRight = almost(inGoldUnit ?? found.value, gold, isNear);\n  return almostRight === 'sign' ? RIGHT : failed(almostRight);",
    tests: NUMBERS,
  },
  {
    name: 'powers of ten are free',
    seenIn: 'DocMath-Eval',
    file: 'answers/numeric/compare.ts',
    find: '  return failed(almost(inGoldUnit ?? found.value, gold, isNear));',
    replace:
      "  const almostRight = almost(inGoldUnit ?? found.value, gold, isNear);\n  return almostRight === 'scale' ? RIGHT : failed(almostRight);",
    tests: NUMBERS,
  },
  {
    name: 'a fraction is as good as its percentage',
    seenIn: 'DocMath-Eval; FinQA (x% is x/100)',
    file: 'answers/numeric/compare.ts',
    find: "return tolerated('percent-fraction');",
    replace: 'return RIGHT;',
    tests: NUMBERS,
  },
  {
    name: 'the unit is not compared',
    seenIn: 'most numeric comparators',
    file: 'answers/numeric/compare.ts',
    find: "return tolerated('unit');",
    replace: 'return RIGHT;',
    tests: NUMBERS,
  },
  {
    name: 'an absolute tolerance of 0.1, whatever the size',
    seenIn: 'an environment for agents with FinQA',
    file: 'answers/numeric/compare.ts',
    find: '  const onePercent =',
    replace: '  if (compare(distance, rational(1n, 10n)) <= 0) return true;\n  const onePercent =',
    tests: NUMBERS,
  },
  {
    name: 'unread numbers leave the denominator',
    seenIn: 'PIXIU (TSA), FinGPT (ConvFinQA)',
    file: 'tasks/scoring/answer-contributions.ts',
    find: '  if (verdicts.includes(undefined)) return null;',
    replace: "  if (verdicts.some((verdict) => verdict === undefined || verdict.error === 'unparsed')) return null;",
    tests: NUMBERS,
  },
  {
    name: 'unread labels leave the denominator of F1 and MCC',
    seenIn: 'FinanceIQ',
    file: 'metrics/confusion-matrix.ts',
    find: '  const kept = answered(items, options.clusters);',
    replace:
      '  const kept = answered(items.map((item) => (item?.predicted === undefined ? null : item)), options.clusters);',
    tests: ['metrics/confusion-matrix.test.ts', 'tasks/score-item.test.ts'],
  },
  {
    name: 'a wrong answer belongs to no class, so no class has false positives',
    seenIn: 'FinLoRA (weighted F1 becomes 2a / (1 + a))',
    file: 'metrics/confusion-matrix.ts',
    find: '    const column = predicted === undefined ? undefined : places.get(predicted);',
    replace: '    const column = predicted !== gold ? undefined : places.get(predicted);',
    tests: ['metrics/confusion-matrix.test.ts', 'tasks/score-item.test.ts'],
  },
  {
    name: 'a failed request counts as a wrong answer',
    seenIn: 'FOMC scripts (errors become neutral); content filters of Japanese boards',
    file: 'tasks/score-item.ts',
    find: '        const { kind, reason } = contribution.failure;\n',
    replace: "        return { metric: metric.metric, filter, contribution: { kind: 'value', value: 0 } };\n",
    tests: ['tasks/score-item.test.ts'],
  },
  {
    name: 'an answer that was cut off is read like a whole one',
    seenIn: 'lm-evaluation-harness with reasoning models',
    file: 'answers/reading.ts',
    find: '  if (!isCutOff) return reading;',
    replace: '  if (!isCutOff || reading.ok) return reading;',
    tests: LETTERS,
  },
  {
    name: 'thoughts are read as the answer',
    seenIn: 'lm-evaluation-harness with reasoning models',
    file: 'answers/visible-text.ts',
    find: '  const text = withoutThoughts(raw);',
    replace: "  const text = raw === '' ? withoutThoughts(raw) : raw;",
    tests: LABELS,
  },
  {
    name: 'labels of the data are swapped and nobody notices',
    seenIn: 'FinLoRA (TFNS)',
    file: 'tasks/data/dataset-card.ts',
    find: '    if (here !== there) {',
    replace: '    if (here !== there && here < 0) {',
    tests: ['tasks/items.test.ts', 'tasks/validate-task.test.ts'],
  },
  {
    name: 'data of another set under the name of this one',
    seenIn: 'FinDAP (FinanceBench holds credit data)',
    file: 'tasks/data/dataset-card.ts',
    find: '    if (hash !== undefined && hash !== sha256) {',
    replace: "    if (hash === '') {",
    tests: ['tasks/items.test.ts', 'tasks/validate-task.test.ts'],
  },
  {
    name: 'the scale of a TAT-QA answer is always right',
    seenIn: 'PIXIU (no scale at all)',
    file: 'answers/tatqa/tatqa-score.ts',
    find: 'scale: isScaled ? 1 : 0 };',
    replace: 'scale: isScaled || found.length >= 0 ? 1 : 0 };',
    tests: ['answers/tatqa'],
  },
  {
    name: 'INCORRECT contains CORRECT, in verdicts of judges',
    seenIn: 'a project whose scores rose by about 40 points',
    file: 'judge/verdict.ts',
    find: '  if (!allowed.includes(value)) return',
    replace:
      '  const inside = allowed.find((one) => value.includes(one));\n  if (inside !== undefined) return { value: inside };\n  if (!allowed.includes(value)) return',
    tests: JUDGE,
  },
  {
    name: 'a verdict counts wherever it stands',
    seenIn: 'graders that search the whole text',
    file: 'judge/verdict.ts',
    find: "  const line = text.slice(text.lastIndexOf('\\n') + 1).trim();",
    replace:
      "  const line = text.split('\\n').find((one) => one.includes(verdictWord))?.replace(/^.*(?=VERDICT)/, '') ?? '';",
    tests: JUDGE,
  },
  {
    name: 'text of the candidate overrides the judge',
    seenIn: 'NeMo Gym',
    file: 'judge/quote.ts',
    find: '  return neutralize(text)\n',
    replace: "  if (text !== '') return text.split('\\n');\n  return neutralize(text)\n",
    tests: JUDGE,
  },
  {
    name: 'a judge without a verdict gives 0',
    seenIn: 'graders that parse with a default',
    file: 'judge/judge-answers.ts',
    find: '  return { criterion: name, value: null, reason',
    replace: '  return { criterion: name, value: 0, reason',
    tests: JUDGE,
  },
  {
    name: 'digits behind a comma vanish: 1,234 is 1',
    seenIn: 'FinGPT (ConvFinQA)',
    file: 'answers/numeric/digits.ts',
    find: "  const mantissa = BigInt(whole.replace(/\\D/g, '') + fraction);",
    replace: "  const mantissa = BigInt((whole.split(',')[0] ?? '').replace(/\\D/g, '') + fraction);",
    tests: NUMBERS,
  },
  {
    name: 'the article "A" is the answer A',
    seenIn: 'extractors that take the first capital letter',
    file: 'answers/choices/letter-marks.ts',
    find: '  return !/^(?:[AI]|\\d+)$/.test(letter) || CONTINUATION.test(rest);',
    replace: '  return letter !== rest;',
    tests: LETTERS,
  },
  {
    name: 'F1 only over classes that the gold labels have',
    seenIn: 'PIXIU',
    file: 'metrics/f1.ts',
    find: '  const defined = f1s(matrix).filter((f1) => !Number.isNaN(f1));',
    replace: '  const defined = f1s(matrix).filter((_, place) => marginsOf(matrix).gold[place] > 0);',
    tests: ['metrics/confusion-matrix.test.ts', 'answers/published/published.test.ts'],
  },
  {
    name: 'an entity listed twice is found twice',
    seenIn: 'PIXIU (NER)',
    file: 'metrics/entity-f1.ts',
    find: '  const found = sharedCount(countTokens(gold), countTokens(predicted));',
    replace: '  const found = predicted.filter((one) => gold.includes(one)).length;',
    tests: ['metrics/entity-f1.test.ts'],
  },
  {
    name: 'entities that differ in case only are different',
    seenIn: 'PIXIU (NER)',
    file: 'metrics/entity-f1.ts',
    find: 'text.trim().toLowerCase().split',
    replace: 'text.trim().split',
    tests: ['metrics/entity-f1.test.ts'],
  },
  {
    name: 'items that share a document count as independent',
    seenIn: 'lm-evaluation-harness and the finance harnesses',
    file: 'statistics/standard-error.ts',
    find: '  const clusters = clustersOf(numerators.length, names);',
    replace: '  const clusters = clustersOf(numerators.length, names && undefined);',
    tests: ['statistics/standard-error.test.ts'],
  },
  {
    name: 'two models are compared as if items were independent',
    seenIn: 'comparisons without clusters',
    file: 'compare/compare-column.ts',
    find: '    ...testPairs(a, b, { ...options, clusters: names }),',
    replace: '    ...testPairs(a, b, { ...options, clusters: undefined }),',
    tests: ['compare/compare-evaluations.test.ts'],
  },
  {
    name: 'the question is among its own examples',
    seenIn: 'lm-evaluation-harness, for copies of a question',
    file: 'tasks/few-shot/sampler.ts',
    find: '(sharesSplit ? drawn.filter((place) => keys[place] !== key) : drawn);',
    replace: '(key === keys[-1] ? [] : drawn);',
    tests: ['tasks/few-shot/sampler.test.ts', 'tasks/items.test.ts'],
  },
  {
    name: 'a blank line ends an answer in a conversation',
    seenIn: 'lm-evaluation-harness with reasoning models',
    file: 'tasks/requests.ts',
    find: '  const standard = isChat ? [] : [config.fewshot_delimiter];',
    replace: '  const standard = [config.fewshot_delimiter];',
    tests: ['tasks/score-item.test.ts'],
  },
];

const [given, word = ''] = process.argv.slice(2);
if (given === undefined) throw new Error('usage: lm-eval-pitfalls.ts COPY [WORD]');
const copy = resolve(given);
mkdirSync(copy, { recursive: true });
if (readdirSync(copy).length === 0) {
  const archive = execFileSync('git', ['archive', 'HEAD'], { maxBuffer: 2 ** 30 });
  execFileSync('tar', ['x', '-C', copy], { input: archive });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
}

const chosen = PITFALLS.filter(({ name }) => name.includes(word));
const already = failuresOf([...new Set(chosen.flatMap(({ tests }) => tests))]);
if (already.length > 0) throw new Error(`fails without any pitfall: ${already.join('; ')}`);

let unnoticed = 0;
print('| pitfall | seen in | failing tests | the first of them |\n| --- | --- | --: | --- |');
for (const pitfall of chosen) {
  const failing = failingWith(pitfall);
  if (failing.length === 0) unnoticed++;
  print(`| ${pitfall.name} | ${pitfall.seenIn} | ${failing.length} | ${failing[0] ?? 'NONE'} |`);
}
process.exitCode = unnoticed > 0 ? 1 : 0;

/** Names of the tests of the first file that notices the pitfall. */
function failingWith({ name, file, find, replace, tests }: Pitfall): string[] {
  const path = join(copy, 'src/eval', file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) throw new Error(`${name}: what is to be replaced is not in ${file} once`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
  try {
    for (const test of tests) {
      const failing = failuresOf([test]);
      if (failing.length > 0) return failing;
    }
    return [];
  } finally {
    writeFileSync(path, source);
  }
}

interface Run {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Names of the tests of these files that fail in the copy. */
function failuresOf(tests: readonly string[]): string[] {
  const command = ['vitest', 'run', '--reporter=json', ...tests.map((test) => join('src/eval', test))];
  const { stdout } = spawnSync('npx', command, { cwd: copy, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const { testResults } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as Run;
  return testResults.flatMap(({ name, assertionResults }) => {
    if (assertionResults.length === 0) throw new Error(`${name} does not run`);
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    const file = name.slice(copy.length + 1).replace('src/eval/', '');
    return failed.map(({ fullName }) => `\`${file}\`: ${fullName.replaceAll('|', '\\|').slice(0, 110)}`);
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
