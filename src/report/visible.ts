/** Names that come from data may hold anything. What would move a cursor or turn the writing round is made visible. */

/** Control characters, line separators and directional marks become U+FFFD. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Surrogate}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
