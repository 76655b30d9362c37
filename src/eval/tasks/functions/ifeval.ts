/** IFEval (arXiv:2311.07911): instructions that a program can check, several in each prompt. */
import type { Document } from '../task.ts';
import type { Results } from './results.ts';

/** Whether all instructions of the prompt were followed, and how many; of several answers the first. */
export async function followedInstructions(document: Document, [answer = '']: readonly string[]): Promise<Results> {
  // Only when needed: the checkers hold tables of languages.
  const { readInstructions } = await import('../../instructions/read-instructions.ts');
  const { judgeResponse } = await import('../../instructions/follow.ts');
  const instructions = readInstructions(document.instruction_id_list, document.kwargs, String(document.key));
  const { strict, loose } = judgeResponse(instructions, answer);
  const all = (followed: readonly boolean[]): number => (followed.every(Boolean) ? 1 : 0);
  const each = (followed: readonly boolean[]) => ({ sum: followed.filter(Boolean).length, weight: followed.length });
  return {
    prompt_level_strict_acc: all(strict),
    prompt_level_loose_acc: all(loose),
    inst_level_strict_acc: each(strict),
    inst_level_loose_acc: each(loose),
  };
}
