/** Wrong answers to look at, with what was asked, what was right and how the answer was read. */
import { formatCount, formatShare } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import { excerptMarkup, named } from './model-text.ts';
import type { ErrorList, OptionShare, WrongItem } from './summary.ts';

export function errorList({ total, order, shown }: ErrorList): Markup {
  if (shown.length === 0) return markup``;
  const chosen =
    order === 'confidence' ? 'those that the model was surest of' : 'spread evenly over the items, so that kinds show';
  const count = shown.length < total ? `${shown.length} of ${formatCount(total)}` : formatCount(total);
  return markup`<details class="errors"><summary>Wrong answers: ${count}${shown.length < total && `, ${chosen}`}</summary>
${shown.map(wrongItem)}</details>
`;
}

function wrongItem({ id, class: itemClass, prompt, gold, answer, extracted, options }: WrongItem): Markup {
  const characters = prompt.start.length + prompt.omitted + prompt.end.length;
  return markup`<article class="error">
<h4>${named(id, 120)}${itemClass !== 'scored' && markup` <span class="badge">${itemClass}</span>`}</h4>
<details><summary>The prompt, ${formatCount(characters)} characters</summary><pre dir="auto">${excerptMarkup(prompt)}</pre></details>
<dl class="reading">
<dt>Right</dt><dd>${gold.map((each, i) => markup`${i > 0 && ' or '}<bdi class="text">${excerptMarkup(each)}</bdi>`)}</dd>
${answer !== null && markup`<dt>Answer</dt><dd><pre dir="auto">${excerptMarkup(answer)}</pre></dd>\n`}${extracted.map(
  ({ filter, text }) =>
    markup`<dt>Read by ${named(filter)}</dt><dd>${text === null ? markup`<span class="nothing">nothing</span>` : markup`<bdi class="text">${excerptMarkup(text)}</bdi>`}</dd>\n`,
)}</dl>
${options.length > 0 && markup`<table class="options"><tbody>${options.map(optionRow)}</tbody></table>\n`}</article>
`;
}

function optionRow({ text, probability, isGold }: OptionShare): Markup {
  return markup`<tr${isGold && markup` class="right"`}><td class="text"><bdi>${excerptMarkup(text)}</bdi></td><td class="share"><span class="bar" style="width: ${(100 * probability).toFixed(1)}%"></span></td><td class="number">${formatShare(probability)}</td><td class="gold">${isGold && 'right'}</td></tr>
`;
}
