/** What a judge says about the answers to an item: the mean over them. */
import { judgeAnswers } from '../../judge/judge-answers.ts';
import { correctnessRubric } from '../../judge/rubric.ts';
import type { Answer } from '../../model/language-model.ts';
import type { ScoringResources } from '../scoring-resources.ts';
import type { MetricScore, Task, TaskItem } from '../task.ts';

/** Of the judge's own randomness; its votes differ from each other, and are the same again. */
const SEED = 0;

/** Undefined for a task without a judge. A judge that is not there, or gives no verdict, gives no score. */
export async function judgedScore(
  { config: { judge } }: Task,
  { id, question, rubric, variants }: TaskItem,
  written: readonly (readonly Answer[])[],
  resources: ScoringResources,
): Promise<MetricScore | undefined> {
  if (judge === undefined || rubric === undefined) return undefined;
  const metric = { metric: 'judged', filter: 'judge' };
  if (resources.judge === undefined) return { ...metric, contribution: null, reason: 'there is no judge' };
  const [reference] = variants[0].target;
  const items = written.flat().map(({ text }, i) => ({
    id: `${id}/${i}`,
    question,
    candidate: text,
    ...(reference !== '' && { reference }),
    rubric: correctnessRubric(rubric),
  }));
  const { judge: model, signal } = resources;
  const { judgements } = await judgeAnswers(model, items, { seed: SEED, votes: judge.votes, signal });
  const scores = judgements.flatMap(({ score }) => (score === null ? [] : [score]));
  const [{ criteria }] = judgements;
  if (scores.length < judgements.length) {
    return { ...metric, contribution: null, reason: criteria[0].reason ?? 'the judge gave no verdict' };
  }
  const value = scores.reduce((a, b) => a + b, 0) / scores.length;
  return { ...metric, contribution: { kind: 'value', value } };
}
