/** Wrong options of a question, drawn from what its document has, and from elsewhere where that is too little. */
import type { RandomStream } from '../random/stream.ts';
import { type Draft, OPTIONS } from './question.ts';

/** Lists may be long and hold little that fits: a question that would take longer to ask is not asked. */
const MAX_TRIES = 60;

/** Texts that fit and differ from each other, at most as many as a question needs, `known` first. */
export function drawOptions(
  { answer, others }: Draft,
  lists: readonly (readonly string[])[],
  random: RandomStream,
  known: readonly string[] = [],
): readonly string[] {
  const drawn = [...known];
  const taken = new Set([answer, ...known].map((text) => text.toLowerCase()));
  for (const list of lists) {
    const tries = Math.min(MAX_TRIES, 4 * list.length);
    for (let i = 0; i < tries && drawn.length < OPTIONS - 1; i++) {
      const option = list[random.below(list.length)];
      if (taken.has(option.toLowerCase()) || !others!.fits(option)) continue;
      taken.add(option.toLowerCase());
      drawn.push(option);
    }
  }
  return drawn;
}

/** The answer among the wrong options, in an order of chance. */
export function shuffled(answer: string, wrong: readonly string[], random: RandomStream) {
  const texts = [answer, ...wrong];
  const options = Array.from(random.permutation(texts.length), (place) => texts[place]);
  return { options, gold: options.indexOf(answer) };
}
