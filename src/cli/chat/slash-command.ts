/** What can be said to the chat instead of to the model. */
import { UsageError } from '../../errors.ts';
import { nearest } from '../../yaml/near-miss.ts';
import { integer } from '../option-values.ts';
import { samplingValue, seedOf } from './sampling-options.ts';

export type SlashCommand =
  | { readonly kind: 'help' | 'retry' | 'undo' | 'clear' | 'tokens' | 'quit' }
  | { readonly kind: 'system'; readonly text: string | undefined }
  | { readonly kind: 'save' | 'load'; readonly file: string }
  | { readonly kind: 'seed' | 'temperature' | 'max'; readonly value: number };

export type ChatInput = { readonly kind: 'message'; readonly text: string } | SlashCommand;

interface CommandEntry {
  readonly argument?: string;
  readonly summary: string;
  /** @param rest what follows the name, trimmed */
  readonly parse: (rest: string) => SlashCommand;
}

const plain = (kind: 'help' | 'retry' | 'undo' | 'clear' | 'tokens' | 'quit'): CommandEntry['parse'] => {
  return (rest) => {
    if (rest === '') return { kind };
    throw new UsageError({
      field: `/${kind}`,
      found: rest,
      expected: 'nothing after it',
      fix: `Enter /${kind} alone.`,
    });
  };
};

const file = (kind: 'save' | 'load'): CommandEntry['parse'] => {
  return (rest) => {
    if (rest !== '') return { kind, file: rest };
    throw new UsageError({ field: `/${kind}`, found: 'no file', expected: 'its name', fix: `Enter /${kind} FILE.` });
  };
};

const number = (kind: 'seed' | 'temperature' | 'max', read: (word: string) => number): CommandEntry['parse'] => {
  return (rest) => {
    try {
      return { kind, value: read(rest) };
    } catch (error) {
      // The chat has no --help.
      throw error instanceof UsageError
        ? new UsageError({ ...error.problem, fix: 'Enter it with such a number.' })
        : error;
    }
  };
};

const commands: Readonly<Record<SlashCommand['kind'], CommandEntry>> = {
  help: { summary: 'this list', parse: plain('help') },
  system: {
    argument: 'TEXT',
    summary: 'what the model is told before the conversation; without TEXT nothing',
    parse: (rest) => ({ kind: 'system', text: rest === '' ? undefined : rest }),
  },
  retry: { summary: 'answer the last message again, with other random numbers', parse: plain('retry') },
  undo: { summary: 'take back the last message and its answer', parse: plain('undo') },
  clear: { summary: 'begin a new conversation', parse: plain('clear') },
  save: { argument: 'FILE', summary: 'write the conversation to .jsonl, or to .md to read', parse: file('save') },
  load: { argument: 'FILE', summary: 'go on with a conversation from .jsonl or .json', parse: file('load') },
  seed: { argument: 'N', summary: 'same seed, same answers', parse: number('seed', seedOf('/seed')) },
  temperature: {
    argument: 'T',
    summary: '0 always takes the likeliest token',
    parse: number('temperature', samplingValue('/temperature', 'temperature')),
  },
  max: { argument: 'N', summary: 'tokens of an answer at most', parse: number('max', integer('/max', 1)) },
  tokens: { summary: 'how much of the context is used', parse: plain('tokens') },
  quit: { summary: 'leave, as Ctrl-D does', parse: plain('quit') },
};

const names = Object.keys(commands).map((name) => `/${name}`);

/**
 * What a message of one line that begins with `/` asks for; `//` begins a message with `/`, and everything else is a
 * message.
 * @throws UsageError for a command that is unknown or incomplete
 */
export function parseInput(text: string): ChatInput {
  if (text.startsWith('//')) return { kind: 'message', text: text.slice(1) };
  const match = /^\/(\S*)[^\S\n]*(.*)$/.exec(text);
  if (!match) return { kind: 'message', text };
  const [, name, rest] = match;
  if (Object.hasOwn(commands, name)) return commands[name as SlashCommand['kind']].parse(rest.trim());
  const meant = nearest(`/${name}`, names);
  throw new UsageError({
    field: `/${name}`,
    found: 'an unknown command',
    expected: meant ?? names.join(', '),
    fix: `Enter /help for the list, or //${name} to send it as a message.`,
  });
}

/** Rows of the list: what to enter, and what it does. */
export function commandHelp(): readonly (readonly [usage: string, summary: string])[] {
  return Object.entries(commands).map(([name, { argument, summary }]) => [
    argument === undefined ? `/${name}` : `/${name} ${argument}`,
    summary,
  ]);
}
