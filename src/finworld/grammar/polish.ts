/** The last touches that no template can give by itself, because they depend on what its slots became. */

/** Words that begin with a vowel letter and a consonant sound, and the reverse. */
const consonantSound = /^(?:uni(?!n|m)|use|usu|util|ubiq|eu|ewe|one\b|once|ut[ei])/i;
const vowelSound = /^(?:hour|honest|honou?r|heir|8|11(?!\d)|18(?!\d)|11,|18,)/i;

function takesAn(word: string): boolean {
  if (vowelSound.test(word)) return true;
  return /^[aeiou]/i.test(word) && !consonantSound.test(word);
}

/**
 * Writes "a" or "an" by the sound of the next word, so templates always say "a"; closes up double spaces and the
 * spaces that empty alternatives leave before punctuation.
 */
export function polish(text: string): string {
  return text
    .replace(/ {2,}/g, ' ')
    .replace(/ ([,.;:?!])/g, '$1')
    .replace(/\b([Aa]) (?=[$'"(]?([\p{L}\d]+,?))/gu, (_, article: string, word: string) =>
      takesAn(word) ? `${article}n ` : `${article} `,
    );
}

/** A sentence: first letter upper case, full stop unless it brings its own ending. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  const closed = /[.!?:]['"”]?$/.test(trimmed) ? trimmed : `${trimmed}.`;
  return capitalised(closed);
}

/** First letter upper case, behind an opening quotation mark if there is one. */
export function capitalised(text: string): string {
  return text.replace(/^(["'“‘(]?)(\p{Ll})/u, (_, opening: string, letter: string) => opening + letter.toUpperCase());
}

/** "a", "a and b", "a, b and c". */
export function enumeration(items: readonly string[], conjunction: 'and' | 'or' = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${conjunction} ${items.at(-1)}`;
}
