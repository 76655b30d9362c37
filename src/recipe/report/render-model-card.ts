/** The model card: what the Hugging Face hub shows beside the weights, with its metadata and the recipe that made it. */
import { stringify } from 'yaml';
import { formatAmount, formatCount, formatPlural } from '../../observe/numbers.ts';
import { visible } from '../../report/visible.ts';
import { formatRecipe } from '../format-recipe.ts';
import { isContrastiveStage, isTrainingStage, type Stage } from '../stage.ts';
import type { RunSummary } from '../summary.ts';
import { cardMetadata, makesVectors } from './card-metadata.ts';
import { type ComparedRow, compareBits, compareTasks } from './compare.ts';
import { bitsFigures, type Figures, formatLevel, formatRange, taskFigures } from './figures.ts';
import { trainedPart } from './trained-part.ts';
import { unmeasured } from './unmeasured.ts';
import { describeRun, verdict } from './verdict.ts';

/** Markdown with YAML metadata in front. Names in the summary may hold anything. */
export function renderModelCard(summary: RunSummary): string {
  const { recipe, data, commands, versions, machine } = summary;
  return `---
${stringify(cardMetadata(summary), { lineWidth: 0 })}---

# ${escaped(recipe.name)}

${escaped(capitalized(describeRun(summary)))}.

${escaped(verdict(summary))}

## Evaluation

${evaluation(summary)}

## Training

${training(summary)}

## Training data

${table(
  ['Set', 'Documents', 'Held out', 'Tokens'],
  Object.entries(data).map(([name, set]) => [
    escaped(name),
    formatCount(set.documents),
    formatCount(set.heldOutDocuments),
    formatAmount(set.tokens),
  ]),
)}

## Intended use and limits

${purpose(summary)} ${licence(summary)} ${limits(summary)} What was not measured:

${unmeasured(summary)
  .map((sentence) => `- ${escaped(sentence)}`)
  .join('\n')}

## Reproduction

Finery ${escaped(versions.finery)}, Node.js ${escaped(versions.node)}, ONNX Runtime ${escaped(versions.onnxruntime)} on ${formatPlural(recipe.engine.threads ?? machine.cores, 'thread')} (${escaped(machine.architecture)}).

${fenced('sh', commands.join('\n'))}

The recipe, every default filled in:

${fenced('yaml', formatRecipe(recipe))}
`;
}

function evaluation(summary: RunSummary): string {
  const tasks = compareTasks(summary);
  const bits = compareBits(summary);
  const level = formatLevel(summary.recipe.evaluation.bits_per_byte.confidence);
  const parts = [
    tasks.length > 0 && comparison(tasks, { title: 'Task', items: 'Questions', figures: taskFigures }),
    bits.length > 0 && 'Bits per byte of held-out text: fewer are better.',
    bits.length > 0 && comparison(bits, { title: 'Held-out text', items: 'Documents', figures: bitsFigures }),
    `Changes are since the base, with ${level} intervals over the same questions and documents.`,
  ];
  return parts.filter((part) => part !== false).join('\n\n');
}

const trains = (stage: Stage) => isTrainingStage(stage) || isContrastiveStage(stage);

/** What each stage changed, and for how long. */
function training(summary: RunSummary): string {
  const rows = summary.recipe.stages.filter(trains).map((stage) => {
    const { what, parameters = 'not trained' } = trainedPart(stage, summary);
    const tokens = summary.stages.find(({ name }) => name === stage.name)?.tokens;
    return [escaped(stage.name), escaped(what), escaped(parameters), tokens === undefined ? '' : formatAmount(tokens)];
  });
  return table(['Stage', 'Trained', 'Parameters', 'Tokens'], rows);
}

interface ComparisonOptions {
  readonly title: string;
  readonly items: string;
  readonly figures: Figures;
}

function comparison(rows: readonly ComparedRow[], { title, items, figures }: ComparisonOptions): string {
  return table(
    [title, items, 'Base', 'This model', 'Change', 'Interval'],
    rows.map(({ name, metric, isSource, items, before, after, change, range }) => [
      `${isSource ? escaped(name) : `**${escaped(name)}**`}${metric === undefined ? '' : `, ${escaped(metric)}`}`,
      formatCount(items),
      figures.value(before.value),
      after === undefined ? '' : figures.value(after.value),
      change === undefined ? '' : figures.change(change),
      range === undefined ? '' : formatRange(range, figures),
    ]),
  );
}

const purpose = (summary: RunSummary): string =>
  `${makesVectors(summary) ? 'An embedding model for search by meaning,' : 'A language model'} for research and for further training.`;

const limits = (summary: RunSummary): string =>
  makesVectors(summary)
    ? 'It must not decide about people: texts that lie near each other need not agree, nor be true.'
    : `It gives no advice on investments, and it must
not decide about people: nothing here says that what it writes is true.`;

function licence({ base: { card, description } }: RunSummary): string {
  const of = escaped(description);
  if (card?.license !== undefined) return `Its licence is that of its base ${of}; the data may ask for more.`;
  return `Its licence is not known: that of ${of} was not stated, and that of the data is not known to Finery.`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Text that Markdown and the HTML in it leave alone. */
function escaped(text: string): string {
  return visible(text).replace(/[\\`*_{}[\]<>#|!~&@]|:(?=\/\/)/g, (character) => `\\${character}`);
}

/** A fence longer than any in the text. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const lines = text.trimEnd().split('\n').map(visible);
  return `${fence}${language}\n${lines.join('\n')}\n${fence}`;
}
