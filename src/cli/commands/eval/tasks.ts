/** `finery eval tasks`: the tasks that come with Finery. */
import type { Command } from 'commander';
import { builtInTasks } from '../../../eval/run/find-tasks.ts';
import type { Terminal } from '../../terminal.ts';

export function configure(command: Command, terminal: Terminal): void {
  command.description('Names of the tasks and groups that come with Finery.').action(async () => {
    const names = await builtInTasks();
    await terminal.print(names, () => names.join('\n'));
  });
}
