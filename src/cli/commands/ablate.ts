/** `finery ablate`: what each stage of a recipe brings, by the chain without it. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ablate } from '../../ablate/ablate.ts';
import { type EstimateOptions, estimateAblation } from '../../ablate/estimate-ablation.ts';
import { cacheFolder } from '../../files/cache-folder.ts';
import { formatDuration } from '../../observe/progress.ts';
import { loadRecipe } from '../../recipe/load-recipe.ts';
import { selectStages } from '../../recipe/select-stages.ts';
import { chainsTable } from '../ablate/chains-table.ts';
import { matrixTable } from '../ablate/matrix-table.ts';
import { commandLine } from '../command-line.ts';
import { integer, names } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly drop: readonly string[];
  readonly seeds: number;
  readonly out?: string;
  readonly set: readonly string[];
  readonly skip: readonly string[];
  readonly dryRun?: true;
}

const details = `
The chain of stages that leads to the last model is run whole, and again without each stage that
is named; a+b drops two together. Every chain is trained on as many tokens: those of a dropped
stage go to the next one, or where none follows to the one before. Then all that the recipe
measures is compared, the same seed with the same seed.

The folder holds a run folder whose results all chains share, a report of each, ablation.json and
ablation.html. Giving the same command again goes on where the last one stopped.

  finery ablate recipes/assistant.yaml --drop cpt,assistant --seeds 3
  finery ablate mine.yaml --drop cpt,sft,cpt+sft --dry-run`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Runs a recipe without some of its stages, at equal tokens, and prints what each of them brings.')
    .argument('<recipe>', 'a YAML file')
    .option('--drop <stages>', 'what to leave out, one after the other; default each stage that trains', names, [])
    .option('--seeds <n>', 'how many seeds, beginning with that of the recipe', integer('--seeds', 1, 100), 1)
    .option('--out <folder>', 'folder of the ablation; default runs/<name of the recipe>-ablation')
    .option('--set <path=value>', 'change a field of the recipe; may be given again', collect, [])
    .option('--skip <stages>', 'leave stages out of all chains, such as ask,give', collectNames, [])
    .option('--dry-run', 'print the chains and what they would take on this machine, and stop')
    .addHelpText('after', details)
    .action((recipe: string, options: Options) => run(recipe, options, terminal));
}

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];
const collectNames = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, ...names(value)];

async function run(path: string, options: Options, terminal: Terminal): Promise<void> {
  const loaded = await loadRecipe(path, { set: options.set, signal: terminal.signal });
  for (const note of loaded.notes) terminal.talk(note);
  const recipe = selectStages(loaded.recipe, { skip: options.skip });
  const out = resolve(options.out ?? `runs/${recipe.name}-ablation`);
  const progress = terminal.progressLine();
  const say = (print: () => void) => {
    progress.done();
    print();
  };
  const { drop, seeds } = options;
  const shared: EstimateOptions = {
    out,
    drop,
    seeds,
    cacheDir: cacheFolder('tokens'),
    signal: terminal.signal,
    onProgress: (state) => progress.update(state),
    onWarning: (message) => say(() => terminal.warn(message)),
  };
  try {
    if (options.dryRun) {
      const estimate = await estimateAblation({ recipe, folder: loaded.folder }, shared);
      progress.clear();
      return await terminal.print(estimate, () => chainsTable(estimate));
    }
    const ablation = await ablate(
      { recipe, folder: loaded.folder },
      {
        ...shared,
        command: commandOf(path, options),
        onPart: (title) => say(() => terminal.talk(`  ${title}`)),
        onMemory: () => {},
        onChain({ variant, seed, number, total, secondsLeft }) {
          const left = secondsLeft === undefined ? '' : `, about ${formatDuration(secondsLeft)} left`;
          say(() => terminal.talk(`chain ${number} of ${total}: ${variant}, seed ${seed}${left}`));
        },
      },
    );
    progress.clear();
    await terminal.print({ ...ablation, folder: out }, () =>
      matrixTable(ablation.matrix, { style: terminal.style, width: Math.min(terminal.columns, 120) }),
    );
    terminal.talk(`report: ${resolve(out, 'ablation.html')}`);
  } finally {
    progress.done();
  }
}

/** As it would be typed to get the same ablation. */
function commandOf(path: string, { drop, seeds, set, skip }: Options): string {
  const given = [
    ...(drop.length === 0 ? [] : ['--drop', drop.join(',')]),
    ...['--seeds', String(seeds)],
    ...set.flatMap((change) => ['--set', change]),
    ...(skip.length === 0 ? [] : ['--skip', skip.join(',')]),
  ];
  return commandLine(['finery', 'ablate', path, ...given]);
}
