import { z } from 'zod';
import { amount, defineInstruction, phrase } from '../instruction.ts';
import { SPACE, strip } from '../text/python-text.ts';

/** At least so many `[placeholders]`, each within a line. */
export const numberPlaceholders = defineInstruction(
  'detectable_content:number_placeholders',
  z.strictObject({ num_placeholders: amount }),
  ({ num_placeholders }) =>
    (response) => {
      let found = 0;
      for (const line of response.split('\n')) {
        let end = 0;
        for (;;) {
          const start = line.indexOf('[', end);
          const closing = start < 0 ? -1 : line.indexOf(']', start);
          if (closing < 0) break;
          found += 1;
          end = closing + 1;
        }
      }
      return found >= num_placeholders;
    },
);

const markers: ReadonlyMap<string, RegExp> = new Map([
  ['P.P.S', new RegExp(`p\\.[${SPACE}]?p\\.[${SPACE}]?s`, 'u')],
  ['P.S.', new RegExp(`p\\.[${SPACE}]?s\\.`, 'u')],
]);

/** A postscript's marker, in any case, anywhere. The two usual ones may have spaces between their letters. */
export const postscript = defineInstruction(
  'detectable_content:postscript',
  z.strictObject({ postscript_marker: phrase }),
  ({ postscript_marker }) => {
    const marker = strip(postscript_marker);
    const pattern = markers.get(marker);
    const text = marker.toLowerCase();
    return (response) => pattern?.test(response.toLowerCase()) ?? response.toLowerCase().includes(text);
  },
);
