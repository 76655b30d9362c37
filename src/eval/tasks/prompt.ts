/**
 * How a prompt is put together, the same as in lm-evaluation-harness:
 *
 *     system, description, then for each example: question, target_delimiter, answer, fewshot_delimiter; then the question
 *
 * A generation prefix stands between question and answer. As a conversation, system and description are the system
 * message; the examples are turns of their own or the beginning of the one user message; the prefix begins the answer.
 */
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';
import type { Prompt } from '../model/language-model.ts';

export interface QuestionAnswer {
  readonly question: string;
  readonly prefix: string;
  readonly answer: string;
  readonly targetDelimiter: string;
  readonly fewShotDelimiter: string;
}

export interface PromptParts {
  readonly system: string;
  readonly description: string;
  readonly examples: readonly QuestionAnswer[];
  /** Begins the question and may be shared with other questions; '' where there is none. */
  readonly beginning: string;
  readonly question: string;
  readonly prefix: string;
  readonly targetDelimiter: string;
  readonly fewShotDelimiter: string;
}

export interface PromptForm {
  readonly chat: boolean;
  readonly fewShotAsTurns: boolean;
}

interface Piece {
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** Follows the text, but for turns of a conversation. */
  readonly delimiter: string;
}

export interface WrittenPrompt {
  readonly prompt: Prompt;
  /** Between prompt and continuation. */
  readonly delimiter: string;
  /** All that comes before what only this question says. */
  readonly shared: string;
}

export function writePrompt(parts: PromptParts, form: PromptForm): WrittenPrompt {
  const { examples, question, prefix, targetDelimiter, beginning } = parts;
  const system = joined(parts.system, parts.description, parts.fewShotDelimiter);
  const shots = examples.flatMap(exampleTurns);
  const turns = [...shots, ...questionTurns(`${beginning}${question}`, prefix, targetDelimiter)];
  const shared = `${system}\0${plain(shots)}${beginning}`;
  if (!form.chat) return { prompt: system + plain(turns), delimiter: targetDelimiter, shared };
  const messages = form.fewShotAsTurns ? turns.map(message) : singleTurn(turns);
  return {
    prompt: [...(system === '' ? [] : [{ role: 'system', content: system }]), ...messages],
    // The template ends the prompt as its model expects answers to begin; only a prefix goes on as plain text does.
    delimiter: prefix !== '' && !endsWithSpace(prefix) ? targetDelimiter : '',
    shared,
  };
}

function exampleTurns({ question, prefix, answer, targetDelimiter, fewShotDelimiter }: QuestionAnswer): Piece[] {
  if (answer === '') return questionTurns(question, prefix, targetDelimiter);
  const isDelimited = prefix === '' || needsDelimiter(question, prefix);
  return [
    { role: 'user', text: question, delimiter: isDelimited ? targetDelimiter : '' },
    { role: 'assistant', text: joined(prefix, answer, ' '), delimiter: fewShotDelimiter },
  ];
}

function questionTurns(question: string, prefix: string, targetDelimiter: string): Piece[] {
  if (prefix === '') return [{ role: 'user', text: question, delimiter: '' }];
  return [
    { role: 'user', text: question, delimiter: needsDelimiter(question, prefix) ? targetDelimiter : '' },
    { role: 'assistant', text: prefix, delimiter: '' },
  ];
}

/** All that comes before the answer's prefix as one user message. */
function singleTurn(turns: readonly Piece[]): ChatMessage[] {
  const last = turns.at(-1);
  const prefix = last?.role === 'assistant' ? [last] : [];
  const asked = turns.slice(0, turns.length - prefix.length);
  const end = asked.at(-1)?.delimiter.length ?? 0;
  const text = plain(asked);
  return [{ role: 'user', content: text.slice(0, text.length - end) }, ...prefix.map(message)];
}

const message = ({ role, text }: Piece): ChatMessage => ({ role, content: text });
const plain = (pieces: readonly Piece[]): string => pieces.map(({ text, delimiter }) => text + delimiter).join('');

/** Both texts, with `delimiter` between them where there is no space. */
export function joined(first: string, second: string, delimiter: string): string {
  if (first === '' || second === '') return first + second;
  return needsDelimiter(first, second) ? first + delimiter + second : first + second;
}

function needsDelimiter(first: string, second: string): boolean {
  return first !== '' && !endsWithSpace(first) && !/^\s/.test(second);
}

const endsWithSpace = (text: string): boolean => /\s$/.test(text);
