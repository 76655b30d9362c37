/** What all programs are asked: to continue the beginnings of some texts with the likeliest tokens. */

export const request = {
  texts: [
    'Net income rose 12.5% to $1,234.5 million in the third quarter, while operating expenses fell.',
    "The company's board didn't declare a dividend;\n\n  shareholders will vote in May 2024.",
    'Question: What was the gross margin?\nAnswer: Revenue of 80 less cost of sales of 60 gives 20, or 25%.',
    'Zürich’s “franc” — 10 000 CHF — über alles?   Ends with spaces   ',
  ],
  promptTokens: 12,
  greedyTokens: 32,
};

export interface Answer {
  /** Of the text. */
  readonly ids: readonly number[];
  /** What follows its first `promptTokens`. */
  readonly greedy: readonly number[];
}
