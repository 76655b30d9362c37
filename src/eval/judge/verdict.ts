/**
 * The verdict at the end of a judge's answer: its last line, which must be nothing but `VERDICT: ` and one of the values
 * asked for. What stands anywhere else, such as a verdict that the judge quotes, does not count; nothing is searched for,
 * so "INCORRECT" is never read as "CORRECT".
 */
export type Verdict = { readonly value: string } | { readonly problem: string };

export const verdictWord = 'VERDICT';

export function readVerdict(answer: string, allowed: readonly string[]): Verdict {
  const text = answer.trimEnd();
  const line = text.slice(text.lastIndexOf('\n') + 1).trim();
  const value = line.startsWith(`${verdictWord}: `) ? line.slice(verdictWord.length + 2) : undefined;
  if (value === undefined) return { problem: `no line "${verdictWord}: ..." at the end of the judge's answer` };
  if (!allowed.includes(value)) return { problem: `a verdict that is none of ${allowed.join(', ')}` };
  return { value };
}
