/** Finworld: a seeded synthetic economy and its general twin, as prose for language models. */
export type { Document } from './document.ts';
export { type Company, createEconomy, type Economy, type EconomyOptions, sectors } from './economy/economy.ts';
export { identityNames, type Violation, violations } from './economy/identities.ts';
export type { Macro } from './economy/macro.ts';
export type { AnnualReport } from './economy/statements.ts';
export { createRegion, type Place, type Region, type RegionOptions } from './general/region.ts';
export {
  type FinanceOptions,
  financeDocument,
  type GeneralOptions,
  generalDocument,
  generateFinance,
  generateGeneral,
  genresOf,
} from './generate.ts';
export { askQuestions, generateQuestions, type QuestionOptions } from './questions/generate-questions.ts';
export { coreKinds, type Question, type QuestionKind, questionKinds } from './questions/question.ts';
export { type Split, splitOf } from './split.ts';
export { type CorpusStatistics, corpusStatistics, sentenceSkeleton } from './statistics.ts';
