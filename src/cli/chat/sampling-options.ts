/** How tokens are chosen, as options of a command. The bounds are those of the sampler itself. */
import type { Command } from 'commander';
import { UsageError } from '../../errors.ts';
import { largestVocabulary } from '../../generate/sampling/rank-key.ts';
import { assertSampling, defaultSampling, type SamplingSettings } from '../../generate/sampling/settings.ts';
import { integer, wrongValue } from '../option-values.ts';

type NumberSetting = {
  [Name in keyof SamplingSettings]: SamplingSettings[Name] extends number ? Name : never;
}[keyof SamplingSettings];

/** Values of the options, by commander's names, which are those of the settings. */
export type SamplingFlags = Pick<
  SamplingSettings,
  'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty' | 'frequencyPenalty' | 'presencePenalty' | 'seed'
>;

/** Answers differ in their seeds by a count that is added. */
const largestSeed = 2 ** 32 - 1;

export const seedOf = (option: string): ((word: string) => number) => integer(option, 0, largestSeed);

/** A parser for one setting of the sampler; its errors name the option. */
export function samplingValue(option: string, setting: NumberSetting): (word: string) => number {
  return (word) => {
    const value = word.trim() === '' ? Number.NaN : Number(word);
    try {
      assertSampling({ ...defaultSampling, [setting]: value }, largestVocabulary);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw wrongValue(option, JSON.stringify(word), error.problem.expected);
    }
    return value;
  };
}

export interface SamplingDefaults {
  readonly temperature: number;
  readonly topP: number;
}

export function addSamplingOptions(command: Command, { temperature, topP }: SamplingDefaults): Command {
  const penalty = 'taken from the logit of a token';
  return command
    .option(
      '--temperature <t>',
      '0 takes the likeliest token, 1 draws as the model says',
      samplingValue('--temperature', 'temperature'),
      temperature,
    )
    .option('--top-k <n>', 'draw from the n likeliest tokens; 0 from all', samplingValue('--top-k', 'topK'), 0)
    .option(
      '--top-p <p>',
      'draw from the likeliest tokens that have this probability together; 1 from all',
      samplingValue('--top-p', 'topP'),
      topP,
    )
    .option(
      '--min-p <p>',
      'draw from tokens at least this many times as likely as the likeliest',
      samplingValue('--min-p', 'minP'),
      0,
    )
    .option(
      '--repetition-penalty <x>',
      'make tokens of prompt and answer less likely; 1 does nothing',
      samplingValue('--repetition-penalty', 'repetitionPenalty'),
      1,
    )
    .option(
      '--frequency-penalty <x>',
      `${penalty} for each time it was written`,
      samplingValue('--frequency-penalty', 'frequencyPenalty'),
      0,
    )
    .option(
      '--presence-penalty <x>',
      `${penalty} that was written`,
      samplingValue('--presence-penalty', 'presencePenalty'),
      0,
    )
    .option('--seed <n>', 'the same seed gives the same text', seedOf('--seed'), 0);
}

export function samplingOf(flags: SamplingFlags): SamplingFlags {
  const { temperature, topK, topP, minP, repetitionPenalty, frequencyPenalty, presencePenalty, seed } = flags;
  return { temperature, topK, topP, minP, repetitionPenalty, frequencyPenalty, presencePenalty, seed };
}
