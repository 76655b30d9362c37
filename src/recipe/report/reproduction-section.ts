/** How to get the run again: commands, versions, hashes, and the whole recipe. */
import { formatBytes, formatPlural } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { formatRecipe } from '../format-recipe.ts';
import type { RunSummary } from '../summary.ts';

export function reproductionSection(summary: RunSummary): Markup {
  const { commands, versions, machine, memory, hashes, stages, merges, recipe } = summary;
  const facts: [string, string][] = [
    ['Finery', versions.finery],
    ['Node.js', versions.node],
    ['ONNX Runtime', versions.onnxruntime],
    ['Processor', `${machine.processor}, ${formatPlural(machine.cores, 'core')}`],
    ['Threads', String(recipe.engine.threads ?? machine.cores)],
    [
      'Memory',
      `${formatBytes(memory.peak)} of ${formatBytes(machine.memoryBytes)}; ${formatBytes(memory.predicted)} predicted`,
    ],
    ['System', `${machine.platform}, ${machine.architecture}`],
  ];
  const sums: [string, string][] = [
    ...Object.entries(hashes).map(([name, hash]): [string, string] => [name, hash]),
    ...[...stages, ...merges].map(({ name, result }): [string, string] => [name, result]),
  ];
  return markup`<section class="long" id="reproduction">
<h2>Do it again</h2>
<p class="note">The same recipe gives the same bits with these versions, on such a processor, with as many threads.</p>
<pre>${commands.join('\n')}</pre>
<dl class="facts">${facts.map(fact)}</dl>
<h3>Hashes</h3>
<p class="note">SHA-256 of the base's weights and of the resolved recipe; a stage's result is named after the hash of all that it depends on.</p>
<dl class="hashes">${sums.map(fact)}</dl>
<details><summary>The complete recipe, every default filled in</summary><pre>${formatRecipe(recipe)}</pre></details>
</section>
`;
}

const fact = ([name, value]: [string, string]): Markup =>
  markup`<div><dt><bdi>${name}</bdi></dt><dd><bdi>${value}</bdi></dd></div>`;
