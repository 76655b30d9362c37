/** Commands by name. Their files are imported only when they are called, so that the rest starts fast. */
import type { Command } from 'commander';
import type { Terminal } from './terminal.ts';

/** Declares a command's arguments and options, and its action. */
export type Configure = (command: Command, terminal: Terminal) => void;

export interface Verb {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<{ readonly configure: Configure }>;
}

/** A command whose verbs follow it: `finery tokenizer train`. One that also does something by itself has a `load`. */
export interface VerbGroup extends Pick<Verb, 'name' | 'summary'>, Partial<Pick<Verb, 'load'>> {
  readonly verbs: readonly Verb[];
}

/** Adds the verbs to a command; each is configured at the moment it is called. */
export function addVerbs(parent: Command, verbs: readonly (Verb | VerbGroup)[], terminal: () => Terminal): void {
  // The built-in `help` would show commands before they are configured; the program rewrites it to `--help`.
  parent.helpCommand(false);
  const loaders = new Map<Command, Verb['load']>();
  for (const verb of verbs) {
    const command = parent.command(verb.name).summary(verb.summary).description(`${verb.summary}.`);
    if ('verbs' in verb) addVerbs(command, verb.verbs, terminal);
    if (verb.load) loaders.set(command, verb.load);
  }
  parent.hook('preSubcommand', async (_, command) => {
    // What a group does by itself has options of its own, which its verbs would lose to it.
    const [, next] = parent.args;
    if (command.commands.some((verb) => verb.name() === next)) return;
    const { configure } = (await loaders.get(command)?.()) ?? {};
    configure?.(command, terminal());
  });
}
