/** What the data were, and what each stage took of them. */
import { formatAmount, formatCount, formatShare } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { RunSummary, StageSummary } from '../summary.ts';

type DataSource = RunSummary['recipe']['data'][string];

const WIDTH = 600;
const TONES = 6;

export function dataSection({ data: sets, stages, recipe }: RunSummary): Markup {
  const names = Object.keys(sets);
  const fills = stages.filter(({ fill }) => fill !== undefined);
  const broken = names.some((name) => sets[name].skipped > 0);
  return markup`<section class="long" id="data">
<h2>Data</h2>
<p class="note">What was read. Held-out documents are in no training batch.${fills.map(
    ({ name, fill = 0 }) =>
      markup` In <bdi>${name}</bdi>, ${formatShare(fill)} of the places in a batch held text, the rest was padding.`,
  )}</p>
<table class="listed">
<thead><tr><th>Set</th><th>From</th><th class="number">Documents</th><th class="number">Held out</th><th class="number">Tokens</th><th class="number">Bytes per token</th>${
    broken && markup`<th class="number">Unreadable</th>`
  }${stages.map(({ name }) => markup`<th class="number">Passes in ${name}</th>`)}</tr></thead>
<tbody>
${names.map((name) => {
  const { documents, heldOutDocuments, tokens, bytes, skipped } = sets[name];
  return markup`<tr><th scope="row"><bdi>${name}</bdi></th><td data-label="From"><bdi>${originOf(recipe.data[name])}</bdi></td><td class="number" data-label="Documents">${formatCount(documents)}</td><td class="number" data-label="Held out">${formatCount(heldOutDocuments)}</td><td class="number" data-label="Tokens">${formatAmount(tokens)}</td><td class="number" data-label="Bytes per token">${tokens > 0 ? (bytes / tokens).toFixed(2) : '\u2013'}</td>${
    broken && markup`<td class="number" data-label="Unreadable">${formatCount(skipped)}</td>`
  }${stages.map(({ name: stage, epochs }) => markup`<td class="number" data-label="Passes in ${stage}">${Object.hasOwn(epochs, name) ? epochs[name].toFixed(2) : '\u2013'}</td>`)}</tr>
`;
})}</tbody>
</table>
${stages.map((stage) => composition(stage, sets))}</section>
`;
}

/** Shares of the tokens that a stage read: passes over a set times its length. */
function composition({ name, epochs }: StageSummary, sets: RunSummary['data']): Markup {
  const read = Object.keys(sets).map((set, index) => {
    const passes = Object.hasOwn(epochs, set) ? epochs[set] : 0;
    return { set, tone: index % TONES, tokens: passes * sets[set].tokens };
  });
  const parts = read.filter(({ tokens }) => tokens > 0);
  const total = parts.reduce((sum, { tokens }) => sum + tokens, 0);
  if (total === 0) return markup``;
  let from = 0;
  const segments = parts.map(({ tone, tokens }) => {
    const width = (tokens / total) * WIDTH;
    const segment = markup`<rect class="tone${tone}" x="${from.toFixed(1)}" y="0" width="${Math.max(0, width - 1).toFixed(1)}" height="14"/>`;
    from += width;
    return segment;
  });
  return markup`<figure class="shares"><figcaption>Tokens read in <bdi>${name}</bdi></figcaption>
<svg viewBox="0 0 ${WIDTH} 14" preserveAspectRatio="none" aria-hidden="true">${segments}</svg>
<ul class="key">${parts.map(({ set, tone, tokens }) => markup`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="tone${tone}" width="10" height="10"/></svg><bdi>${set}</bdi> ${formatShare(tokens / total)}</li>`)}</ul>
</figure>
`;
}

function filesOf(set: Extract<DataSource, { files: unknown } | { conversations: unknown } | { pairs: unknown }>) {
  if ('conversations' in set) return set.conversations.files;
  return 'pairs' in set ? set.pairs.files : set.files;
}

function originOf(set: DataSource | undefined): string {
  if (set === undefined) return '';
  if ('finworld' in set) return `finworld ${set.finworld.world}, seed ${set.finworld.seed}`;
  if ('finworld_questions' in set) return `finworld questions, seed ${set.finworld_questions.seed}`;
  if ('document_questions' in set)
    return `questions about ${set.document_questions.documents}, seed ${set.document_questions.seed}`;
  if ('tasks' in set) return `training splits of ${set.tasks.on.join(', ')}`;
  const [first, ...rest] = filesOf(set);
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}
