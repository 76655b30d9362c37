/** Strict and loose verdicts on a response, and what they add up to (arXiv:2311.07911, section 2.2). */
import type { Instruction } from './read-instructions.ts';
import { strip } from './text/python-text.ts';

/** For each instruction of a prompt, in order, whether it was followed. */
export interface Verdict {
  readonly strict: readonly boolean[];
  /** By the response or by a variant of it: without its first line, its last line, its asterisks, or several of these. */
  readonly loose: readonly boolean[];
}

export interface InstructionAccuracy {
  /** Share of the prompts with all instructions followed. */
  readonly promptStrict: number;
  readonly promptLoose: number;
  /** Share of all instructions. */
  readonly instructionStrict: number;
  readonly instructionLoose: number;
  readonly prompts: number;
  readonly instructions: number;
}

export function judgeResponse(instructions: readonly Instruction[], response: string): Verdict {
  const [itself, ...others] = variants(response);
  const strict = instructions.map(({ check }) => follows(check, itself!));
  const loose = instructions.map(
    ({ check }, index) => strict[index]! || others.some((variant) => follows(check, variant)),
  );
  return { strict, loose };
}

/** Nothing follows no instruction, not even one to leave something out. */
function follows(check: Instruction['check'], response: string): boolean {
  return strip(response) !== '' && check(response);
}

/** The response itself first. */
function variants(response: string): readonly string[] {
  const first = response.indexOf('\n');
  const last = response.lastIndexOf('\n');
  const cuts = [
    response,
    strip(first < 0 ? '' : response.slice(first + 1)),
    strip(last < 0 ? '' : response.slice(0, last)),
    strip(first < 0 ? '' : response.slice(first + 1, last)),
  ];
  return [...new Set(cuts.flatMap((text) => [text, text.replaceAll('*', '')]))];
}

/** Of no verdicts, all shares are NaN. */
export function summariseVerdicts(verdicts: readonly Verdict[]): InstructionAccuracy {
  const share = (parts: readonly boolean[]): number => parts.filter(Boolean).length / parts.length;
  const all = (parts: readonly boolean[]): boolean => parts.every(Boolean);
  return {
    promptStrict: share(verdicts.map(({ strict }) => all(strict))),
    promptLoose: share(verdicts.map(({ loose }) => all(loose))),
    instructionStrict: share(verdicts.flatMap(({ strict }) => strict)),
    instructionLoose: share(verdicts.flatMap(({ loose }) => loose)),
    prompts: verdicts.length,
    instructions: verdicts.reduce((sum, { strict }) => sum + strict.length, 0),
  };
}
