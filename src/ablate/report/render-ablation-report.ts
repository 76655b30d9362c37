/** The report of an ablation: one HTML file that needs nothing else, neither network nor scripts. */
import { formatPlural } from '../../observe/numbers.ts';
import { formatRecipe } from '../../recipe/format-recipe.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { renderPage } from '../../report/page.ts';
import type { Ablation } from '../ablation.ts';
import { matrixSection } from './matrix-section.ts';
import { seedsSection } from './seeds-section.ts';
import { ablationStyles } from './style.ts';
import { tokensSection } from './tokens-section.ts';
import { verdicts } from './verdict.ts';

/** A whole HTML document. Names may hold anything. */
export function renderAblationReport(ablation: Ablation): string {
  const { recipe, matrix, variants } = ablation;
  return renderPage({
    title: `${recipe.name} - Finery ablation`,
    styles: ablationStyles,
    body: markup`<header>
<p class="kicker">Finery ablation &middot; ${formatPlural(variants.length, 'chain')}, ${formatPlural(matrix.seeds.length, 'seed')}</p>
<h1>${recipe.name}</h1>
<p class="done">What each stage brings: the chain without it, at equal tokens, beside the whole chain.</p>
${verdicts(matrix).map((sentence) => markup`<p class="verdict">${sentence}</p>\n`)}</header>
<main>
${matrixSection(matrix)}${seedsSection(matrix)}${tokensSection(ablation)}${again(ablation)}</main>
<footer>Every number on this page was computed from the results in its folder.</footer>
`,
  });
}

function again({ recipe, command }: Ablation): Markup {
  return markup`<section class="long">
<h2>Do it again</h2>
<p class="note">Each chain has its recipe and its report in chains/. The same seeds give the same bits with the same versions on one machine.</p>
<pre>${command}</pre>
<details><summary>The recipe of the whole chain, every default filled in</summary><pre>${formatRecipe(recipe)}</pre></details>
</section>
`;
}
