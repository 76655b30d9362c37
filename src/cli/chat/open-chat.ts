/** Everything that a chat needs of a model: its generator, how conversations become tokens, and what ends an answer. */
import { Generator } from '../../generate/generator.ts';
import { type OpenModel, openModel } from '../../generate/open-model.ts';
import { probeConversation, turnEnd } from '../../generate/prompt/answer-ends.ts';
import { idsOfMessages, idsOfText, templateOf } from '../../generate/prompt/prompt-ids.ts';
import type { ChatTemplate } from '../../tokenizer/chat/chat-template.ts';
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { wrongValue } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';
import { requireCacheMemory } from './cache-memory.ts';
import type { EncodeMessages } from './fit-conversation.ts';
import type { ModelFlags } from './model-options.ts';

/** Tokens of a conversation, if the model has as many positions and nobody asks for more. */
const usualContext = 4096;

export interface OpenChat {
  readonly model: OpenModel;
  readonly generator: Generator;
  readonly encode: EncodeMessages;
  /** Tokens that end an answer. */
  readonly endIds: readonly number[];
  /** Whether the model has a chat template; without one a conversation is one text that is gone on with. */
  readonly hasTemplate: boolean;
  /** The token that ends a turn, where the model gives it less than chance: then nobody has taught it to answer. */
  readonly untaughtEnd: string | undefined;
  close(): Promise<void>;
}

export interface OpenChatOptions extends ModelFlags {
  /** Tokens of a conversation, at most. Default: what the model was made for, at most 4096. */
  readonly context?: number;
}

export async function openChat(folder: string, options: OpenChatOptions, terminal: Terminal): Promise<OpenChat> {
  const model = await openModel(folder, {
    ...options,
    signal: terminal.signal,
    onWarning: (warning) => terminal.warn(warning),
  });
  const template = await templateOf(model);
  let generator: Generator | undefined;
  const close = async () => {
    await generator?.close();
    await template?.close();
    await model.close();
  };
  try {
    const { engine, frozen, tokenizer } = model;
    const { context = Math.min(frozen.positions, usualContext) } = options;
    if (context > frozen.positions) {
      throw wrongValue('--context', String(context), `at most the ${frozen.positions} positions of the model`);
    }
    requireCacheMemory('--context', frozen.decoder, { slots: 1, capacity: context });
    generator = new Generator(engine, frozen, tokenizer, { slots: 1, capacity: context, shareAnswers: true });
    const end = template && (await turnEnd(template, tokenizer));
    const isTaught = end === undefined || (await isLikelierThanChance(end, template!, model, generator));
    return {
      model,
      generator,
      encode: template
        ? (messages) => idsOfMessages(template, tokenizer, messages)
        : async (messages) => idsOfText(tokenizer, asText(messages)),
      endIds: [...new Set(end === undefined ? model.endIds : [...model.endIds, end])],
      hasTemplate: template !== undefined,
      untaughtEnd: isTaught ? undefined : tokenizer.tokenOf(end!),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Without a template: each answer continues the line before it. */
function asText(messages: readonly ChatMessage[]): string {
  return messages
    .map(({ role, content }) => (role === 'assistant' ? `${content}\n` : systemLine(role, content)))
    .join('');
}

const systemLine = (role: string, content: unknown): string => (role === 'system' ? `${content}\n` : String(content));

/** Whether the model expects `end` after a plain answer more than any token of the vocabulary. */
async function isLikelierThanChance(
  end: number,
  template: ChatTemplate,
  { tokenizer, frozen }: { readonly tokenizer: Tokenizer; readonly frozen: OpenModel['frozen'] },
  generator: Generator,
): Promise<boolean> {
  const ids = await idsOfMessages(template, tokenizer, probeConversation);
  const prompt = [...ids, end];
  if (prompt.length >= generator.capacity) return true;
  const { promptTokens } = await generator.generate({ prompt, maxTokens: 1, promptLogProbabilities: true }).result;
  const chance = -Math.log(frozen.decoder.sizes.vocabulary);
  return promptTokens!.at(-1)!.logProbability > chance;
}
