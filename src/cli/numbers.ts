/** Numbers as people read them. */

/** `1,234,567` */
export const formatCount = (value: number): string => value.toLocaleString('en-US');

/** `12 documents`, `1 document` */
export const formatPlural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** Three significant digits with the largest of `units` that leaves 1 or more before the point. */
function scale(value: number, base: number, units: readonly string[]): string {
  let power = 0;
  while (power < units.length - 1 && value >= base ** (power + 1) * 0.9995) power++;
  const scaled = value / base ** power;
  const digits = power === 0 ? 0 : scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return `${scaled.toFixed(digits)}${units[power]}`;
}

/** `3.40 GiB` */
export const formatBytes = (bytes: number): string => scale(bytes, 1024, [' bytes', ' KiB', ' MiB', ' GiB', ' TiB']);

/** `135M` */
export const formatAmount = (value: number): string => scale(value, 1000, ['', 'k', 'M', 'B', 'T']);

/** `98.7%` */
export const formatShare = (share: number): string => `${(100 * share).toFixed(1)}%`;
