/** Colours of the terminal; without colour every function gives its text back as it is. */
type Paint = (text: string) => string;

export interface Style {
  readonly color: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
}

/** Select Graphic Rendition codes (ECMA-48): on, off. */
const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export function createStyle(color: boolean): Style {
  const paint = ([on, off]: readonly [number, number]): Paint =>
    color ? (text) => (text === '' ? text : `\x1b[${on}m${text}\x1b[${off}m`) : (text) => text;
  return {
    color,
    bold: paint(codes.bold),
    dim: paint(codes.dim),
    red: paint(codes.red),
    green: paint(codes.green),
    yellow: paint(codes.yellow),
    cyan: paint(codes.cyan),
  };
}

/** Names and messages come from strangers' files: what would move the cursor or turn the writing round is escaped. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}
