/** Neighbouring sentences that are short enough to be shown with a question. */

const MAX_CHARACTERS = 480;

export interface Passage {
  readonly sentences: readonly string[];
  readonly text: string;
}

/** The sentence at a place with as many after it, and then before it, as there is room for; undefined for one too long. */
export function passageAround(paragraph: readonly string[], place: number): Passage | undefined {
  let [from, to] = [place, place + 1];
  let length = paragraph[place].length;
  const hasRoom = (sentence: string | undefined): sentence is string =>
    sentence !== undefined && length + 1 + sentence.length <= MAX_CHARACTERS;
  if (length > MAX_CHARACTERS) return undefined;
  while (hasRoom(paragraph[to])) length += 1 + paragraph[to++].length;
  while (hasRoom(paragraph[from - 1])) length += 1 + paragraph[--from].length;
  const sentences = paragraph.slice(from, to);
  return { sentences, text: sentences.join(' ') };
}
