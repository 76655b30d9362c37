/**
 * The chat template of a checkpoint: turns a conversation into the text that its model was trained to continue, as spans
 * that say which text is the template's and which is data, and what an assistant is trained to say.
 *
 * ```ts
 * const template = await loadChatTemplate('models/some-checkpoint');
 * const { spans } = await template.render([{ role: 'user', content: 'Hello' }], { addGenerationPrompt: true });
 * const { ids, trained } = encodeSpans(tokenizer, spans);
 * await template.close();
 * ```
 *
 * Templates are programs that come with a checkpoint, and so hostile until proven otherwise: they run in a worker with
 * a deadline and bounds on what they make (`template-worker.ts`, `limits.ts`), and reach nothing but the conversation.
 * What is not defended: a template decides what text surrounds a conversation, and a hostile one may misquote it.
 *
 * Text is what Jinja2 with the settings of transformers makes of it, as far as the library follows Jinja2. Known
 * differences: JSON numbers such as 1.0 are written 1, and objects compare by identity.
 */

import { InputError, UsageError } from '../../errors.ts';
import type { TokenizerFile } from '../tokenizer.ts';
import { type ChatMessage, type Json, JsonReader, readMessages } from './messages.ts';
import { type ChatSpan, type Masking, RESERVED_NAMES, type RenderReply, type RenderRequest } from './render-chat.ts';
import { readTemplateFiles, sourcesOf, type TemplateSources } from './template-sources.ts';
import { TemplateWorker, WorkerStoppedError } from './template-worker.ts';

export interface RenderOptions {
  /** Which template, where a checkpoint has several. Default `tool_use` if there are tools and it exists, else `default`. */
  readonly template?: string;
  /** Descriptions of functions, as JSON schemas. */
  readonly tools?: readonly unknown[];
  /** Texts to answer from, as objects with `title` and `text`. */
  readonly documents?: readonly unknown[];
  /** Ends with the beginning of an assistant's turn. Default false. */
  readonly addGenerationPrompt?: boolean;
  /** Ends within the last message's content, for a model to go on with. Default false. */
  readonly continueFinalMessage?: boolean;
  /** Further variables of the template, such as `enable_thinking`. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Roles to allow besides `ROLES`. Their names are trusted text. */
  readonly extraRoles?: readonly string[];
  /** What `strftime_now` tells, in UTC. Default the present: give it wherever the same text must come out again. */
  readonly now?: Date;
  /** Refuse a conversation of which nothing can be trained on. Default false. */
  readonly forTraining?: boolean;
  /** Ends the wait for the text, and the work on it, with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface RenderedChat {
  /** In order; together the text of the conversation. None is empty, and neighbours differ in source or training. */
  readonly spans: readonly ChatSpan[];
  readonly masking: Masking;
}

export interface ChatTemplateOptions {
  /** Seconds that one rendering may take. Default 2. */
  readonly deadline?: number;
}

/**
 * The template of a Hugging Face folder, or of the files of a tokenizer. Throws an `InputError` if there is none, or if
 * a file cannot be read. The template itself is first looked at when it renders.
 */
export async function loadChatTemplate(
  folderOrFiles: string | readonly TokenizerFile[],
  options: ChatTemplateOptions = {},
): Promise<ChatTemplate> {
  const isFolder = typeof folderOrFiles === 'string';
  const sources = sourcesOf(isFolder ? await readTemplateFiles(folderOrFiles) : folderOrFiles);
  if (sources.templates.size === 0) {
    throw new InputError({
      field: isFolder ? folderOrFiles : 'tokenizer_config.json:chat_template',
      found: 'no chat template',
      expected: 'chat_template.jinja, or chat_template in tokenizer_config.json',
      fix: 'Use a model that was tuned for chat, or add the template it was trained with.',
    });
  }
  return new ChatTemplate(sources, options);
}

export class ChatTemplate {
  readonly #sources: TemplateSources;
  readonly #worker: TemplateWorker<RenderRequest, RenderReply>;

  constructor(sources: TemplateSources, { deadline = 2 }: ChatTemplateOptions = {}) {
    this.#sources = sources;
    this.#worker = new TemplateWorker(new URL('./render-worker.js', import.meta.url), deadline * 1_000);
  }

  /** The names that `RenderOptions.template` may take. */
  get names(): readonly string[] {
    return [...this.#sources.templates.keys()];
  }

  /**
   * Renders a conversation. Throws an `InputError` if the conversation is malformed, if the template refuses it
   * (`raise_exception`), fails, or does not keep its bounds; a `UsageError` for options that contradict each other.
   */
  async render(messages: readonly ChatMessage[], options: RenderOptions = {}): Promise<RenderedChat> {
    const name = this.#chosen(options);
    const request = this.#request(name, messages, options);
    const reply = await this.#worker.render(request, options.signal).catch((error: unknown): RenderReply => {
      if (!(error instanceof WorkerStoppedError)) throw error;
      return { ok: false, kind: 'limit', message: error.message };
    });
    if (!reply.ok) throw refusal(name, reply);
    if (options.forTraining && !reply.spans.some((span) => span.trained)) throw untrainable(name, reply.masking);
    return { spans: reply.spans, masking: reply.masking };
  }

  /** Ends the worker. A later rendering starts another one. */
  async close(): Promise<void> {
    await this.#worker.close();
  }

  #chosen({ template, tools }: RenderOptions): string {
    const { templates } = this.#sources;
    if (template === undefined) {
      if (tools !== undefined && templates.has('tool_use')) return 'tool_use';
      if (templates.has('default')) return 'default';
      if (templates.size === 1) return this.names[0];
    } else if (templates.has(template)) {
      return template;
    }
    throw new UsageError({
      field: 'template',
      found: template === undefined ? 'no choice' : JSON.stringify(template),
      expected: `one of ${this.names.join(', ')}`,
      fix: 'Choose one of the templates that this checkpoint has.',
    });
  }

  #request(name: string, messages: readonly ChatMessage[], options: RenderOptions): RenderRequest {
    const { addGenerationPrompt = false, continueFinalMessage = false, now = new Date() } = options;
    if (addGenerationPrompt && continueFinalMessage) {
      throw new UsageError({
        field: 'continueFinalMessage',
        found: 'addGenerationPrompt as well',
        expected: 'one of the two',
        fix: 'Either begin an answer or continue one.',
      });
    }
    const template = this.#sources.templates.get(name)!;
    const reader = new JsonReader();
    const list = (values: readonly unknown[] | undefined, field: string) =>
      values?.map((value, i) => reader.object(value, `${field}.${i}`)) ?? null;
    return {
      template,
      messages: readMessages(messages, reader, {
        keepParts: readsParts(template),
        extraRoles: options.extraRoles ?? [],
      }),
      tools: list(options.tools, 'tools'),
      documents: list(options.documents, 'documents'),
      variables: readVariables(options.variables ?? {}, reader),
      specialTokens: this.#sources.specialTokens,
      addGenerationPrompt,
      continueFinalMessage,
      now: now.getTime(),
    };
  }
}

/** Whether a template loops over the parts of a content; others expect text. */
function readsParts(template: string): boolean {
  return /\{%-?\s*for\s+\w+\s+in\s+[\w.[\]'"]*content\b/.test(template);
}

function readVariables(variables: unknown, reader: JsonReader): Readonly<Record<string, Json>> {
  const copy = reader.object(variables, 'variables');
  for (const name of Object.keys(copy)) {
    if (/^[A-Za-z_]\w*$/.test(name) && !RESERVED_NAMES.includes(name) && !name.endsWith('_token')) continue;
    throw new UsageError({
      field: `variables.${name}`,
      found: 'a name that templates or this library use themselves',
      expected: 'an identifier of another name',
      fix: 'Messages, tools and documents have options of their own.',
    });
  }
  return copy;
}

function refusal(name: string, { kind, message }: RenderReply & { readonly ok: false }): InputError {
  // A hostile message may be long and hold control sequences of terminals.
  const told = message.slice(0, 500).replace(/[\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ');
  const field = `chat template "${name}"`;
  switch (kind) {
    case 'raised':
      return new InputError({
        field: 'messages',
        found: `a conversation that the ${field} refuses: ${told}`,
        expected: 'one that it renders',
        fix: 'Change the messages as it says.',
      });
    case 'dropped':
      return new InputError({
        field: 'messages',
        found: `a last message whose content the ${field} leaves out`,
        expected: 'content to continue',
        fix: 'Give the last message a content, or render without continueFinalMessage.',
      });
    case 'limit':
      return new InputError({
        field,
        found: `a template that ${told}`,
        expected: 'one that ends soon and writes about as much as the conversation holds',
        fix: 'Do not trust this template; if the conversation is very long, shorten it.',
      });
    case 'syntax':
    case 'failed':
      return new InputError({
        field,
        found: `${kind === 'syntax' ? 'what is not Jinja as it is known here' : 'an operation that fails'}: ${told}`,
        expected: 'a template that @huggingface/jinja can run',
        fix: 'Check the messages against what the template expects, or correct the template.',
      });
    default:
      return kind satisfies never;
  }
}

function untrainable(name: string, masking: Masking): InputError {
  const found = masking === 'none' ? 'text of an assistant outside its turns' : 'nothing that an assistant says';
  return new InputError({
    field: 'messages',
    found: `${found}, as the chat template "${name}" renders them`,
    expected: 'a conversation with text to train on',
    fix:
      masking === 'none'
        ? 'Put {% generation %} and {% endgeneration %} around what an assistant says in the template.'
        : 'Leave out conversations without an answer, or mark the answers with {% generation %} in the template.',
  });
}
