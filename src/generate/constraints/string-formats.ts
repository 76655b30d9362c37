/** The formats of JSON Schema that a string can be held to, as regular expressions. */

const LEAP_YEAR = '(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)';
const DATE = [
  '\\d{4}-(0[13578]|1[02])-(0[1-9]|[12]\\d|3[01])',
  '\\d{4}-(0[469]|11)-(0[1-9]|[12]\\d|30)',
  '\\d{4}-02-(0[1-9]|1\\d|2[0-8])',
  `${LEAP_YEAR}-02-29`,
].join('|');
const TIME = '([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)';
const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const LABEL = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';

/**
 * RFC 3339 for dates and times (days that the month has, no leap seconds), RFC 9562 for UUIDs, and for addresses the part of
 * RFC 5321 without quotes and literals. `time` has its offset, as JSON Schema demands.
 */
export const STRING_FORMATS: ReadonlyMap<string, string> = new Map([
  ['date', DATE],
  ['time', TIME],
  ['date-time', `(${DATE})T${TIME}`],
  ['uuid', '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'],
  ['email', `[A-Za-z0-9_+-]{1,24}(\\.[A-Za-z0-9_+-]{1,12}){0,3}@(${LABEL}\\.){1,3}[A-Za-z]{2,24}`],
  ['ipv4', `${OCTET}(\\.${OCTET}){3}`],
]);
