/** Figures of a comparison as its page shows them: few digits, a true minus sign, a dash for what has no value. */

const NOTHING = '\u2013';

/** Three significant digits: `0.0504`, `7.13`, `6.5e−4`. */
export function shortNumber(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NOTHING;
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text = size < 1e-3 || size >= 1e5 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
  return text.replaceAll('-', '\u2212');
}

/** With a plus sign where it is above 0. */
export function signedNumber(value: number | null): string {
  return value !== null && value > 0 ? `+${shortNumber(value)}` : shortNumber(value);
}

/** `12.3 %` */
export function percentage(value: number | null): string {
  return value === null ? NOTHING : `${(100 * value).toFixed(1)} %`;
}
