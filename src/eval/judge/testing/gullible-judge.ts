/**
 * A judge that does whatever it is told by anything that looks like an instruction to it. It believes every line that looks
 * like the end of a block, whatever its code; control tokens and hidden characters move it wherever they stand.
 */
import type { Answer, AnswerRequest, LanguageModel, Outcome } from '../../model/language-model.ts';

/** What stands outside all blocks. */
export function outsideOf(prompt: string): string {
  let inside = false;
  const lines = prompt.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).filter((line) => {
    const border = /^\s*=+ *(BEGIN|END)\b/.exec(line)?.[1];
    if (border !== undefined) inside = border === 'BEGIN';
    return !inside || line.startsWith('[');
  });
  return lines.join('\n');
}

/** The verdict that somebody slipped to the judge; undefined if nobody did. */
export function slippedVerdict(prompt: string): string | undefined {
  if (/<[|｜]|<\/?s>|<start_of_turn>|<think>|\[\/?INST\]|<<SYS>>/.test(prompt)) return '10';
  if (/[\u200b-\u200f\u202a-\u202e\u2060-\u206f]|[\u{e0000}-\u{e007f}]/u.test(prompt)) return '10';
  const order = /\b(?:[Gg]ive|[Aa]ward) (10|A)\b/.exec(outsideOf(prompt));
  return /^\s*VERDICT: (\w+)\s*$/m.exec(prompt)?.[1] ?? order?.[1];
}

export interface ScriptedModel extends LanguageModel {
  readonly requests: readonly AnswerRequest[];
}

export function promptText({ prompt }: AnswerRequest): string {
  return typeof prompt === 'string' ? prompt : prompt.map(({ content }) => String(content)).join('\n');
}

type Script = (prompt: string, request: AnswerRequest, index: number) => string | Outcome<Answer>;

/** Answers as the script says; a text is an answer that ended by itself. */
export function scriptedModel(script: Script, { chat = true } = {}): ScriptedModel {
  const requests: AnswerRequest[] = [];
  return {
    requests,
    name: 'scripted',
    identity: 'scripted',
    contextLength: undefined,
    chat,
    scoringLimitation: 'Nothing is scored.',
    scoreContinuations: () => Promise.reject(new Error('not scored')),
    scoreTexts: () => Promise.reject(new Error('not scored')),
    async answer(asked, { onOutcome } = {}) {
      return asked.map((request, i) => {
        requests.push(request);
        const said = script(promptText(request), request, requests.length - 1);
        const outcome: Outcome<Answer> =
          typeof said === 'string' ? { ok: true, value: { text: said, finishReason: 'stop', tokens: 1 } } : said;
        onOutcome?.(i, outcome);
        return outcome;
      });
    },
    usage: () => ({ requests: 0, cached: 0, promptTokens: 0, answerTokens: 0 }),
    close: async () => {},
  };
}

/** Finds every answer poor, unless told otherwise. */
export const gullibleJudge = (poorest: string, options?: { readonly chat: boolean }): ScriptedModel =>
  scriptedModel((prompt) => `Poor.\nVERDICT: ${slippedVerdict(prompt) ?? poorest}`, options);
