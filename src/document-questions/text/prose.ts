/** Which sentences are running text of which something can be asked, and not references, captions or rests of markup. */
import { isFunctionWord, wordsOf } from './words.ts';

const MIN_WORDS = 6;
const MAX_WORDS = 50;
const MAX_CHARACTERS = 500;
/** Of names and titles most words are capitalised. */
const LEAST_LOWER_CASE = 0.5;

const REFERENCE = /https?:|www\.|\bdoi\b|\bet al\b|\bpp?\. ?\d|\b\p{Lu}\.,|\bISBN\b|\(\s*\)|[{}<>|=_]/u;
const WHOLE = /^["“‘(]?[\p{Lu}\d].*[.!?]["”’)]?$/su;

export function isProse(sentence: string): boolean {
  if (sentence.length > MAX_CHARACTERS) return false;
  if (!WHOLE.test(sentence) || REFERENCE.test(sentence) || !isBalanced(sentence)) return false;
  const words = wordsOf(sentence);
  if (words.length < MIN_WORDS || words.length > MAX_WORDS) return false;
  const lower = words.filter((word) => /^\p{Ll}/u.test(word)).length;
  return lower >= LEAST_LOWER_CASE * words.length && words.some(isFunctionWord);
}

/** Half of a quotation or of a bracket has its other half in another sentence. */
function isBalanced(text: string): boolean {
  const count = (mark: string) => text.split(mark).length - 1;
  return count('(') === count(')') && count('“') === count('”') && count('"') % 2 === 0;
}
