/** HumanEval (Chen et al. 2021): functions to be completed, and programs that test them. They run in a sandbox only. */
import { codeBlocks } from '../../answers/code-block.ts';
import type { ScoringResources } from '../scoring-resources.ts';
import type { Document } from '../task.ts';
import { textField } from './records.ts';
import type { Results } from './results.ts';

/** `pass@1`: the share of the answers that pass all tests. */
export async function passingPrograms(
  document: Document,
  answers: readonly string[],
  resources: ScoringResources,
): Promise<Results> {
  const prompt = textField(document, 'prompt');
  const name = textField(document, 'entry_point');
  const check = `${textField(document, 'test')}\ncheck(${name})\n`;
  let passed = 0;
  for (const answer of answers) {
    const { status } = await resources.python().run(programOf(prompt, name, answer), { check });
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
