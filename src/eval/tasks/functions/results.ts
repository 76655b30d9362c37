/** What a `process_results` function says about an item, by metric: a number, or a part of a share over all items. */
export type Results = Readonly<Record<string, number | { readonly sum: number; readonly weight: number }>>;
