/**
 * Scores stored answers with the task files of lm-evaluation-harness as Finery reads them, and compares item by item and
 * filter by filter with what the harness itself made of them; then with Finery's own strict and lenient readings.
 *
 *     npx tsx scripts/lm-eval-stored-parity.ts WORK       after both scripts/lm-eval-stored-outputs.*
 *
 * Filters of the task files that are Python code have no counterpart: they stand as the declarative filter that is nearest,
 * and are marked with *. Prints the tables and differences of docs/evaluation/upstream-parity.md.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Answer, LanguageModel, Outcome } from '../src/eval/model/language-model.ts';
import { evaluateTask } from '../src/eval/run/evaluate.ts';
import { loadTask } from '../src/eval/tasks/load-task.ts';
import type { ItemScore } from '../src/eval/tasks/task.ts';

const [given] = process.argv.slice(2);
if (given === undefined) throw new Error('usage: lm-eval-stored-parity.ts WORK');
const work = resolve(given);
process.env.FINERY_DATA = work;

interface Stored {
  readonly form: string;
  /** Whether it says the right thing, however it does. */
  readonly isRight: boolean;
  readonly text: string;
}

interface Sample {
  readonly doc_id: number;
  readonly filter: string;
  readonly prompt: string;
  readonly filtered: string;
  readonly exact_match: number;
}

interface Row {
  readonly task: string;
  readonly filter: string;
  readonly items: number;
  readonly prompts: number;
  readonly texts: number;
  readonly scores: number;
}

const rows: Row[] = [];
const differences: string[] = [];
const refusals: string[] = [];
for (const family of ['gsm8k', 'bbh/zeroshot', 'bbh/cot_zeroshot', 'bbh/fewshot', 'bbh/cot_fewshot']) {
  const folder = join(work, 'tasks', family);
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  for (const file of files.sort()) await compareTask(join(folder, file), file.replace('.yaml', ''));
}

print('\n## Task files as they are');
print(refusals.length === 0 ? 'all load' : refusals.join('\n'));
print('\n## Item by item');
print('| task | filter | items | same prompt | same text | same score |\n| --- | --- | --: | --: | --: | --: |');
for (const { task, filter, items, prompts, texts, scores } of rows) {
  print(`| ${task} | ${filter} | ${items} | ${prompts} | ${texts} | ${scores} |`);
}
print(`\n## Differences (${differences.length})`);
print(differences.join('\n'));
print('\n## Own readings');
await ownReadings();

async function compareTask(path: string, subtask: string): Promise<void> {
  const { file, replaced } = declarative(path);
  if (replaced) {
    const refusal = await loadTask(path).then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (refusal !== undefined) refusals.push(`- ${refusal.replaceAll(`${work}/`, '')}`);
  }
  const task = await loadTask(file);
  const stored = storedAnswers(task.name.startsWith('gsm8k') ? 'gsm8k' : subtask);
  const { scores, items } = await evaluateTask(answering(stored), task);
  const samplesFile = join(work, 'samples', `${task.name}.jsonl`);
  if (!existsSync(samplesFile)) return void refusals.push(`- ${task.name}: upstream has no samples`);
  const samples = lines<Sample>(samplesFile);
  for (const filter of new Set(samples.map((sample) => sample.filter))) {
    const code = replaced && filter === 'flexible-extract' ? '*' : '';
    const found = { items: 0, prompts: 0, texts: 0, scores: 0 };
    for (const sample of samples.filter((one) => one.filter === filter)) {
      const score = scores[sample.doc_id];
      const { prompt } = items[sample.doc_id].variants[0];
      const text = score.extracted[filter];
      const value = scoreOf(score, filter);
      found.items++;
      found.prompts += Number(prompt === sample.prompt);
      found.texts += Number(text === sample.filtered);
      found.scores += Number(value === sample.exact_match);
      if (prompt !== sample.prompt) differences.push(`${score.id}: other prompt`);
      if (text === sample.filtered && value === sample.exact_match) continue;
      const { form, text: answer } = stored[sample.doc_id];
      differences.push(
        `| ${score.id} | ${filter}${code} | ${form} | ${quoted(answer)} | ${quoted(sample.filtered)} ${sample.exact_match} | ${quoted(text)} ${value} |`,
      );
    }
    rows.push({ task: task.name, filter: filter + code, ...found });
  }
}

/** The file, or a copy in which filters that are code are replaced by patterns. */
function declarative(path: string): { readonly file: string; readonly replaced: boolean } {
  const source = readFileSync(path, 'utf8');
  if (!source.includes('!function')) return { file: path, replaced: false };
  const file = path.replace('.yaml', '.declarative.yml');
  writeFileSync(
    file,
    source
      .replaceAll(/!function utils\.\w+/g, 'regex')
      .replaceAll(/^ +ignore_(?:case|punctuation): true\n(?= +(?:ignore|regex))/gm, ''),
  );
  return { file, replaced: true };
}

type Reader = readonly [name: string, accepts: (item: number) => boolean];

/** Finery's readings of the same answers beside upstream's: how many right and wrong answers each accepts. */
async function ownReadings(): Promise<void> {
  mkdirSync(join(work, 'own'), { recursive: true });
  const names = readdirSync(join(work, 'outputs')).map((file) => file.replace('.jsonl', ''));
  const notes: string[] = [];
  print('| answers to | reader | right, accepted | wrong, accepted |\n| --- | --- | --: | --: |');
  for (const name of names) {
    const stored = storedAnswers(name);
    const readers = await readersOf(name, stored);
    const formsOf = (keep: (answer: Stored, item: number) => boolean): string => {
      const counts = new Map<string, number>();
      for (const { form } of stored.filter(keep)) counts.set(form, (counts.get(form) ?? 0) + 1);
      return [...counts].map(([form, count]) => `${form} (${count})`).join(', ') || 'none';
    };
    for (const [reader, accepts] of readers) {
      const share = (isRight: boolean): string => {
        const all = stored.flatMap((answer, item) => (answer.isRight === isRight ? [item] : []));
        return `${all.filter(accepts).length} of ${all.length}`;
      };
      print(`| ${name} | ${reader} | ${share(true)} | ${share(false)} |`);
      if (!/lenient|flexible/.test(reader)) continue;
      notes.push(`- ${name}, ${reader}`);
      notes.push(`  - right, not accepted: ${formsOf(({ isRight }, item) => isRight && !accepts(item))}`);
      notes.push(`  - wrong, accepted: ${formsOf(({ isRight }, item) => !isRight && accepts(item))}`);
    }
  }
  print(`\n${notes.join('\n')}`);
}

async function readersOf(name: string, stored: readonly Stored[]): Promise<readonly Reader[]> {
  const ours = await ownScores(name === 'gsm8k' ? ownNumbers() : ownChoices(name), stored);
  const peers = name === 'gsm8k' ? ['gsm8k', 'gsm8k_cot'] : [`bbh_zeroshot_${name}`, `bbh_cot_zeroshot_${name}`];
  return [
    ...['strict', 'lenient'].map((filter): Reader => [`Finery ${filter}`, (item) => scoreOf(ours[item], filter) === 1]),
    ...peers.flatMap((peer) => {
      const samples = lines<Sample>(join(work, 'samples', `${peer}.jsonl`));
      return [...new Set(samples.map(({ filter }) => filter))].map((filter): Reader => {
        const right = new Set(
          samples.flatMap((one) => (one.filter === filter && one.exact_match === 1 ? [one.doc_id] : [])),
        );
        return [`${peer.replace(`_${name}`, '')} ${filter}`, (item) => right.has(item)];
      });
    }),
  ];
}

async function ownScores(config: object, stored: readonly Stored[]): Promise<readonly ItemScore[]> {
  const file = join(work, 'own', 'task.yaml');
  writeFileSync(file, JSON.stringify(config)); // JSON is YAML.
  return (await evaluateTask(answering(stored), await loadTask(file))).scores;
}

function ownNumbers(): object {
  const data_files = { test: join(work, 'data/gsm8k-test.jsonl') };
  return {
    ...{ task: 'own_gsm8k', dataset_path: 'json', dataset_kwargs: { data_files }, test_split: 'test' },
    ...{ output_type: 'generate_until', doc_to_text: 'question', doc_to_target: "{{ answer.split('#### ')[-1] }}" },
    answer: { kind: 'number', mode: 'lookup' },
  };
}

function ownChoices(name: string): object {
  const path = join(work, `data/${name}.jsonl`);
  const targets = [...new Set(lines<{ target: string }>(path).map(({ target }) => target))].sort();
  const common = {
    ...{
      task: `own_${name}`,
      dataset_path: 'json',
      dataset_kwargs: { data_files: { test: path } },
      test_split: 'test',
    },
    doc_to_text: 'input',
  };
  if (/^\d+$/.test(targets[0])) {
    const answer = { kind: 'number', mode: 'lookup' };
    return { ...common, output_type: 'generate_until', doc_to_target: 'target', answer };
  }
  const isLetter = targets[0].startsWith('(');
  return {
    ...common,
    ...{ output_type: 'multiple_choice', score_by: ['extraction'], metric_list: [{ metric: 'acc' }] },
    doc_to_choice: isLetter ? ['A', 'B', 'C', 'D', 'E', 'F'] : targets,
    doc_to_target: isLetter ? '{{ target[1:2] }}' : 'target',
  };
}

/** Answers in the order of the documents, whatever is asked. */
function answering(stored: readonly Stored[]): LanguageModel {
  let asked = 0;
  const refuse = (): never => {
    throw new Error('only answers are stored');
  };
  return {
    ...{
      name: 'stored',
      identity: 'stored',
      contextLength: undefined,
      chat: false,
      scoringLimitation: 'nothing is scored',
    },
    ...{ scoreContinuations: refuse, scoreTexts: refuse, close: async () => undefined },
    usage: () => ({ requests: 0, cached: 0, promptTokens: 0, answerTokens: 0 }),
    async answer(requests, options) {
      return requests.map((_, index) => {
        const { text } = stored[asked++];
        const outcome: Outcome<Answer> = { ok: true, value: { text, finishReason: 'stop', tokens: 1 } };
        options?.onOutcome?.(index, outcome);
        return outcome;
      });
    },
  };
}

function scoreOf({ scores }: ItemScore, filter: string): number | undefined {
  const contribution = scores.find((score) => score.filter === filter)?.contribution;
  return contribution?.kind === 'value' ? contribution.value : undefined;
}

function storedAnswers(name: string): Stored[] {
  return lines<Stored>(join(work, 'outputs', `${name}.jsonl`));
}

function lines<T>(path: string): T[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

function quoted(text: string | null | undefined): string {
  return `\`${JSON.stringify(text)}\``;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
