/** What `finery generate` does: prompt, request, and the answers as they come or as one document. */
import { InputError } from '../../errors.ts';
import { Generator } from '../../generate/generator.ts';
import { type OpenModel, openModel } from '../../generate/open-model.ts';
import { turnEnd } from '../../generate/prompt/answer-ends.ts';
import { idsOfMessages, idsOfText, requireRoom, templateOf } from '../../generate/prompt/prompt-ids.ts';
import type { GenerationRequest } from '../../generate/request.ts';
import { namedTool } from '../../generate/tools/named-tools.ts';
import { holdsEncoderDecoder } from '../../models/encoder-decoder-model.ts';
import type { GenerateFlags } from '../commands/generate.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';
import { answerInput } from './answer-input.ts';
import { requireCacheMemory } from './cache-memory.ts';
import { constraintOf } from './constraint-option.ts';
import { type RequestedConversation, readConversationFile, readConversationFrom } from './read-conversation.ts';
import { samplingOf } from './sampling-options.ts';
import { tellAnswers } from './tell-answers.ts';

const defaultMaxTokens = 256;

export async function generateAnswers(folder: string, flags: GenerateFlags, terminal: Terminal): Promise<void> {
  warnOfIdleOptions(flags, terminal);
  if (await holdsEncoderDecoder(folder)) return answerInput(folder, flags, terminal);
  // Cheap to find out before a model is loaded.
  const conversation = await conversationOf(flags);
  const constraint = await constraintOf(flags);
  const model = await openModel(folder, {
    ...flags,
    signal: terminal.signal,
    onWarning: (warning) => terminal.warn(warning),
  });
  try {
    const { prompt, endIds } = conversation
      ? await conversationPrompt(model, conversation)
      : textPrompt(model, flags.prompt!);
    const maxTokens = answerLength(flags, prompt.length, model.frozen.positions);
    const capacity = prompt.length + maxTokens;
    requireCacheMemory('--n, --max-tokens', model.frozen.decoder, { slots: flags.n, capacity });
    const generator = new Generator(model.engine, model.frozen, model.tokenizer, { slots: flags.n, capacity });
    const request: GenerationRequest = {
      prompt,
      maxTokens,
      n: flags.n,
      sampling: { ...samplingOf(flags), topLogProbabilities: flags.logprobs ?? 0 },
      stop: flags.stop,
      stopIds: endIds,
      tools: flags.tools?.map(namedTool),
      constraint: constraint?.({
        tokenizer: model.tokenizer,
        vocabulary: model.frozen.decoder.sizes.vocabulary,
        ends: endIds,
      }),
      promptLogProbabilities: flags.echo && terminal.json,
      signal: terminal.signal,
    };
    try {
      await tellAnswers(generator.generate(request), { prompt, tokenizer: model.tokenizer, flags, terminal });
    } finally {
      await generator.close();
    }
  } finally {
    await model.close();
  }
}

async function conversationOf({ messages }: GenerateFlags): Promise<RequestedConversation | undefined> {
  if (messages === undefined) return undefined;
  return messages === '-' ? readConversationFrom(process.stdin) : readConversationFile(messages);
}

/** Settings without effect in this combination are said, not passed over. */
function warnOfIdleOptions({ temperature, n, logprobs, topK, topP, minP }: GenerateFlags, terminal: Terminal): void {
  if (temperature === 0 && n > 1) terminal.warn('--temperature 0 draws nothing: all answers will be the same');
  if (temperature === 0 && (topK > 0 || topP < 1 || minP > 0)) {
    terminal.warn('--temperature 0 takes the likeliest token: --top-k, --top-p and --min-p change nothing');
  }
  if (logprobs !== undefined && !terminal.json) terminal.warn('--logprobs is shown with --json only');
}

interface Prompt {
  readonly prompt: readonly number[];
  /** Tokens that end an answer to it. */
  readonly endIds: readonly number[];
}

function textPrompt({ tokenizer, endIds, frozen }: OpenModel, text: string): Prompt {
  const prompt = idsOfText(tokenizer, text);
  if (prompt.length === 0) {
    throw new InputError({
      field: '--prompt',
      found: 'an empty text',
      expected: 'at least one character',
      fix: 'Give a text to continue.',
    });
  }
  requireRoom('--prompt', prompt.length, frozen.positions);
  return { prompt, endIds };
}

async function conversationPrompt(model: OpenModel, { messages, tools }: RequestedConversation): Promise<Prompt> {
  const { folder, tokenizer, endIds, frozen } = model;
  const template = await templateOf(model);
  if (!template) {
    throw new InputError({
      field: folder,
      found: 'a model without a chat template',
      expected: 'one that was tuned for conversations, to answer --messages',
      fix: 'Pass the text to continue with --prompt, or use a model that was tuned for chat.',
    });
  }
  try {
    const prompt = await idsOfMessages(template, tokenizer, messages, { tools });
    requireRoom('--messages', prompt.length, frozen.positions);
    const end = await turnEnd(template, tokenizer);
    return { prompt, endIds: [...new Set(end === undefined ? endIds : [...endIds, end])] };
  } finally {
    await template.close();
  }
}

function answerLength({ maxTokens }: GenerateFlags, promptTokens: number, positions: number): number {
  const room = positions - promptTokens;
  if (maxTokens === undefined) return Math.min(room, defaultMaxTokens);
  if (maxTokens <= room) return maxTokens;
  throw wrongValue(
    '--max-tokens',
    `${maxTokens} after a prompt of ${promptTokens} tokens`,
    `at most ${room}: the context has ${positions} tokens`,
  );
}
