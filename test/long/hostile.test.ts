/** Twenty thousand changed files of each kind, of templates a tenth: none ends otherwise than in a model or a `FineryError`. */
import { expect, it } from 'vitest';
import { attack } from '../hostile/attack.ts';
import { hostileTargets } from '../hostile/targets.ts';

it.each(Object.keys(hostileTargets))('stands changed files: %s', async (kind) => {
  const { opened, refused } = await attack(kind, kind === 'chat template' ? 2000 : 20_000);
  console.log(`${kind}: ${refused} refused, ${opened} opened`);
  expect(refused).toBeGreaterThan(opened);
});
