/** Every family of questions that is written about companies. */
import { bonds } from './families/bonds.ts';
import { comparison } from './families/comparison.ts';
import { compliance } from './families/compliance.ts';
import { compoundGrowth } from './families/compound-growth.ts';
import { currency } from './families/currency.ts';
import { depreciation } from './families/depreciation.ts';
import { dialogue } from './families/dialogue.ts';
import { chineseLookup, japaneseLookup } from './families/eastern-lookup.ts';
import { chineseNumeric, japaneseNumeric } from './families/eastern-numeric.ts';
import { chineseSentiment, japaneseSentiment } from './families/eastern-sentiment.ts';
import { entities } from './families/entities.ts';
import { instructions } from './families/instructions.ts';
import { inventory } from './families/inventory.ts';
import { lookup } from './families/lookup.ts';
import { margins } from './families/margins.ts';
import { numeric } from './families/numeric.ts';
import { perShare } from './families/per-share.ts';
import { presentValue } from './families/present-value.ts';
import { refusals } from './families/refusals.ts';
import { returnOnEquity } from './families/return-on-equity.ts';
import { risk } from './families/risk.ts';
import { sentiment } from './families/sentiment.ts';
import { stance } from './families/stance.ts';
import { summaries } from './families/summaries.ts';
import type { Family } from './family.ts';

const all: readonly Family[] = [
  ...[sentiment, lookup, numeric],
  ...[compoundGrowth, margins, perShare, returnOnEquity, presentValue].flat(),
  ...[bonds, risk, currency, inventory, depreciation].flat(),
  ...[comparison, stance, entities, summaries, instructions, dialogue, refusals, compliance],
  ...[chineseLookup, chineseNumeric, chineseSentiment, japaneseLookup, japaneseNumeric, japaneseSentiment],
];

export const families: ReadonlyMap<string, Family> = new Map(all.map((family) => [family.kind, family]));
