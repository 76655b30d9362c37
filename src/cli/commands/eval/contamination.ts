/** `finery eval contamination`: whether a model may have seen the items of a task. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readDocuments } from '../../../data/readers/read-documents.ts';
import {
  knownShare,
  overlapOfTasks,
  probeTask,
  type TaskItems,
  type TaskOverlap,
  type TaskProbe,
} from '../../../eval/contamination/check-tasks.ts';
import { distinctTasks, findTasks } from '../../../eval/run/find-tasks.ts';
import { itemsOf } from '../../../eval/tasks/items.ts';
import { formatCount, formatShare } from '../../../observe/numbers.ts';
import { addModelOptions, type ModelFlags } from '../../chat/model-options.ts';
import { openModelToMeasure } from '../../eval/open-model-to-measure.ts';
import { formatTable } from '../../layout.ts';
import { modelArgument } from '../../model-folder.ts';
import { integer, names, wrongValue } from '../../option-values.ts';
import type { Terminal } from '../../terminal.ts';

interface Options extends ModelFlags {
  readonly tasks: readonly string[];
  readonly training?: readonly string[];
  readonly model?: string;
  readonly data?: string;
  readonly limit?: number;
  readonly words: number;
  readonly seed: number;
}

const details = `
--training looks for runs of n words of each item, question and answer, in training documents.
Known are items of which more than ${formatShare(knownShare)} of the words lie in such runs.

--model lets a model go on with the first half of each item. Where what it writes is more like
the second half than like the second half of another item, it knows items by heart; the interval
of that difference is told for ROUGE-L and for characters.

Neither finds a paraphrase: little overlap is no proof of a clean model.`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Looks for items of tasks in training data, and for what a model knows by heart.')
    .requiredOption(
      '--tasks <names>',
      'names of tasks or groups, or .yaml files, with commas between (required)',
      names,
    )
    .option('--training <files...>', 'training documents: files, folders or glob patterns')
    .option('--model <model>', `${modelArgument}, or openai:NAME@URL`)
    .option('--data <folder>', 'where the data of tasks lies; default FINERY_DATA of the environment')
    .option('--limit <n>', 'only the first n items of each task', integer('--limit', 1))
    .option('--words <n>', 'words of a run; 13 and 8 are usual', integer('--words', 2, 1000), 13)
    .option('--seed <n>', 'pairs each item with another', integer('--seed', 0, 2 ** 32 - 1), 0);
  addModelOptions(command)
    .addHelpText('after', details)
    .action((options: Options) => contamination(options, terminal));
}

async function contamination(options: Options, terminal: Terminal): Promise<void> {
  if (options.training === undefined && options.model === undefined) {
    throw wrongValue('--training, --model', 'neither', 'one of them, or both');
  }
  if (options.data !== undefined) process.env.FINERY_DATA = resolve(options.data);
  const { signal } = terminal;
  const loaded = await findTasks(options.tasks);
  const tasks: TaskItems[] = [];
  for (const task of distinctTasks(loaded)) {
    tasks.push({ task: task.name, items: await itemsOf(task, { limit: options.limit, fewShot: 0, signal }) });
  }
  const overlap = options.training && (await overlapWith(options.training, tasks, options, terminal));
  const probes = options.model === undefined ? undefined : await probe(options.model, tasks, options, terminal);
  await terminal.print({ overlap, probes }, () =>
    [overlap && overlapTable(overlap), probes && probeTable(probes)]
      .filter((table) => table !== undefined)
      .join('\n\n'),
  );
}

async function overlapWith(
  files: readonly string[],
  tasks: readonly TaskItems[],
  { words }: Options,
  terminal: Terminal,
): Promise<TaskOverlap[]> {
  const progress = terminal.progressLine();
  let documents = 0;
  const reading = readDocuments(files, { signal: terminal.signal });
  const onDocument = () => progress.update({ stage: 'training documents', step: ++documents, total: 0 });
  const overlap = await overlapOfTasks(tasks, reading, { n: words, onDocument });
  progress.done();
  return overlap;
}

async function probe(
  name: string,
  tasks: readonly TaskItems[],
  options: Options,
  terminal: Terminal,
): Promise<TaskProbe[]> {
  const model = await openModelToMeasure(name, options, terminal);
  const progress = terminal.progressLine();
  try {
    const probes: TaskProbe[] = [];
    for (const each of tasks) {
      let step = 0;
      const onOutcome = () => progress.update({ stage: each.task, step: ++step, total: each.items.length });
      probes.push(await probeTask(model, each, { seed: options.seed, signal: terminal.signal, onOutcome }));
    }
    progress.done();
    return probes;
  } finally {
    progress.clear();
    await model.close();
  }
}

function overlapTable(overlap: readonly TaskOverlap[]): string {
  const share = (part: number, { measured }: TaskOverlap) =>
    measured === 0 ? '' : `${formatCount(part)} (${formatShare(part / measured)})`;
  const rows = overlap.map((task) => [
    task.task,
    formatCount(task.items),
    formatCount(task.measured),
    share(task.touched, task),
    share(task.known, task),
    task.worst.length === 0 ? '' : `${task.worst[0].longest} words, ${task.worst[0].document ?? ''}`,
  ]);
  const header = ['task', 'items', 'long enough', 'with a run', 'known', 'longest run of the worst'];
  return formatTable([header, ...rows], { right: [1, 2, 3, 4] });
}

function probeTable(probes: readonly TaskProbe[]): string {
  const figure = (value: number | null) => (value === null || !Number.isFinite(value) ? '' : value.toFixed(3));
  const rows = probes.flatMap(({ task, asked, rougeL, edit }) =>
    (
      [
        ['ROUGE-L', rougeL],
        ['characters', edit],
      ] as const
    ).map(([name, { own, shuffled, difference }], i) => [
      i === 0 ? task : '',
      i === 0 ? formatCount(asked) : '',
      name,
      figure(own.value),
      figure(shuffled.value),
      `${figure(difference.low)} to ${figure(difference.high)}`,
      figure(difference.p),
    ]),
  );
  const header = ['task', 'asked', 'likeness', 'own half', "another's", 'difference, 95%', 'p'];
  return formatTable([header, ...rows], { right: [1, 3, 4, 5, 6] });
}
