/** HumanEval (Chen et al. 2021): functions to be completed, and programs that test them. They run in a sandbox only. */
import { codeBlocks } from '../../answers/code-block.ts';
import { MAX_PROGRAM_TEXT } from '../../sandbox/python-sandbox.ts';
import type { ScoringResources } from '../scoring-resources.ts';
import type { Document } from '../task.ts';
import { textField } from './records.ts';
import type { NoResults, Results } from './results.ts';

/** `pass@1`: the share of the answers that pass all tests. */
export async function passingPrograms(
  document: Document,
  answers: readonly string[],
  resources: ScoringResources,
): Promise<Results | NoResults> {
  const prompt = textField(document, 'prompt');
  const name = textField(document, 'entry_point');
  const check = `${textField(document, 'test')}\ncheck(${name})\n`;
  const programs = answers.map((answer) => programOf(prompt, name, answer));
  const longest = Math.max(...programs.map((program) => program.length + check.length));
  if (longest > MAX_PROGRAM_TEXT) {
    return {
      noScore: `a program of ${longest} characters with its test, more than the ${MAX_PROGRAM_TEXT} of the sandbox`,
    };
  }
  let passed = 0;
  for (const program of programs) {
    const { status } = await resources.python().run(program, { check });
    if (status === 'passed') passed++;
  }
  return { 'pass@1': passed / answers.length };
}

/**
 * The prompt, which ends in the function's description, and what goes on with it; or, where the answer is a block of code
 * with the function in it, that block, for which the prompt has the imports.
 */
function programOf(prompt: string, name: string, answer: string): string {
  const block = codeBlocks(answer)
    .map(({ start, end }) => answer.slice(start, end))
    .find((code) => code.includes(`def ${name}(`));
  return block === undefined ? prompt + answer : `${prompt}\n\n${block}`;
}
