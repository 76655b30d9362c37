/** `finery run`: what a recipe says, from the base model to the report. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { cacheFolder } from '../../files/cache-folder.ts';
import { formatBytes } from '../../observe/numbers.ts';
import { loadRecipe } from '../../recipe/load-recipe.ts';
import type { MemoryPlan } from '../../recipe/memory-plan.ts';
import { planRun } from '../../recipe/plan/plan-run.ts';
import { renderExamples } from '../../recipe/report/render-examples.ts';
import { renderTable } from '../../recipe/report/render-table.ts';
import { type RunOptions, runRecipe } from '../../recipe/run-recipe.ts';
import { commandLine } from '../command-line.ts';
import { names } from '../option-values.ts';
import { planTable } from '../plan-table.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly out?: string;
  readonly set: readonly string[];
  readonly skip: readonly string[];
  readonly until?: string;
  readonly from?: string;
  readonly prune?: true;
  readonly dryRun?: true;
}

const details = `
The run folder holds the resolved recipe, the event log, the checkpoints, report.html and a
model card. Giving the same command again goes on where the last one stopped: Ctrl-C saves
first, and what is finished is not done again. After a change only the stages that it touches
are, and those that depend on them; results of earlier recipes stay in results/ until --prune.

  finery run recipes/assistant.yaml
  finery run recipes/assistant.yaml --set seed=2 --set name=second --set stages.0.cpt.tokens=100000
  finery run recipes/assistant.yaml --skip cpt`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Runs a recipe: measures the base, trains, saves, measures again and writes a report.')
    .argument('<recipe>', 'a YAML file')
    .option('--out <folder>', 'folder of the run; default runs/<name of the recipe>')
    .option('--set <path=value>', 'change a field, such as seed=2; may be given again', collect, [])
    .option(
      '--skip <stages>',
      'leave stages out, such as cpt,sft: what starts from one takes its input',
      collectNames,
      [],
    )
    .option('--until <stage>', 'stop after a stage')
    .option('--from <stage>', 'make a stage and all that depends on it again, although there are results')
    .option('--prune', 'delete results of earlier recipes in the folder that this one does not need')
    .option('--dry-run', 'print what would be done and what it would take on this machine, and stop')
    .addHelpText('after', details)
    .action((recipe: string, options: Options) => run(recipe, options, terminal));
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];
const collectNames = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, ...names(value)];

async function run(path: string, options: Options, terminal: Terminal): Promise<void> {
  const { out, set, skip, until, from, prune, dryRun } = options;
  const loaded = await loadRecipe(path, { set, signal: terminal.signal });
  for (const note of loaded.notes) terminal.talk(note);
  const folder = resolve(out ?? `runs/${loaded.recipe.name}`);
  const progress = terminal.progressLine();
  const say = (print: () => void) => {
    progress.done();
    print();
  };
  const shared: Pick<RunOptions, 'out' | 'cacheDir' | 'selection' | 'signal' | 'onProgress' | 'onWarning'> = {
    out: folder,
    cacheDir: cacheFolder('tokens'),
    selection: { skip, until, from },
    signal: terminal.signal,
    onProgress: (state) => progress.update(state),
    onWarning: (message) => say(() => terminal.warn(message)),
  };
  try {
    if (dryRun) {
      const estimate = await planRun(loaded, shared);
      progress.clear();
      return await terminal.print(estimate, () => planTable(estimate));
    }
    const summary = await runRecipe(loaded, {
      ...shared,
      prune,
      onNote: (message) => say(() => terminal.talk(`  ${message}`)),
      onPart: (title) => say(() => terminal.talk(title)),
      onMemory: (plan) => say(() => tellMemory(plan, terminal)),
      commands: [commandOf(path, options)],
    });
    progress.done();
    await terminal.print({ ...summary, events: undefined, folder }, () => {
      const layout = { color: terminal.style.color, width: Math.min(terminal.columns, 120) };
      const parts = [renderTable(summary, layout), renderExamples(summary, layout)];
      return parts.filter((part) => part !== '').join('\n\n');
    });
    const { predicted, peak } = summary.memory;
    terminal.talk(`peak memory: ${formatBytes(peak)}, predicted ${formatBytes(predicted)}`);
    terminal.talk(`report: ${resolve(folder, 'report.html')}`);
  } finally {
    progress.done();
  }
}

/** As it would be typed to get the same models. */
function commandOf(path: string, { set, skip, until }: Options): string {
  const given = [
    ...set.flatMap((change) => ['--set', change]),
    ...(skip.length === 0 ? [] : ['--skip', skip.join(',')]),
    ...(until === undefined ? [] : ['--until', until]),
  ];
  return commandLine(['finery', 'run', path, ...given]);
}

function tellMemory({ predicted, available, tooLarge }: MemoryPlan, terminal: Terminal): void {
  terminal.talk(`memory: about ${formatBytes(predicted)} at most, of ${formatBytes(available)} that may be used`);
  if (!tooLarge) return;
  const { stage, rows, fittingRows } = tooLarge;
  const advice =
    fittingRows > 0
      ? `set batch.rows of the stage to at most ${fittingRows} and raise gradient_accumulation_steps`
      : 'choose a smaller model or a larger machine';
  terminal.warn(`${stage} with ${rows} rows may not fit into memory and be killed: ${advice}`);
}
