/** What a verdict says in a few words. */
import type { Verdict } from '../recommendation.ts';

const headlines: Readonly<Record<Verdict, string>> = {
  arithmetic: 'add them, by weight arithmetic',
  route: 'keep both, and route between them',
  'cannot tell': 'cannot tell from the weights',
  impossible: 'not to be merged as they are',
};

export const headlineOf = (verdict: Verdict): string => headlines[verdict];
