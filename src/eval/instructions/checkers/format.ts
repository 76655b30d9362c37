import { z } from 'zod';
import { amount, defineInstruction, noArguments, phrase } from '../instruction.ts';
import { countMatches, isSpace, literally, SPACE, strip } from '../text/python-text.ts';

const ANSWERS = ['My answer is yes.', 'My answer is no.', 'My answer is maybe.'];

export const constrainedResponse = defineInstruction(
  'detectable_format:constrained_response',
  noArguments,
  () => (response) => ANSWERS.some((answer) => response.includes(answer)),
);

/** One JSON value and nothing else, bare or in a fence. */
export const jsonFormat = defineInstruction('detectable_format:json_format', noArguments, () => (response) => {
  let text = strip(response);
  for (const fence of ['```json', '```Json', '```JSON', '```'])
    if (text.startsWith(fence)) text = text.slice(fence.length);
  if (text.endsWith('```')) text = text.slice(0, -3);
  try {
    JSON.parse(strip(text));
    return true;
  } catch {
    return false;
  }
});

/** At least so many sections that begin with a name and a number, such as `SECTION 1`. */
export const multipleSections = defineInstruction(
  'detectable_format:multiple_sections',
  z.strictObject({ section_spliter: phrase, num_sections: amount }),
  ({ section_spliter, num_sections }) => {
    const heading = new RegExp(`${literally(strip(section_spliter))}[${SPACE}]?\\p{Nd}+`, 'gu');
    return (response) => countMatches(response, heading) >= num_sections;
  },
);

/** Exactly so many lines that begin with `*` or `-`. */
export const numberBulletLists = defineInstruction(
  'detectable_format:number_bullet_lists',
  z.strictObject({ num_bullets: amount }),
  ({ num_bullets }) =>
    (response) =>
      countBullets(response, '*') + countBullets(response, '-') === num_bullets,
);

/** A second asterisk makes emphasis of the first. What follows an asterisk may be the end of its line. */
function countBullets(text: string, mark: '*' | '-'): number {
  let count = 0;
  let at = 0;
  while (at < text.length) {
    while (at < text.length && isSpace(text[at]!)) at += 1;
    const isBullet = text[at] === mark && (mark === '-' || (at + 1 < text.length && text[at + 1] !== '*'));
    if (isBullet) count += 1;
    const end = text.indexOf('\n', isBullet && mark === '*' ? at + 2 : at);
    at = end < 0 ? text.length : end + 1;
  }
  return count;
}

/** At least so many `*parts*` or `**parts**` with something in them, each within a line. */
export const numberHighlightedSections = defineInstruction(
  'detectable_format:number_highlighted_sections',
  z.strictObject({ num_highlights: amount }),
  ({ num_highlights }) =>
    (response) => {
      let found = 0;
      for (const [part] of response.matchAll(/\*[^\n*]*\*/g)) if (strip(part.slice(1, -1)) !== '') found += 1;
      for (const [part] of response.matchAll(/\*\*[^\n*]*\*\*/g)) if (strip(part.slice(2, -2)) !== '') found += 1;
      return found >= num_highlights;
    },
);

/** A `<<title>>` with something in it, within a line. */
export const title = defineInstruction(
  'detectable_format:title',
  noArguments,
  () => (response) =>
    response.split('\n').some((line) => {
      const start = line.indexOf('<<');
      const end = line.lastIndexOf('>>');
      return start >= 0 && end > start && hasTitle(line.slice(start, end + 2));
    }),
);

function hasTitle(marked: string): boolean {
  let start = 0;
  let end = marked.length;
  while (marked[start] === '<') start += 1;
  while (end > start && marked[end - 1] === '>') end -= 1;
  return strip(marked.slice(start, end)) !== '';
}
