/**
 * Forms that a reply can be asked for in: how a prompt asks, how the right reply is written, and how an answer is read back.
 * A form says where it ends, so that a reply that was cut off, or goes on behind its answer, is not in it.
 */

export const replyForms = ['sentence', 'quoted', 'json'] as const;
export type ReplyForm = (typeof replyForms)[number];

interface Form {
  /** What a prompt says, in any of these words. */
  readonly requests: readonly string[];
  readonly write: (answer: string) => string;
  /** The answer in a reply of one line that is nothing but the form; undefined for any other reply. */
  readonly read: (reply: string) => string | undefined;
}

export const REPLY_FORMS: Readonly<Record<ReplyForm, Form>> = {
  sentence: {
    requests: ['Reply with a sentence that begins with "The answer is".', 'Say: The answer is, and then the answer.'],
    write: (answer) => `The answer is ${answer}.`,
    read: (reply) => between(reply, 'The answer is ', '.'),
  },
  quoted: {
    requests: ['Put your reply in double quotation marks.', 'Reply with a quotation in double quotation marks.'],
    write: (answer) => `"${answer}"`,
    read: (reply) => {
      const answer = between(reply, '"', '"');
      return answer !== undefined && arePaired(answer) ? answer : undefined;
    },
  },
  json: {
    requests: ['Reply with a JSON object that has the key "answer".', 'Give your answer as JSON, under "answer".'],
    write: (answer) => JSON.stringify({ answer }),
    read: readJson,
  },
};

function between(reply: string, before: string, after: string): string | undefined {
  if (!reply.startsWith(before) || !reply.endsWith(after)) return undefined;
  return answerIn(reply.slice(before.length, -after.length));
}

function readJson(reply: string): string | undefined {
  try {
    const value: unknown = JSON.parse(reply);
    if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return undefined;
    return 'answer' in value && typeof value.answer === 'string' ? answerIn(value.answer) : undefined;
  } catch {
    return undefined;
  }
}

/** Something that can be said, in one line. */
const answerIn = (text: string): string | undefined =>
  /[\p{L}\p{N}]/u.test(text) && !text.includes('\n') ? text.trim() : undefined;

/** Inner quotation marks: one too many would be the end of the reply, with something behind it. */
const arePaired = (text: string): boolean => text.split('"').length % 2 === 1;
