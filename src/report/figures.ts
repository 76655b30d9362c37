/** Figures for people: few digits, a true minus sign. */

const MINUS = '\u2212';
const NOTHING = '\u2013';

/** `0.683`, `−0.021`, `12.7`, `1840`: three decimals of what is below 10, four digits of what is above. */
export function formatScore(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NOTHING;
  const size = Math.abs(value);
  const digits = size < 9.9995 ? size.toFixed(3) : size < 999.95 ? size.toPrecision(4) : size.toFixed(0);
  return value < 0 && Number(digits) !== 0 ? `${MINUS}${digits}` : digits;
}

/** `+0.021`, `−0.021`, `0.000` */
export function formatDifference(value: number | null): string {
  const text = formatScore(value);
  return value !== null && value > 0 && Number(text) !== 0 ? `+${text}` : text;
}

/** `2026-01-31 09:30 UTC` */
export function formatTime(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(iso) ? `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC` : iso;
}
