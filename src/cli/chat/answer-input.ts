/** What `finery generate` does with an encoder-decoder: the prompt is the text that it answers. */
import { InputError } from '../../errors.ts';
import { answerText } from '../../generate/seq2seq/answer-text.ts';
import { openEncoderDecoder } from '../../generate/seq2seq/open-encoder-decoder.ts';
import type { GenerateFlags } from '../commands/generate.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';
import { constraintOf } from './constraint-option.ts';
import { samplingOf } from './sampling-options.ts';
import { tellAnswers } from './tell-answers.ts';

const defaultMaxTokens = 256;

export async function answerInput(folder: string, flags: GenerateFlags, terminal: Terminal): Promise<void> {
  requireTextToText(flags);
  const constraint = await constraintOf(flags);
  const model = await openEncoderDecoder(folder, {
    adapter: flags.adapter,
    threads: flags.threads,
    signal: terminal.signal,
    onWarning: (warning) => terminal.warn(warning),
  });
  try {
    const { tokenizer, architecture, endIds } = model;
    const input = tokenizer.encode(flags.prompt!);
    const { vocabulary } = architecture.sizes;
    const generation = answerText(model, {
      input,
      maxTokens: flags.maxTokens ?? defaultMaxTokens,
      n: flags.n,
      sampling: { ...samplingOf(flags), topLogProbabilities: flags.logprobs ?? 0 },
      stop: flags.stop,
      constraint: constraint?.({ tokenizer, vocabulary, ends: endIds }),
      signal: terminal.signal,
    });
    await tellAnswers(generation, { prompt: [...input], tokenizer, flags, terminal });
  } finally {
    await model.close();
  }
}

/** @throws UsageError for an option that needs a decoder; InputError for nothing to answer */
function requireTextToText({ prompt, messages, echo, tools, precision }: GenerateFlags): void {
  const ask = (option: string, expected: string) => {
    throw wrongValue(option, 'it for an encoder-decoder', expected);
  };
  if (messages !== undefined) ask('--messages', 'the text to answer, with --prompt');
  if (echo) ask('--echo', 'nothing: an answer does not go on from the prompt');
  if (tools) ask('--tools', 'nothing: what a tool says is read by decoders alone');
  if (precision !== 'f32') ask('--precision', 'f32');
  if (prompt !== '') return;
  throw new InputError({
    field: '--prompt',
    found: 'an empty text',
    expected: 'at least one character',
    fix: 'Give a text to answer.',
  });
}
