import type { ChatMessage, JsonObject } from '../../src/tokenizer/chat/messages.ts';
import { JsonReader, readMessages } from '../../src/tokenizer/chat/messages.ts';
import type { RenderRequest } from '../../src/tokenizer/chat/render-chat.ts';

/** A request as `ChatTemplate` would send it, with nothing but a template and messages unless said otherwise. */
export function renderRequest(
  template: string,
  messages: readonly ChatMessage[],
  options: { readonly [Name in keyof RenderRequest]?: RenderRequest[Name] } = {},
): RenderRequest {
  return {
    template,
    messages: readMessages(messages, new JsonReader(), { keepParts: true, extraRoles: [] }),
    tools: options.tools ?? null,
    documents: options.documents ?? null,
    variables: options.variables ?? {},
    specialTokens: (options.specialTokens ?? { bos_token: '<s>', eos_token: '</s>' }) as JsonObject,
    addGenerationPrompt: options.addGenerationPrompt ?? false,
    continueFinalMessage: options.continueFinalMessage ?? false,
    now: options.now ?? 0,
  };
}
