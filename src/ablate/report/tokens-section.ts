/** That the chains are of equal tokens, and how the stages that were left took over those of what was dropped. */
import { formatAmount, formatCount, formatShare } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { type AblatedVariant, type Ablation, tokensOf } from '../ablation.ts';
import type { StageCost } from '../equal-tokens.ts';
import { titleOf } from './verdict.ts';

export function tokensSection({ variants }: Ablation): Markup {
  const [whole] = variants;
  const stages = whole.costs[0].map(({ name }) => name);
  return markup`<section id="tokens">
<h2>Tokens</h2>
<p class="note">What a dropped stage was trained on goes to the next one that is left, or where none follows to the one before it, as more steps. Padding is not counted. Means over seeds.</p>
<table class="tokens listed">
<thead><tr><th></th>${stages.map((name) => markup`<th class="number"><bdi>${name}</bdi></th>`)}<th class="number">In all</th><th class="number">Of the whole</th></tr></thead>
<tbody>
${variants.map(
  (variant) =>
    markup`<tr><th scope="row"><bdi>${variant === whole ? 'Whole chain' : titleOf(variant.name)}</bdi></th>${stages.map((name) => stageCell(variant, name))}<td class="number" data-label="in all">${formatAmount(tokensOf(variant))}</td><td class="number" data-label="of the whole">${formatShare(tokensOf(variant) / tokensOf(whole))}</td></tr>
`,
)}</tbody>
</table>
</section>
`;
}

function stageCell({ costs }: AblatedVariant, name: string): Markup {
  const own = costs.flatMap((stages) => stages.filter((stage) => stage.name === name));
  if (own.length === 0) return markup`<td class="number quiet" data-label="${name}">dropped</td>`;
  const mean = (of: (cost: StageCost) => number) => own.reduce((sum, cost) => sum + of(cost), 0) / own.length;
  const steps = formatCount(Math.round(mean((cost) => cost.steps)));
  return markup`<td class="number" data-label="${name}"><span>${formatAmount(mean((cost) => cost.tokens))} <span class="error">${steps} steps</span></span></td>`;
}
