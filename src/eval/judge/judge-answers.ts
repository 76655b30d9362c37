/** Free text judged by a rubric: each criterion by itself, several votes on each, the median counts. */
import type { LanguageModel } from '../model/language-model.ts';
import { collectVotes, type JudgeOptions, quorum, type Vote, whyNoQuorum } from './collect-votes.ts';
import { criterionTask, judgeVersion } from './prompt.ts';
import type { Criterion, Rubric } from './rubric.ts';

export interface JudgeItem {
  /** Different for each item of a run. */
  readonly id: string;
  readonly question: string;
  readonly candidate: string;
  /** An answer known to be good. */
  readonly reference?: string;
  /** Usually the same for all items. */
  readonly rubric: Rubric;
}

interface CriterionJudgement {
  readonly criterion: string;
  /** The median of the votes; null where half of them or more have no verdict. */
  readonly value: number | null;
  /** Why there is no value. */
  readonly reason?: string;
  readonly votes: readonly Vote<number>[];
}

export interface Judgement {
  readonly id: string;
  /** Mean over the criteria, each scaled to 0 (worst) to 1; null unless all of them have a value. */
  readonly score: number | null;
  readonly criteria: readonly CriterionJudgement[];
}

export interface Judged<T> {
  readonly judgeVersion: number;
  /** Identity of the judge's model. */
  readonly judge: string;
  readonly judgements: readonly T[];
}

/** @throws UsageError for bad options, and whatever the model throws */
export async function judgeAnswers(
  model: LanguageModel,
  items: readonly JudgeItem[],
  options: JudgeOptions,
): Promise<Judged<Judgement>> {
  const questions = items.flatMap((item) =>
    item.rubric.criteria.map((criterion) => ({
      materials: materialsOf(item),
      ...criterionTask(criterion),
      labels: [item.id, criterion.name],
    })),
  );
  const votes = (await collectVotes(model, questions, options)).values();
  const judgements = items.map(({ id, rubric: { criteria } }): Judgement => {
    const judged = criteria.map((criterion) => judgeBy(criterion, votes.next().value!));
    return { id, score: meanShare(criteria, judged), criteria: judged };
  });
  return { judgeVersion, judge: model.identity, judgements };
}

function materialsOf({ question, reference, candidate }: JudgeItem) {
  return [
    { title: 'QUESTION', text: question },
    ...(reference === undefined ? [] : [{ title: 'REFERENCE', text: reference }]),
    { title: 'ANSWER', text: candidate },
  ];
}

function judgeBy({ name }: Criterion, verdicts: readonly Vote<string>[]): CriterionJudgement {
  const votes = verdicts.map((vote) => ({ ...vote, value: vote.value === null ? null : Number(vote.value) }));
  const values = quorum(votes);
  if (values) return { criterion: name, value: median(values), votes };
  return { criterion: name, value: null, reason: whyNoQuorum(votes), votes };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

function meanShare(criteria: readonly Criterion[], judged: readonly CriterionJudgement[]): number | null {
  let sum = 0;
  for (const [i, { scale }] of criteria.entries()) {
    const { value } = judged[i];
    if (value === null) return null;
    sum += (value - scale.lowest) / (scale.highest - scale.lowest);
  }
  return sum / criteria.length;
}
