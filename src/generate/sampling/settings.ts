/** How a token is chosen from the logits of a model, and the bounds of each setting. */
import { UsageError } from '../../errors.ts';
import { largestVocabulary } from './rank-key.ts';

export interface SamplingSettings {
  /** Divides the logits; 0 takes the likeliest token. From 0 to 100. */
  readonly temperature: number;
  /** Keeps that many of the likeliest tokens; 0 keeps all. */
  readonly topK: number;
  /**
   * Keeps the fewest of the likeliest tokens whose probabilities come to this (Holtzman et al., "The curious case of neural
   * text degeneration", 2020). Above 0; 1 keeps all.
   */
  readonly topP: number;
  /** Keeps tokens at least this many times as probable as the likeliest. From 0, which keeps all, to 1. */
  readonly minP: number;
  /**
   * Divides positive logits, and multiplies negative ones, of the tokens of the prompt and of the answer (Keskar et al.,
   * "CTRL", 2019, section 4.1). Above 0, at most 100; 1 changes nothing.
   */
  readonly repetitionPenalty: number;
  /** Taken from a logit once for every time that its token is in the answer, as in OpenAI's API. From -2 to 2. */
  readonly frequencyPenalty: number;
  /** Taken from a logit once if its token is in the answer, as in OpenAI's API. From -2 to 2. */
  readonly presencePenalty: number;
  /** Added to the logits of these ids. From -100 to 100. */
  readonly logitBias: ReadonlyMap<number, number>;
  /** The same seed gives the same tokens. An integer from 0 to 2^53 - 1. */
  readonly seed: number;
  /** How many of the likeliest tokens are told with each choice. From 0 to 100. */
  readonly topLogProbabilities: number;
  /** Before the answer has this many tokens, none of `endIds` may come. */
  readonly minTokens: number;
  /** Looked at for `minTokens` only: what ends an answer is the caller's to know. */
  readonly endIds: readonly number[];
}

/** The model's own distribution, at temperature 1. */
export const defaultSampling: SamplingSettings = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
  logitBias: new Map(),
  seed: 0,
  topLogProbabilities: 0,
  minTokens: 0,
  endIds: [],
};

/**
 * @param vocabulary the count of logits
 * @throws UsageError that names the first setting out of its bounds
 */
export function assertSampling(settings: SamplingSettings, vocabulary: number): void {
  assertNumber(settings, 'temperature', { from: 0, to: 100 });
  assertInteger(settings, 'topK', Number.MAX_SAFE_INTEGER);
  assertNumber(settings, 'topP', { above: 0, to: 1 });
  assertNumber(settings, 'minP', { from: 0, to: 1 });
  assertNumber(settings, 'repetitionPenalty', { above: 0, to: 100 });
  assertNumber(settings, 'frequencyPenalty', { from: -2, to: 2 });
  assertNumber(settings, 'presencePenalty', { from: -2, to: 2 });
  assertLogitBias(settings.logitBias, vocabulary);
  assertInteger(settings, 'seed', Number.MAX_SAFE_INTEGER);
  assertInteger(settings, 'topLogProbabilities', Math.min(100, vocabulary));
  assertInteger(settings, 'minTokens', Number.MAX_SAFE_INTEGER);
  assertEndIds(settings.endIds, vocabulary);
  if (vocabulary > largestVocabulary) {
    throw new UsageError({
      field: 'vocabulary',
      found: `${vocabulary} tokens`,
      expected: `at most ${largestVocabulary}`,
      fix: 'Use a model with a smaller vocabulary.',
    });
  }
}

type NumberSetting = {
  [Name in keyof SamplingSettings]: SamplingSettings[Name] extends number ? Name : never;
}[keyof SamplingSettings];

type Range = { readonly to: number } & ({ readonly from: number } | { readonly above: number });

function assertNumber(settings: SamplingSettings, field: NumberSetting, range: Range): void {
  const value: unknown = settings[field];
  if (isWithin(value, range)) return;
  const expected = 'from' in range ? `from ${range.from} to ${range.to}` : `above ${range.above}, at most ${range.to}`;
  throw wrong(field, value, `a number ${expected}`);
}

function assertInteger(settings: SamplingSettings, field: NumberSetting, to: number): void {
  const value: unknown = settings[field];
  if (isWithin(value, { from: 0, to }) && Number.isInteger(value)) return;
  throw wrong(field, value, `an integer from 0 to ${to}`);
}

function assertLogitBias(logitBias: unknown, vocabulary: number): void {
  if (!(logitBias instanceof Map)) throw wrong('logitBias', logitBias, 'a Map from token ids to numbers');
  for (const [id, bias] of logitBias) {
    if (!isId(id, vocabulary)) throw wrong('logitBias', `id ${show(id)}`, `ids from 0 to ${vocabulary - 1}`);
    if (!isWithin(bias, { from: -100, to: 100 })) throw wrong(`logitBias.${id}`, bias, 'a number from -100 to 100');
  }
}

function assertEndIds(endIds: unknown, vocabulary: number): void {
  if (!Array.isArray(endIds)) throw wrong('endIds', endIds, 'a list of token ids');
  endIds.forEach((id: unknown, i) => {
    if (!isId(id, vocabulary)) throw wrong(`endIds.${i}`, id, `an id from 0 to ${vocabulary - 1}`);
  });
}

function isWithin(value: unknown, range: Range): value is number {
  // NaN is in no range: every comparison with it is false.
  return (
    typeof value === 'number' && value <= range.to && ('from' in range ? value >= range.from : value > range.above)
  );
}

function isId(value: unknown, vocabulary: number): value is number {
  return Number.isInteger(value) && isWithin(value, { from: 0, to: vocabulary - 1 });
}

function wrong(field: string, found: unknown, expected: string): UsageError {
  return new UsageError({ field, found: show(found), expected, fix: 'Choose a value in that range, or leave it out.' });
}

/** What was found, in a few words whatever it is. */
function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `${value.slice(0, 40)}…` : value || 'an empty text';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(value);
}
