/** The directives of `strftime` that templates use, in English and in UTC, so that every machine writes the same. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];

const two = (value: number): string => String(value).padStart(2, '0');

const DIRECTIVES: Readonly<Record<string, (date: Date) => string>> = {
  '%Y': (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  '%y': (date) => two(date.getUTCFullYear() % 100),
  '%m': (date) => two(date.getUTCMonth() + 1),
  '%-m': (date) => String(date.getUTCMonth() + 1),
  '%d': (date) => two(date.getUTCDate()),
  '%-d': (date) => String(date.getUTCDate()),
  '%e': (date) => String(date.getUTCDate()).padStart(2),
  '%B': (date) => MONTHS[date.getUTCMonth()],
  '%b': (date) => MONTHS[date.getUTCMonth()].slice(0, 3),
  '%A': (date) => DAYS[date.getUTCDay()],
  '%a': (date) => DAYS[date.getUTCDay()].slice(0, 3),
  '%H': (date) => two(date.getUTCHours()),
  '%I': (date) => two(date.getUTCHours() % 12 || 12),
  '%p': (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  '%M': (date) => two(date.getUTCMinutes()),
  '%S': (date) => two(date.getUTCSeconds()),
  '%F': (date) => date.toISOString().slice(0, 10),
  '%Z': () => 'UTC',
  '%z': () => '+0000',
  '%%': () => '%',
};

/** Directives that are not known stay as they are written. */
export function strftime(date: Date, format: string): string {
  return format.replace(/%-?[A-Za-z%]/g, (directive) =>
    Object.hasOwn(DIRECTIVES, directive) ? DIRECTIVES[directive](date) : directive,
  );
}
