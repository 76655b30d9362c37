/** Text of a model or of a file, as a terminal may have it: lines and tabs are kept, what would steer the terminal is not. */
import { printable } from '../style.ts';

export const shownText = (text: string): string => text.replace(/[^\n\t]+/g, printable);
