/** `finery eval validate`: whether a task and its data are as they should be, and what a model will be asked. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { ExitCode } from '../../../errors.ts';
import { loadTaskOrGroup, tasksOf } from '../../../eval/tasks/load-task.ts';
import {
  type Finding,
  type ShownItem,
  type SplitReport,
  type TaskReport,
  validateTask,
} from '../../../eval/tasks/validate-task.ts';
import { formatCount, formatPlural, formatShare } from '../../../observe/numbers.ts';
import { formatFields } from '../../layout.ts';
import { integer } from '../../option-values.ts';
import { Reported } from '../../report-error.ts';
import { printable, type Style } from '../../style.ts';
import type { Terminal } from '../../terminal.ts';

interface Options {
  readonly data?: string;
  readonly show: number;
  readonly numFewshot?: number;
  readonly chat?: true;
  readonly fewshotAsMultiturn?: true;
}

const details = `
With --json:
  {"tasks":[{"task","version","hash","splits":[{"split","use","rows","sha256"}],"items","reserved",
   "labels","majority","chance","findings":[{"severity","text","items"}],"shown":[{"id","prompt",...}]}]}

Ends with 3 where a finding is an error: scores of such a task mean nothing.`;

export function configure(command: Command, terminal: Terminal): void {
  command
    .description('Checks a task and its data without a model, and shows what a model will be asked.')
    .argument('<file>', 'a .yaml file with a task or a group')
    .option('--data <folder>', 'where the data of tasks lies; default FINERY_DATA of the environment')
    .option('--show <n>', 'how many prompts to show', integer('--show', 0, 1000), 3)
    .option(
      '--num-fewshot <n>',
      "examples before each question; default the task's own",
      integer('--num-fewshot', 0, 100),
    )
    .option('--chat', 'show conversations')
    .option('--fewshot-as-multiturn', 'with --chat: each example is a turn of its own')
    .addHelpText('after', details)
    .action((file: string, options: Options) => validate(file, options, terminal));
}

async function validate(file: string, options: Options, terminal: Terminal): Promise<void> {
  if (options.data !== undefined) process.env.FINERY_DATA = resolve(options.data);
  const reports: TaskReport[] = [];
  for (const task of tasksOf(await loadTaskOrGroup(file))) {
    terminal.talk(`reading ${task.name}`);
    reports.push(
      await validateTask(task, {
        show: options.show,
        fewShot: options.numFewshot,
        chat: options.chat,
        fewShotAsTurns: options.fewshotAsMultiturn,
        signal: terminal.signal,
      }),
    );
  }
  await terminal.print({ tasks: reports }, () =>
    reports.map((report) => describe(report, terminal.style)).join('\n\n\n'),
  );
  if (reports.some(({ findings }) => findings.some(({ severity }) => severity === 'error'))) {
    throw new Reported(ExitCode.input);
  }
}

function describe(report: TaskReport, style: Style): string {
  const { task, version, items, reserved, labels, majority, chance, splits, findings, shown } = report;
  const counts = Object.entries(labels).map(
    ([label, count]) => `${printable(label)} ${formatCount(count)} ${style.dim(formatShare(count / items))}`,
  );
  const baselines =
    majority === null || chance === null
      ? undefined
      : `${counts.length === 0 ? '' : `majority ${formatShare(majority)}, `}chance ${formatShare(chance)}`;
  const summary = formatFields(
    [
      ['task', `${style.bold(printable(task))} ${style.dim(`version ${printable(version)}`)}`],
      [
        'items',
        reserved === 0 ? formatCount(items) : `${formatCount(items)}, and ${formatCount(reserved)} kept for examples`,
      ],
      ['splits', splits.map((split) => describeSplit(split, style)).join('\n')],
      ['answers', counts.length === 0 ? undefined : counts.join('\n')],
      ['baselines', baselines],
      [
        'findings',
        findings.length === 0 ? style.green('none') : findings.map((one) => describeFinding(one, style)).join('\n'),
      ],
    ],
    style,
  );
  return [summary, ...shown.map((item) => describeItem(item, style))].join('\n\n');
}

function describeSplit({ split, use, rows, sha256 }: SplitReport, style: Style): string {
  const used = use.length === 0 ? 'not used' : use.join(' and ');
  return `${printable(split)}: ${formatPlural(rows, 'document')}, ${used} ${style.dim(sha256)}`;
}

function describeFinding({ severity, text, items }: Finding, style: Style): string {
  const mark = severity === 'error' ? style.red('error') : style.yellow('warning');
  const named = items.length === 0 ? '' : ` ${style.dim(`such as ${items.map(printable).join(', ')}`)}`;
  return `${mark} ${printable(text)}${named}`;
}

/** The prompt as it is, line by line, with the right answer behind it. */
function describeItem({ id, prompt, options, target }: ShownItem, style: Style): string {
  const text =
    typeof prompt === 'string'
      ? indented(prompt)
      : prompt.map(({ role, content }) => `${style.cyan(printable(role))}\n${indented(String(content))}`).join('\n');
  const choices = options === undefined ? '' : ` ${style.dim(`(of ${options.map(printable).join(' | ')})`)}`;
  const answer =
    target.length === 0 ? '' : `\n  ${style.dim('→')} ${style.green(target.map(printable).join(' or '))}${choices}`;
  return `${style.bold(printable(id))}\n${text}${answer}`;
}

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line) => `  ${printable(line)}`)
    .join('\n');
