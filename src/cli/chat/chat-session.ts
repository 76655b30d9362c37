/** A chat under way: the conversation, the settings of its answers, and what commands do to them. */
import { homedir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { InputError, UsageError } from '../../errors.ts';
import { exists } from '../../files/temporary-name.ts';
import type { FinishReason } from '../../generate/request.ts';
import { namedTool } from '../../generate/tools/named-tools.ts';
import { formatCount, formatPlural, formatShare } from '../../observe/numbers.ts';
import { formatFields } from '../layout.ts';
import type { Terminal } from '../terminal.ts';
import { AnswerPrinter } from './answer-printer.ts';
import {
  allMessages,
  type Conversation,
  emptyConversation,
  shownMessages,
  withoutLastTurn,
  withTurn,
} from './conversation.ts';
import { conversationFrom, saveConversation } from './conversation-file.ts';
import { Figures } from './figures.ts';
import { fitConversation } from './fit-conversation.ts';
import type { OpenChat } from './open-chat.ts';
import { readConversationFile } from './read-conversation.ts';
import type { SamplingFlags } from './sampling-options.ts';
import { commandHelp, type SlashCommand } from './slash-command.ts';
import type { ToolFlags } from './tools-option.ts';

export interface ChatSettings extends SamplingFlags, ToolFlags {
  readonly maxTokens: number;
}

interface Answer {
  readonly text: string;
  readonly figures: Figures;
  /** Undefined where it was interrupted. */
  readonly finishReason: FinishReason | undefined;
}

export class ChatSession {
  readonly #chat: OpenChat;
  readonly #terminal: Terminal;
  #settings: ChatSettings;
  #conversation: Conversation;
  /** Answers since the seed was set: each draws random numbers of its own. */
  #answers = 0;
  /** Files that are this conversation, and so may be replaced by it. */
  readonly #ownFiles = new Set<string>();

  constructor(chat: OpenChat, settings: ChatSettings, terminal: Terminal, system?: string) {
    this.#chat = chat;
    this.#settings = settings;
    this.#terminal = terminal;
    this.#conversation = { ...emptyConversation, system };
  }

  /**
   * Answers a message. The conversation is the old one if that cannot be, or if the answer is stopped before it began.
   * @param signal stops the answer; what was written stays
   * @throws InputError for a message that is too long, or that the chat template refuses
   */
  async ask(question: string, signal: AbortSignal): Promise<void> {
    await this.#answer(this.#conversation, question, signal);
  }

  /** @returns false for the command that ends the chat */
  async run(command: SlashCommand, signal: AbortSignal): Promise<boolean> {
    const { kind } = command;
    switch (kind) {
      case 'help':
        this.#terminal.complain((style) => formatFields(commandHelp(), style));
        break;
      case 'system':
        this.#conversation = { ...this.#conversation, system: command.text };
        this.#terminal.talk(command.text === undefined ? 'no system message' : 'system message set');
        break;
      case 'retry':
        await this.#answer(withoutLastTurn(this.#conversation), this.#lastTurn('/retry').user, signal);
        break;
      case 'undo':
        this.#terminal.talk(`taken back: ${firstLine(this.#lastTurn('/undo').user)}`);
        this.#conversation = withoutLastTurn(this.#conversation);
        break;
      case 'clear':
        this.#conversation = { ...emptyConversation, system: this.#conversation.system };
        this.#terminal.talk('a new conversation');
        break;
      case 'save':
        await this.#save(command.file);
        break;
      case 'load':
        await this.#load(command.file, signal);
        break;
      case 'seed':
        this.#settings = { ...this.#settings, seed: command.value };
        this.#terminal.talk(`seed ${command.value}`);
        this.#answers = 0;
        break;
      case 'temperature':
        this.#settings = { ...this.#settings, temperature: command.value };
        this.#terminal.talk(`temperature ${command.value}`);
        break;
      case 'max':
        this.#settings = { ...this.#settings, maxTokens: command.value };
        this.#terminal.talk(`at most ${formatPlural(command.value, 'token')}`);
        break;
      case 'tokens':
        await this.#tellTokens();
        break;
      case 'quit':
        return false;
      default:
        kind satisfies never;
    }
    return true;
  }

  async #answer(conversation: Conversation, question: string, signal: AbortSignal): Promise<void> {
    const { generator, encode } = this.#chat;
    const { capacity } = generator;
    const { maxTokens } = this.#settings;
    const reserve = Math.min(maxTokens, Math.floor(capacity / 4));
    const fitted = await fitConversation(conversation, question, { capacity, reserve, encode });
    const left = fitted.conversation.hidden - conversation.hidden;
    if (left > 0) {
      this.#terminal.warn(
        `the conversation takes ${formatCount(fitted.tokensBefore)} of ${formatCount(capacity)} tokens: ` +
          `the model no longer sees its ${left === 1 ? 'oldest turn' : `${left} oldest turns`}; /save keeps all`,
      );
    }
    const { text, figures, finishReason } = await this.#write(fitted.ids, signal);
    this.#terminal.signal.throwIfAborted();
    if (finishReason === undefined && text === '') {
      this.#terminal.talk('stopped before it began; the message is not part of the conversation');
      return;
    }
    this.#conversation = withTurn(fitted.conversation, { user: question, assistant: text });
    const used = fitted.ids.length + figures.tokens;
    const context = `context ${formatShare(used / capacity)} of ${formatCount(capacity)}`;
    this.#terminal.talk([figures.format(), context, this.#endOf(finishReason, figures.tokens)].join(', '));
  }

  async #write(prompt: readonly number[], signal: AbortSignal): Promise<Answer> {
    const { generator, endIds } = this.#chat;
    const { maxTokens, seed, tools, ...sampling } = this.#settings;
    const figures = new Figures();
    const printer = new AnswerPrinter(this.#terminal, { answers: 1 });
    let text = '';
    let finishReason: FinishReason | undefined;
    try {
      const generation = generator.generate({
        prompt,
        maxTokens: Math.min(maxTokens, generator.capacity - prompt.length),
        sampling: { ...sampling, seed: seed + this.#answers },
        stopIds: endIds,
        tools: tools?.map(namedTool),
        signal: AbortSignal.any([signal, this.#terminal.signal]),
      });
      this.#answers++;
      for await (const event of generation) {
        if (event.token) figures.count();
        text += event.text;
        ({ finishReason } = event);
        await printer.add(event);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (text !== '' || finishReason) await printer.finish();
    return { text, figures, finishReason };
  }

  #endOf(finishReason: FinishReason | undefined, tokens: number): string {
    if (finishReason === undefined) return 'stopped';
    if (finishReason === 'stop') return 'ended';
    return tokens === this.#settings.maxTokens ? `cut off at ${tokens} (/max)` : 'cut off: the context is full';
  }

  #lastTurn(command: string) {
    const last = this.#conversation.turns.at(-1);
    if (last) return last;
    throw new UsageError({
      field: command,
      found: 'a conversation without a turn',
      expected: 'a message that was answered',
      fix: 'Say something first.',
    });
  }

  async #save(name: string): Promise<void> {
    const path = pathOf(name);
    if (!this.#ownFiles.has(path) && (await exists(path))) {
      throw new UsageError({
        field: name,
        found: 'a file that is there already',
        expected: 'a new name, or one that this chat has saved or loaded',
        fix: 'Choose another name.',
      });
    }
    await saveConversation(path, allMessages(this.#conversation));
    this.#ownFiles.add(path);
    this.#terminal.talk(`saved ${formatPlural(this.#conversation.turns.length, 'turn')} to ${path}`);
  }

  /** A conversation that ends with a message is answered at once. */
  async #load(name: string, signal: AbortSignal): Promise<void> {
    const path = pathOf(name);
    const { messages } = await readConversationFile(path);
    const { conversation, question } = conversationFrom(messages, name);
    this.#conversation = conversation;
    if (extname(path) !== '.md') this.#ownFiles.add(path);
    this.#terminal.talk(`loaded ${formatPlural(conversation.turns.length, 'turn')}`);
    if (question !== undefined) await this.ask(question, signal);
  }

  async #tellTokens(): Promise<void> {
    const { generator, encode } = this.#chat;
    const { turns, hidden } = this.#conversation;
    const shown = shownMessages(this.#conversation);
    const tokens = shown.length === 0 ? 0 : await this.#count(() => encode(shown));
    const share = formatShare(tokens / generator.capacity);
    const notShown = hidden > 0 ? `, the first ${hidden} not shown to the model` : '';
    this.#terminal.complain(
      () =>
        `${formatCount(tokens)} of ${formatCount(generator.capacity)} tokens (${share}), ` +
        `${formatPlural(turns.length, 'turn')}${notShown}`,
    );
  }

  /** Some templates refuse what is no conversation yet, such as a system message alone. */
  async #count(encode: () => Promise<readonly number[]>): Promise<number> {
    try {
      return (await encode()).length;
    } catch (error) {
      if (error instanceof InputError) return 0;
      throw error;
    }
  }
}

const pathOf = (name: string): string => resolve(name.startsWith('~/') ? join(homedir(), name.slice(2)) : name);

const firstLine = (text: string): string => text.split('\n', 1)[0].slice(0, 60);
