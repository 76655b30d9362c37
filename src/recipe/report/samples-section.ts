/** What the model says before and after each stage, token by token: no scripts, so that tokens are radio buttons. */
import { type ExcerptSize, excerptOf } from '../../eval/report/excerpt.ts';
import { excerptMarkup } from '../../eval/report/model-text.ts';
import { formatCount } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { RunSummary } from '../summary.ts';
import { type AskedSample, askedSamples, type ModelAnswer, questionOf } from './asked-samples.ts';
import { formatProbability } from './figures.ts';
import { type TokenPiece, tokenPieces } from './token-pieces.ts';

const MOST_SAMPLES = 12;
/** Characters; questions stand at the end of what is asked. */
const PROMPT: ExcerptSize = { start: 300, end: 700 };
const EXPECTED: ExcerptSize = { start: 500, end: 100 };
const MOST_CHARACTERS = 1500;
const MOST_PIECES = 300;

export function samplesSection({ measurements }: RunSummary): Markup {
  const asked = askedSamples(measurements);
  if (asked.length === 0) return markup``;
  const left = asked.length - MOST_SAMPLES;
  return markup`<section class="long" id="samples">
<h2>What it says</h2>
<p class="note">The same held-out beginnings and questions put to the base and to the model of every stage, answered with the most probable token each time; a calculator that is called writes its result itself, without a probability. Point at a token, or tap it, for its probability; with the keyboard, Tab comes to an answer and the arrow keys go from token to token. <span class="token likely1">Dotted: below 90%</span>, <span class="token likely2">dashed: below 50%</span>, <span class="token likely3">solid: below 10%</span>.</p>
${asked.slice(0, MOST_SAMPLES).map(sampleOf)}${left > 0 && markup`<p class="note">${formatCount(left)} more in samples.jsonl of the stages.</p>\n`}</section>
`;
}

function sampleOf({ source, prompt, expected, answers }: AskedSample, index: number): Markup {
  return markup`<article class="sample">
<h3>From <bdi>${source}</bdi></h3>
<blockquote class="text" dir="auto">${excerptMarkup(excerptOf(questionOf(prompt), PROMPT))}</blockquote>
<div class="answers">
${answers.map((answer, i) => answerOf(answer, `sample${index}-${i}`))}${
  expected !== null &&
  markup`<div class="answer expected"><h4>As it was written</h4><p class="text" dir="auto">${excerptMarkup(excerptOf(expected, EXPECTED))}</p></div>\n`
}</div>
</article>
`;
}

function answerOf({ model, sample }: ModelAnswer, group: string): Markup {
  const name = model === 'base' ? markup`Base` : markup`After <bdi>${model}</bdi>`;
  const { text, finish_reason } = sample;
  const { pieces, omitted } = shortened(tokenPieces(sample));
  const notes = [
    finish_reason === 'length' && 'cut off at the longest answer',
    omitted > 0 && `${formatCount(omitted)} of ${formatCount(text.length)} characters left out`,
  ].filter((note) => note !== false);
  const plain = pieces.map((piece) => piece.text).join('');
  return markup`<div class="answer"><h4>${name}</h4>
${
  text === ''
    ? markup`<p class="nothing">says nothing</p>`
    : markup`<p class="heard">${excerptMarkup({ start: plain, omitted: 0, end: '' })}</p>
<p class="text tokens" dir="auto" role="radiogroup" aria-label="Probability of each token">${pieces.map((piece) => tokenOf(piece, group))}</p>`
}${notes.length > 0 && markup`<p class="note">${notes.join('; ')}</p>`}</div>
`;
}

function tokenOf({ text, logprob }: TokenPiece, group: string): Markup {
  const shown = excerptMarkup({ start: text, omitted: 0, end: '' });
  if (logprob === null || !Number.isFinite(logprob)) return markup`<span class="token">${shown}</span>`;
  const probability = Math.exp(Math.min(0, logprob));
  return markup`<label class="token likely${likelihood(probability)}"><input type="radio" name="${group}"/>${shown}<span class="probability">${formatProbability(probability)}</span></label>`;
}

/** 0 for what is hardly worth a mark, 3 for what the model did not expect itself. */
function likelihood(probability: number): 0 | 1 | 2 | 3 {
  if (probability >= 0.9) return 0;
  if (probability >= 0.5) return 1;
  return probability >= 0.1 ? 2 : 3;
}

/** The first of them, the last one cut where it is too long. */
function shortened(all: readonly TokenPiece[]): { readonly pieces: readonly TokenPiece[]; readonly omitted: number } {
  const pieces: TokenPiece[] = [];
  let room = MOST_CHARACTERS;
  let omitted = 0;
  for (const piece of all) {
    if (room === 0 || pieces.length === MOST_PIECES) {
      omitted += piece.text.length;
      continue;
    }
    const kept = excerptOf(piece.text, { start: room, end: 0 });
    pieces.push({ ...piece, text: kept.start });
    omitted += kept.omitted;
    room = Math.max(0, room - kept.start.length);
  }
  return { pieces, omitted };
}
