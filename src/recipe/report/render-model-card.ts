/** The model card: what the Hugging Face hub shows beside the weights, with its metadata and the recipe that made it. */
import { stringify } from 'yaml';
import { formatAmount, formatCount } from '../../observe/numbers.ts';
import { visible } from '../../report/visible.ts';
import { formatRecipe } from '../format-recipe.ts';
import type { RunSummary } from '../summary.ts';
import { compareMeasurements, describeRun, verdict } from './compare.ts';
import { formatBits, formatChange, formatChangeRange } from './figures.ts';

/** Markdown with YAML metadata in front. Names in the summary may hold anything. */
export function renderModelCard(summary: RunSummary): string {
  const { recipe, data, commands, versions, machine } = summary;
  const rows = compareMeasurements(summary);
  return `---
${stringify(metadata(summary), { lineWidth: 0 })}---

# ${escaped(recipe.name)}

${escaped(capitalized(describeRun(summary)))}.

${escaped(verdict(summary))}

## Evaluation

Bits per byte of held-out text: fewer are better. Changes are relative to the base, with intervals over documents.

${table(
  ['Held-out text', 'Documents', 'Base', 'This model', 'Change', 'Interval'],
  rows.map(({ name, isSource, documents, before, after, change, range }) => [
    isSource ? escaped(name) : `**${escaped(name)}**`,
    formatCount(documents),
    formatBits(before.value),
    after === undefined ? '' : formatBits(after.value),
    change === undefined ? '' : formatChange(change),
    range === undefined ? '' : formatChangeRange(range),
  ]),
)}

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

A language model for research and for further training. What was measured is how well it predicts text like that of its
held-out sets; nothing here says that what it writes is true. It gives no advice on investments, and it must not decide
about people.

## Reproduction

Finery ${escaped(versions.finery)}, Node.js ${escaped(versions.node)}, ONNX Runtime ${escaped(versions.onnxruntime)} on ${machine.cores} threads (${escaped(machine.architecture)}).

${fenced('sh', commands.join('\n'))}

The recipe, every default filled in:

${fenced('yaml', formatRecipe(recipe))}
`;
}

/** The hub's fields; results as a model-index. */
function metadata(summary: RunSummary): object {
  const { recipe } = summary;
  const results = (summary.measurements.at(-1)?.sets ?? []).map(({ name, value }) => ({
    task: { type: 'text-generation' },
    dataset: { name: visible(name), type: visible(name) },
    metrics: [{ type: 'bits_per_byte', name: 'Bits per byte', value: Number(value.toFixed(4)) }],
  }));
  return {
    library_name: 'transformers',
    pipeline_tag: 'text-generation',
    tags: ['finery', 'finance'],
    'model-index': [{ name: recipe.name, results }],
  };
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
