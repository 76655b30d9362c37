/** Files that someone changed, by hand or by chance; `test/long/hostile.test.ts` opens many more. */
import { expect, it } from 'vitest';
import { attack } from './attack.ts';
import { hostileTargets } from './targets.ts';

it.each(Object.keys(hostileTargets))('opens or refuses a changed %s, quickly, and no other way', async (kind) => {
  const { refused } = await attack(kind, kind === 'chat template' ? 6 : 60);
  expect(refused).toBeGreaterThan(1);
});
