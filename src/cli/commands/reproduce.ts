/** `finery reproduce`: a paper's experiment again, with what it claims, what was measured, and a control. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../errors.ts';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { cacheFolder } from '../../files/cache-folder.ts';
import { renderSection, withSection } from '../../reproduce/render-page.ts';
import type { AnyReproduction, Claim, Reproduction } from '../../reproduce/reproduction.ts';
import { reproductions } from '../../reproduce/reproductions.ts';
import { runReproduction } from '../../reproduce/run-reproduction.ts';
import { nearest } from '../../yaml/near-miss.ts';
import { formatTable } from '../layout.ts';
import { integer } from '../option-values.ts';
import type { Style } from '../style.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly seeds: number;
  readonly out?: string;
  readonly work?: string;
  readonly threads?: number;
}

const details = `
Without a name the experiments are listed. Models and figures are kept, so an interrupted
experiment goes on, and one that was finished prints its table at once. The exit code is 0
whether the claims hold or not.

  finery reproduce cpt-merge --seeds 5 --out reproductions.md`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Does the experiment of a paper again at the size of this machine, and says which of its claims hold.')
    .argument('[name]', 'which experiment')
    .option('--seeds <n>', 'do it with the seeds 1 to n', integer('--seeds', 1, 100), 3)
    .option('--out <file>', 'also write the table into a Markdown page, beside those of other experiments')
    .option('--work <folder>', 'where models and figures are kept; default the cache')
    .option('--threads <n>', 'threads to compute with; default all cores', integer('--threads', 1, 64))
    .addHelpText('after', details)
    .action((name: string | undefined, options: Options) => reproduce(name, options, terminal));
}

async function reproduce(name: string | undefined, options: Options, terminal: Terminal): Promise<void> {
  if (name === undefined) {
    const list = reproductions.map(({ name: each, title, source }) => ({ name: each, title, source }));
    return terminal.print(list, () => formatTable(list.map((each) => [each.name, each.title])));
  }
  const reproduction = find(name);
  const { seeds, out, work = cacheFolder('reproductions'), threads } = options;
  const progress = terminal.progressLine();
  const result = await runReproduction(reproduction as Reproduction, {
    seeds,
    folder: work,
    threads,
    signal: terminal.signal,
    onProgress: ({ part, done, total }) => progress.update({ stage: part, step: done, total }),
  }).finally(() => progress.done());
  if (out !== undefined) {
    const page = await readFile(out, 'utf8').catch(() => '');
    await writeFileAtomically(resolve(out), withSection(page, renderSection(reproduction, result), name));
  }
  await terminal.print(result, () => result.claims.map((claim) => describe(claim, terminal.style)).join('\n\n'));
  if (out !== undefined) terminal.talk(`page: ${resolve(out)}`);
}

function find(name: string): AnyReproduction {
  const found = reproductions.find((each) => each.name === name);
  if (found) return found;
  const names = reproductions.map((each) => each.name);
  const meant = nearest(name, names);
  throw new UsageError({
    field: 'name',
    found: JSON.stringify(name),
    expected: `one of ${names.join(', ')}`,
    fix: meant === undefined ? 'Choose one of them.' : `Did you mean "${meant}"?`,
  });
}

function describe({ id, statement, expected, measured, control, holds }: Claim, style: Style): string {
  const verdict = holds ? style.green('holds') : style.red('does not hold');
  return [
    `${style.bold(id)} ${statement} ${verdict}`,
    `  ${style.dim('expected')} ${expected}`,
    `  ${style.dim('measured')} ${measured}`,
    `  ${style.dim('control ')} ${control}`,
  ].join('\n');
}
