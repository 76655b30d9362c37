/** Tools that a model may call inside its answer, as an option of a command. */
import type { Command } from 'commander';
import { type ToolName, toolNames } from '../../generate/tools/named-tools.ts';
import { names, wrongValue } from '../option-values.ts';

export interface ToolFlags {
  readonly tools?: readonly ToolName[];
}

/** `calculator`, each tool once, in the order in which they are named. */
export function toolList(word: string): readonly ToolName[] {
  const given = names(word);
  if (given.length === 0) throw wrongValue('--tools', JSON.stringify(word), toolNames.join(', '));
  const tools = given.map((name) => {
    const tool = toolNames.find((known) => known === name);
    if (tool === undefined) throw wrongValue('--tools', JSON.stringify(name), toolNames.join(', '));
    return tool;
  });
  return [...new Set(tools)];
}

export const addToolsOption = (command: Command): Command =>
  command.option(
    '--tools <names>',
    'what the model may call in its answer, which then goes on with the result: calculator',
    toolList,
  );
