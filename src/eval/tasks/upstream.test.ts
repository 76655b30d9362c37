/** Tasks beside lm-evaluation-harness: prompts, requests, filtered answers and scores of the same definitions. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prompt } from '../model/language-model.ts';
import { PythonRandom } from './few-shot/python-random.ts';
import { pythonPattern } from './filters/python-pattern.ts';
import { itemsOf } from './items.ts';
import { loadTask } from './load-task.ts';
import { requestsOf } from './requests.ts';
import { scoreItem } from './score-item.ts';
import type { ItemResponses, Task, TaskItem } from './task.ts';
import { parsePythonLiteral } from './templates/python-literal.ts';
import { renderDocuments } from './templates/render-documents.ts';

type Likelihood = readonly [logProbability: number, greedy: boolean];

interface Case {
  readonly config: Readonly<Record<string, unknown>>;
  /** Several for each document where its options fill a gap. */
  readonly prompts: readonly (string | readonly string[])[];
  readonly chat?: readonly (Prompt | readonly Prompt[])[];
  readonly turns?: readonly (Prompt | readonly Prompt[])[];
  readonly requests: readonly {
    readonly arguments?: readonly (readonly string[])[];
    readonly likelihoods?: readonly (Likelihood | number)[];
    readonly until?: readonly string[];
    readonly answers?: readonly string[];
  }[];
  readonly scores: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
}

interface Golden {
  readonly splits: Readonly<Record<string, readonly unknown[]>>;
  readonly cases: Readonly<Record<string, Case>>;
  readonly samples: readonly {
    readonly seed: number;
    readonly samples: readonly (readonly [n: number, k: number, sample: readonly number[]])[];
  }[];
  readonly patterns: readonly (readonly [pattern: string, text: string, matches: unknown])[];
  readonly literals: readonly (readonly [string, { readonly ok: boolean; readonly value?: unknown }])[];
  readonly templates: readonly (readonly [string, Readonly<Record<string, unknown>>, string | null])[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/evaluation/tasks.json', import.meta.url), 'utf8'),
) as Golden;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-upstream-'));
  for (const [split, rows] of Object.entries(golden.splits)) {
    await writeFile(join(folder, `${split}.jsonl`), rows.map((row) => JSON.stringify(row)).join('\n'));
  }
});
afterAll(() => rm(folder, { recursive: true }));

async function load(config: Case['config']): Promise<Task> {
  const file = join(folder, 'case.yaml');
  const data_files = { test: 'test.jsonl', train: 'train.jsonl' };
  const common = { task: 'case', dataset_path: 'json', dataset_kwargs: { data_files }, test_split: 'test' };
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ ...common, ...config }));
  return loadTask(file);
}

const promptsOf = ({ variants: [{ prompt, promptByOption }] }: TaskItem) => promptByOption ?? prompt;

/** Upstream's answers, in the order of our requests. */
function responsesTo(
  task: Task,
  item: TaskItem,
  { likelihoods = [], answers = [] }: Case['requests'][number],
): ItemResponses {
  const { continuations, texts } = requestsOf(task, item);
  const left = [...likelihoods];
  const next = () => {
    const likelihood = left.shift()!;
    const [logProbability, greedy] = typeof likelihood === 'number' ? [likelihood, false] : likelihood;
    return { logProbability, greedy, tokens: 1, cleanBorder: true };
  };
  return {
    continuations: continuations.map((request) => ({ ok: true, value: request.continuations.map(next) })),
    texts: texts.map((text) => ({
      ok: true,
      value: { nats: -next().logProbability, tokens: 1, bytes: Buffer.byteLength(text) },
    })),
    answers: answers.map((text) => ({ ok: true, value: { text, finishReason: 'stop', tokens: 1 } })),
  };
}

describe.each(Object.entries(golden.cases))('%s', (_, { config, prompts, chat, turns, requests, scores }) => {
  let task: Task;
  let items: readonly TaskItem[];
  beforeAll(async () => {
    task = await load(config);
    items = await itemsOf(task);
  });

  it('writes the same prompts', () => {
    expect(items.map(promptsOf)).toEqual(prompts);
  });

  it.runIf(chat !== undefined)('writes the same conversations', async () => {
    expect((await itemsOf(task, { chat: true })).map(promptsOf)).toEqual(chat);
    const asTurns = await itemsOf(task, { chat: true, fewShotAsTurns: true, system: 'Be brief.' });
    expect(asTurns.map(promptsOf)).toEqual(turns);
  });

  it('asks the same', () => {
    const asked = items.map((item) => {
      const { continuations, texts, answers } = requestsOf(task, item);
      if (answers.length > 0) return { until: answers[0].stop };
      const pairs = continuations.flatMap(({ prompt, continuations: all }) => all.map((one) => [prompt, one]));
      return { arguments: [...pairs, ...texts.map((text) => [text])] };
    });
    expect(asked).toEqual(requests.map(({ arguments: pairs, until }) => (pairs ? { arguments: pairs } : { until })));
  });

  it('gives the same scores', async () => {
    for (const [i, item] of items.entries()) {
      const score = await scoreItem(task, item, responsesTo(task, item, requests[i]));
      for (const { metric, filter, contribution } of score.scores) {
        const expected = scores[i][filter][metric];
        const value =
          contribution?.kind === 'ratio'
            ? [contribution.sum, contribution.weight]
            : contribution?.kind === 'value' && contribution.value;
        expect({ item: item.id, metric, filter, value }).toEqual({ item: item.id, metric, filter, value: expected });
        if ('text' in scores[i][filter]) expect(score.extracted[filter]).toBe(scores[i][filter].text);
      }
    }
  });
});

it.each(golden.samples)('draws the samples of Python for the seed $seed', ({ seed, samples }) => {
  const random = new PythonRandom(seed);
  for (const [n, k, sample] of samples) {
    expect(
      random.sample(
        Array.from({ length: n }, (_, i) => i),
        k,
      ),
    ).toEqual(sample);
  }
});

it.each(golden.patterns)('finds what Python finds by %j in %j', (pattern, text, matches) => {
  expect(pythonPattern(pattern, 'pattern').findAll(text)).toEqual(matches);
});

it.each(golden.literals)('reads the literal %j as Python', (text, { ok, value }) => {
  expect(parsePythonLiteral(text)).toEqual(ok ? value : undefined);
});

it.each(golden.templates)('renders %j for %j as Jinja2 with StrictUndefined', (template, document, text) => {
  const reply = renderDocuments({ templates: [template], documents: [document] });
  expect(reply.ok ? reply.texts[0][0] : null).toBe(text);
});
