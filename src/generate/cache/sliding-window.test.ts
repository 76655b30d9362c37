import { expect, it } from 'vitest';
import { cellEnd, firstKeyRead, mostKeysRead } from './sliding-window.ts';

it.each([1, 2, 9, 511, 512, 513, 4096])(
  'reads what a window of %i sees, from one key on for a whole cell',
  (window) => {
    let most = 0;
    for (let position = 0; position < 9000; position++) {
      const [first, end] = [firstKeyRead(position, window), cellEnd(position)];
      const isWhole =
        first <= Math.max(0, position - window + 1) && end > position && firstKeyRead(end - 1, window) === first;
      if (!isWhole) throw new Error(`at ${position} keys are read from ${first} on, until ${end}`);
      most = Math.max(most, end - first);
    }
    expect(most).toBe(mostKeysRead(window));
  },
);

it('reads everything where there is no window', () => {
  expect(firstKeyRead(5000, undefined)).toBe(0);
});
