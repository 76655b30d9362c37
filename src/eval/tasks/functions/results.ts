/** What a `process_results` function says about an item, by metric: a number, or a part of a share over all items. */
export type Results = Readonly<Record<string, number | { readonly sum: number; readonly weight: number }>>;

/** Why a function has no score for an item: nothing that the model got wrong. */
export interface NoResults {
  readonly noScore: string;
}

export const hasResults = (results: Results | NoResults): results is Results => typeof results.noScore !== 'string';
