/**
 * Several independent answers of a judge to each question. A vote without a verdict is asked for once more, with another
 * seed, and is null with its reason if that fails too: a judge's failure says nothing about what it judges.
 */
import { UsageError } from '../../errors.ts';
import { stream } from '../../random/stream.ts';
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';
import type { Answer, AnswerRequest, LanguageModel, Outcome } from '../model/language-model.ts';
import { type JudgeQuestion, judgePrompt } from './prompt.ts';
import { readVerdict } from './verdict.ts';

export interface JudgeOptions {
  readonly seed: number;
  /** Votes on each question; at least 3, the default. */
  readonly votes?: number;
  /** Above 0, or all votes would be one. Default 0.7. */
  readonly temperature?: number;
  /** Of one answer of the judge, thoughts included. Default 1024. */
  readonly maxTokens?: number;
  /** UTF-16 units of one quoted text; of a longer one the middle is left out. Default 40 000. */
  readonly maximumCharacters?: number;
  readonly signal?: AbortSignal;
  /** How many of the judge's answers came so far. */
  readonly onProgress?: (answers: number) => void;
}

export interface Vote<T> {
  /** Null where the judge gave no verdict. */
  readonly value: T | null;
  /** Why there is none. */
  readonly reason?: string;
}

/** A question with what tells it apart from all others of the run. */
export interface LabelledQuestion extends JudgeQuestion {
  readonly labels: readonly (string | number)[];
}

const attempts = 2;

interface Ballot {
  readonly question: LabelledQuestion;
  readonly vote: number;
  result: Vote<string>;
}

/** Votes by question, in the order of the questions. */
export async function collectVotes(
  model: LanguageModel,
  questions: readonly LabelledQuestion[],
  options: JudgeOptions,
): Promise<readonly (readonly Vote<string>[])[]> {
  const votes = checkedVotes(options);
  const notAsked: Vote<string> = { value: null, reason: 'not asked' };
  const ballots = questions.map((question) =>
    Array.from({ length: votes }, (_, vote): Ballot => ({ question, vote, result: notAsked })),
  );
  let answers = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const open = ballots.flat().filter(({ result }) => result.value === null);
    if (open.length === 0) break;
    const requests = open.map(({ question, vote }) => requestOf(model, question, [vote, attempt], options));
    const onOutcome = () => options.onProgress?.(++answers);
    const outcomes = await model.answer(requests, { signal: options.signal, onOutcome });
    for (const [i, ballot] of open.entries()) ballot.result = voteOf(outcomes[i], ballot.question.verdicts);
  }
  return ballots.map((ofQuestion) => ofQuestion.map(({ result }) => result));
}

function requestOf(
  { chat }: LanguageModel,
  { labels: questionLabels, ...question }: LabelledQuestion,
  voteLabels: readonly number[],
  { seed, temperature = 0.7, maxTokens = 1_024, maximumCharacters = 40_000 }: JudgeOptions,
): AnswerRequest {
  const labels = [...questionLabels, ...voteLabels];
  const messages = judgePrompt(question, { seed, labels, maximumCharacters });
  return {
    prompt: chat ? messages : asText(messages),
    maxTokens,
    temperature,
    // Servers take signed 32-bit seeds.
    seed: stream(seed, 'judge-vote', ...labels).uint32() >>> 1,
  };
}

/** For a model without a chat template: the examiner's words are what comes next. */
function asText(messages: readonly ChatMessage[]): string {
  return `${messages.map(({ content }) => content).join('\n\n')}\n\nExamination:\n`;
}

function voteOf(outcome: Outcome<Answer>, verdicts: readonly string[]): Vote<string> {
  if (!outcome.ok) return { value: null, reason: `${outcome.failure.kind}: ${outcome.failure.reason}` };
  const { text, finishReason } = outcome.value;
  if (finishReason === 'length') return { value: null, reason: "the judge's answer was cut off" };
  const verdict = readVerdict(text, verdicts);
  return 'value' in verdict ? verdict : { value: null, reason: verdict.problem };
}

const fewestVotes = 3;

function checkedVotes({ votes = fewestVotes, temperature, maximumCharacters }: JudgeOptions): number {
  const rules: readonly [string, number | undefined, boolean, string][] = [
    ['votes', votes, Number.isInteger(votes) && votes >= fewestVotes && votes <= 100, 'an integer from 3 to 100'],
    [
      'temperature',
      temperature,
      temperature === undefined || (temperature > 0 && temperature <= 2),
      'above 0, up to 2',
    ],
    [
      'maximumCharacters',
      maximumCharacters,
      maximumCharacters === undefined || (Number.isInteger(maximumCharacters) && maximumCharacters >= 2),
      'an integer, at least 2',
    ],
  ];
  for (const [field, found, holds, expected] of rules) {
    if (!holds) throw new UsageError({ field, found: String(found), expected, fix: 'Choose such a number.' });
  }
  return votes;
}

/** The verdicts given, if more than half of the votes have one. */
export function quorum<T>(votes: readonly Vote<T>[]): readonly T[] | undefined {
  const values = votes.flatMap(({ value }) => (value === null ? [] : [value]));
  return values.length * 2 > votes.length ? values : undefined;
}

/** Why there are too few: the reasons, each once. */
export function whyNoQuorum(votes: readonly Vote<unknown>[]): string {
  const reasons = new Set(votes.flatMap(({ reason }) => (reason === undefined ? [] : [reason])));
  const given = votes.filter(({ value }) => value !== null).length;
  return `${given} of ${votes.length} votes (${[...reasons].join('; ')})`;
}
