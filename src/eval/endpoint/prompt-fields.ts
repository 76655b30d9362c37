/** How prompts and sampling are written into requests, and what cannot be. */

import type { ChatMessage } from '../../tokenizer/chat/messages.ts';
import type { AnswerRequest, Outcome, Prompt } from '../model/language-model.ts';
import type { Capabilities } from './capabilities.ts';
import { failed, succeeded } from './outcome.ts';
import { type Completion, readChatCompletion, readCompletion } from './replies.ts';

/** Fields that some servers refuse; what is left out is then the server's own choice. */
export type OmittableField = 'temperature' | 'top_p' | 'seed' | 'stop';

export interface RequestForm {
  readonly capabilities: Capabilities;
  readonly omit: ReadonlySet<OmittableField>;
  /** Whether the server goes on with the assistant's message if told so by `continue_final_message`, as vLLM does. */
  readonly continuesAssistant: boolean;
}

export interface PromptFields {
  readonly route: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly maxTokensField: string;
  /** How many of the likeliest first tokens can be had. */
  readonly candidates: number;
  readonly read: (reply: unknown) => Outcome<Completion>;
}

/** A failure says what the server lacks. */
export function promptFields(prompt: Prompt, { capabilities, continuesAssistant }: RequestForm): Outcome<PromptFields> {
  const { chat, completions } = capabilities;
  if (typeof prompt === 'string') {
    if (!completions) return failed('failed', 'the server has no /completions for a text: it takes conversations only');
    const { candidates } = completions;
    const fields = { prompt };
    return succeeded({ route: '/completions', fields, maxTokensField: 'max_tokens', candidates, read: readCompletion });
  }
  if (!chat) return failed('failed', 'the server has no chat template for a conversation: it takes texts only');
  const unfinished = prompt.at(-1)?.role === 'assistant';
  if (unfinished && !continuesAssistant) {
    return failed(
      'failed',
      "the server is not known to go on with the assistant's message: it would begin another one",
    );
  }
  const fields = {
    messages: prompt.map(asSent),
    ...(unfinished && { continue_final_message: true, add_generation_prompt: false }),
  };
  return succeeded({ route: '/chat/completions', fields, ...chat, read: readChatCompletion });
}

/** The fields of the protocol; what templates of local models read besides is not for a server. */
function asSent({ role, content, name, tool_calls, tool_call_id }: ChatMessage) {
  return { role, content: content ?? null, name, tool_calls, tool_call_id };
}

/** OpenAI takes no more; the rest is cut here. */
const maximumStops = 4;

/** The seed goes with sampling only: without it there is nothing to be seeded, and one cache entry is enough. */
export function samplingFields(
  { stop = [], temperature = 0, topP, seed = 0 }: AnswerRequest,
  { omit }: RequestForm,
): Readonly<Record<string, unknown>> {
  const all: readonly [OmittableField, unknown][] = [
    ['temperature', temperature],
    ['top_p', topP],
    ['seed', temperature > 0 ? seed : undefined],
    ['stop', stop.length > 0 ? stop.slice(0, maximumStops) : undefined],
  ];
  return Object.fromEntries(all.filter(([name, value]) => value !== undefined && !omit.has(name)));
}
