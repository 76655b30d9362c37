/** Text of a server in messages for people: one short line that cannot move a cursor or turn the writing round. */

const maximumCharacters = 300;

export function printable(text: string): string {
  // A page of megabytes is not searched to the end for the sake of its first line.
  const line = text
    .slice(0, 4 * maximumCharacters)
    .replace(/[\p{Cc}\p{Surrogate}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length <= maximumCharacters ? line : `${line.slice(0, maximumCharacters - 3)}...`;
}
