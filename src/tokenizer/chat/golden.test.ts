/** Renderings by transformers, from scripts/goldens/chat_templates.py. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderRequest } from '../../../test/support/render-request.ts';
import type { ChatMessage, JsonObject } from './messages.ts';
import { renderChat } from './render-chat.ts';

interface Chat {
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly JsonObject[];
  readonly add_generation_prompt?: boolean;
  readonly continue_final_message?: boolean;
  readonly enable_thinking?: boolean;
}

interface Golden {
  readonly now: string;
  readonly special_tokens: JsonObject;
  readonly templates: Readonly<Record<string, string>>;
  readonly chats: Readonly<Record<string, Chat>>;
  readonly rendered: Readonly<
    Record<string, Readonly<Record<string, { text?: string; error?: string; generated?: readonly number[][] }>>>
  >;
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/chat-templates.json', import.meta.url), 'utf8'),
);

describe.each(Object.entries(golden.templates))('the template %s', (name, template) => {
  it.each(Object.entries(golden.rendered[name]))('renders %j as transformers does', (chatName, expected) => {
    const { text = '', error, generated } = expected;
    const chat = golden.chats[chatName];
    const { messages, tools, enable_thinking } = chat;
    const reply = renderChat(
      renderRequest(template, messages, {
        tools,
        variables: enable_thinking === undefined ? {} : { enable_thinking },
        specialTokens: golden.special_tokens,
        addGenerationPrompt: chat.add_generation_prompt,
        continueFinalMessage: chat.continue_final_message,
        now: Date.parse(golden.now),
      }),
    );
    if (error !== undefined) {
      expect(reply).toMatchObject({ ok: false });
      if (error.startsWith('TemplateError')) expect(reply).toMatchObject({ kind: 'raised', message: error.slice(15) });
      return;
    }
    if (!reply.ok) throw new Error(`${reply.kind}: ${reply.message}`);
    expect(reply.spans.map((span) => span.text).join('')).toBe(text);
    if (generated === undefined) return;
    // Python counts characters where JavaScript counts UTF-16 units.
    const characters = Array.from(text);
    const told = generated.flatMap(([start, end]) => characters.slice(start, end)).join('');
    const trained = reply.spans.filter((span) => span.trained).map((span) => span.text);
    expect(trained.join('')).toBe(told);
    expect(reply.masking).toBe('generation');
  });
});
