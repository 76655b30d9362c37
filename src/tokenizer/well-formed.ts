/** Text with lone surrogates replaced by U+FFFD, as UTF-8 encoders do. */
export function wellFormed(text: string): string {
  return /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd') : text;
}
