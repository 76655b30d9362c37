/** Words as a POSIX shell would be given them: quoted where they hold more than it takes for plain. */
export const commandLine = (words: readonly string[]): string => words.map(quoted).join(' ');

/** Between single quotes nothing has a meaning but the quote itself. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
