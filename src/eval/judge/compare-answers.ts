/**
 * Two answers to one question compared. Judges favour a place, so each vote asks in both orders, and only what holds in
 * both counts for an answer.
 */
import type { LanguageModel } from '../model/language-model.ts';
import { collectVotes, type JudgeOptions, quorum, type Vote, whyNoQuorum } from './collect-votes.ts';
import type { Judged } from './judge-answers.ts';
import { comparisonTask, judgeVersion } from './prompt.ts';

export interface ComparisonItem {
  /** Different for each item of a run. */
  readonly id: string;
  readonly question: string;
  readonly first: string;
  readonly second: string;
  readonly reference?: string;
}

type Preference = 'first' | 'second' | 'tie';

interface ComparisonVote extends Vote<Preference> {
  /** Whether the verdict followed the place and not the answer; such a vote is a tie. */
  readonly followedPlace: boolean;
}

export interface Comparison {
  readonly id: string;
  /** What more votes prefer; null where half of them or more have no verdict. */
  readonly preference: Preference | null;
  readonly reason?: string;
  readonly votes: readonly ComparisonVote[];
}

/**
 * @param criterion what to compare by, in words
 * @throws UsageError for bad options, and whatever the model throws
 */
export async function compareAnswers(
  model: LanguageModel,
  criterion: string,
  items: readonly ComparisonItem[],
  options: JudgeOptions,
): Promise<Judged<Comparison>> {
  const task = comparisonTask(criterion);
  const questions = items.flatMap((item) =>
    [false, true].map((swapped) => ({
      materials: materialsOf(item, swapped),
      ...task,
      labels: [item.id, swapped ? 'swapped' : 'in order'],
    })),
  );
  const votes = await collectVotes(model, questions, options);
  const judgements = items.map(({ id }, i) => comparisonOf(id, votes[2 * i], votes[2 * i + 1]));
  return { judgeVersion, judge: model.identity, judgements };
}

function materialsOf({ question, reference, first, second }: ComparisonItem, swapped: boolean) {
  const [a, b] = swapped ? [second, first] : [first, second];
  return [
    { title: 'QUESTION', text: question },
    ...(reference === undefined ? [] : [{ title: 'REFERENCE', text: reference }]),
    { title: 'ANSWER A', text: a },
    { title: 'ANSWER B', text: b },
  ];
}

function comparisonOf(id: string, inOrder: readonly Vote<string>[], swapped: readonly Vote<string>[]): Comparison {
  const votes = inOrder.map((vote, i) => joined(vote, swapped[i]));
  const values = quorum(votes);
  if (values === undefined) return { id, preference: null, reason: whyNoQuorum(votes), votes };
  const lead = values.reduce((sum, value) => sum + Number(value === 'first') - Number(value === 'second'), 0);
  return { id, preference: lead > 0 ? 'first' : lead < 0 ? 'second' : 'tie', votes };
}

function joined(inOrder: Vote<string>, swapped: Vote<string>): ComparisonVote {
  if (inOrder.value === null) return { value: null, reason: inOrder.reason, followedPlace: false };
  if (swapped.value === null) return { value: null, reason: swapped.reason, followedPlace: false };
  const followedPlace = inOrder.value !== 'TIE' && inOrder.value === swapped.value;
  const one = preferenceOf(inOrder.value, ['first', 'second']);
  const other = preferenceOf(swapped.value, ['second', 'first']);
  return { value: one === other ? one : 'tie', followedPlace };
}

function preferenceOf(verdict: string, [a, b]: readonly [Preference, Preference]): Preference {
  return verdict === 'A' ? a : verdict === 'B' ? b : 'tie';
}
