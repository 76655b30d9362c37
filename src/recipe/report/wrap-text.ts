/** Text in lines of so many columns of a terminal. */

/** Characters that take two columns: East Asian wide and full-width forms, and emoji (Unicode TR 11, in its large blocks). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;

/** Breaks at spaces and, where a word is longer than a line or is written without spaces, within. Line breaks stay. */
export function wrapText(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line.trimEnd(), Math.max(2, width)));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  let columns = 0;
  /** Length of `current` up to and with its last space. */
  let border = 0;
  for (const character of line) {
    const size = columnsOf(character);
    if (columns + size > width) {
      if (character === ' ') {
        lines.push(current.trimEnd());
        [current, columns, border] = ['', 0, 0];
        continue;
      }
      const end = border > 0 ? border : current.length;
      lines.push(current.slice(0, end).trimEnd());
      current = current.slice(end);
      columns = widthOf(current);
      border = 0;
    }
    if (current === '' && character === ' ' && lines.length > 0) continue;
    current += character;
    columns += size;
    if (character === ' ') border = current.length;
  }
  return [...lines, current];
}

function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + columnsOf(character), 0);
}

function columnsOf(character: string): number {
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
