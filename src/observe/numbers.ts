/** Numbers as people read them. */

/** `1,234,567` */
export const formatCount = (value: number): string => value.toLocaleString('en-US');

/** `12 documents`, `1 document` */
export const formatPlural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** `3.40 GiB`, `41.7 GiB`, `812 bytes`: three significant digits of the largest unit that leaves 1 or more. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let power = 0;
  while (power < units.length - 1 && bytes >= 1024 ** (power + 1) * 0.9995) power++;
  const scaled = bytes / 1024 ** power;
  const digits = power === 0 ? 0 : scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return `${scaled.toFixed(digits)} ${units[power]}`;
}

/** `4M`, `6.04M`, `812`: as short as three digits allow, for axes and running text. */
export function formatAmount(value: number): string {
  const units = ['', 'k', 'M', 'B', 'T'];
  let power = 0;
  while (power < units.length - 1 && Math.abs(value) >= 999.5 * 1000 ** power) power++;
  const scaled = value / 1000 ** power;
  return `${power === 0 && Number.isInteger(value) ? value : Number(scaled.toPrecision(3)).toString()}${units[power]}`;
}

/** `98.7%` */
export const formatShare = (share: number): string => `${(100 * share).toFixed(1)}%`;
