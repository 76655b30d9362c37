/**
 * ConvFinQA (Chen et al., EMNLP 2022), with a program of assignments for each question of a conversation. Every question is
 * an item that is told the right answers to those before it, so that one mistake is counted once.
 */
import { InputError } from '../../../errors.ts';
import { exactText, roundToPlaces } from '../../../generate/tools/calculator/decimal.ts';
import { runAssignmentProgram } from '../../answers/programs/assignment-program.ts';
import { programOf, runProgram } from '../../answers/programs/program-of.ts';
import { executesTo, type ProgramValue } from '../../answers/programs/program-result.ts';
import type { Document } from '../task.ts';
import { textField, textsField } from './records.ts';
import type { Results } from './results.ts';

/** To which FinQA and ConvFinQA round. */
const PLACES = 5;

export function conversationTurns(conversations: readonly Document[]): readonly Document[] {
  return conversations.flatMap((conversation) => {
    const id = textField(conversation, 'id');
    const questions = textsField(conversation, 'questions');
    const programs = textsField(conversation, 'programs');
    const answers = programs.map((program) => answerOf(program, id));
    return questions.map((question, turn) => ({
      id: `${id}/${turn}`,
      conversation: id,
      // The page, without which of its questions this is: `Single_IPG/2009/page_85.pdf-3`.
      page: id.replace(/^(?:Single|Double)_/, '').replace(/-\d+$/, ''),
      turn: turn + 1,
      turns: questions.length,
      text: textField(conversation, 'text').trim(),
      table: textField(conversation, 'table').trim(),
      history: questions.slice(0, turn).map((earlier, i) => ({ question: earlier, answer: answers[i] })),
      question,
      program: programs[turn],
      answer: answers[turn],
    }));
  });
}

/**
 * Answers that are programs, run: the share that gives what the right program gives, and the share that runs at all. The
 * mean over several answers.
 */
export function executedPrograms(document: Document, answers: readonly string[]): Results {
  const gold = executed(textField(document, 'program'), textField(document, 'id'));
  const results = answers.map((answer) => {
    const reading = programOf(answer);
    return reading.ok ? runProgram(reading.value) : undefined;
  });
  const share = (count: number) => count / answers.length;
  return {
    execution_acc: share(results.filter((result) => result !== undefined && executesTo(result, gold)).length),
    runs: share(results.filter((result) => result?.ok).length),
  };
}

/** Whether there is a program in the answer, runnable or not. */
export const holdsProgram = (answer: string): boolean => programOf(answer).ok;

function answerOf(program: string, conversation: string): string {
  const value = executed(program, conversation);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  // Five decimals always have an exact text.
  return exactText(roundToPlaces(value, PLACES)) ?? '';
}

function executed(program: string, conversation: string): ProgramValue {
  const result = runAssignmentProgram(program);
  if (result.ok) return result.value;
  throw new InputError({
    field: `programs of ${conversation}`,
    found: `${program} (${result.message})`,
    expected: 'assignments that give a number',
    fix: 'Check that the data are those of ConvFinQA with programs.',
  });
}
