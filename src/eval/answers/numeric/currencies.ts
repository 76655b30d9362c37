/** Currencies as they are written, each with its ISO 4217 code; null where several share the name. */

const BEFORE: Readonly<Record<string, string | null>> = {
  US$: 'USD',
  'U.S.$': 'USD',
  HK$: 'HKD',
  NT$: 'TWD',
  AU$: 'AUD',
  CA$: 'CAD',
  NZ$: 'NZD',
  MX$: 'MXN',
  A$: 'AUD',
  C$: 'CAD',
  S$: 'SGD',
  R$: 'BRL',
  $: 'USD',
  '€': 'EUR',
  '£': 'GBP',
  '¥': null,
  '₹': 'INR',
  '₩': 'KRW',
  '₽': 'RUB',
  '₺': 'TRY',
  '₫': 'VND',
  '฿': 'THB',
  'Rs.': 'INR',
  Rs: 'INR',
  RMB: 'CNY',
  'CN¥': 'CNY',
  'JP¥': 'JPY',
  人民币: 'CNY',
  港币: 'HKD',
  Fr: 'CHF',
  kr: null,
  zł: 'PLN',
};

const ISO =
  'USD EUR GBP JPY CNY CHF INR KRW PLN BRL AUD CAD HKD SGD TWD NZD SEK NOK DKK MXN ZAR RUB TRY THB IDR MYR PHP VND CZK HUF RON ILS SAR AED EGP NGN KES CLP COP ARS PEN'.split(
    ' ',
  );

const DOLLARS: Readonly<Record<string, string>> = {
  'U.S.': 'USD',
  US: 'USD',
  American: 'USD',
  Australian: 'AUD',
  Canadian: 'CAD',
  'Hong Kong': 'HKD',
  Singapore: 'SGD',
  'New Zealand': 'NZD',
  Taiwan: 'TWD',
};

/** Names behind a number; the first that fits decides, so longer ones come first. */
const NAMES: readonly (readonly [string, string | null])[] = [
  ...Object.entries(DOLLARS).map(([country, code]) => [`${country.replaceAll('.', '\\.')} dollars?`, code] as const),
  ['(?:Swiss )?[Ff]rancs?|Schweizer Franken|Franken', 'CHF'],
  ['[Dd]ollars?|d[oó]lares|d[oó]lar', 'USD'],
  ['[Ee]uros?|EUROS?', 'EUR'],
  ['(?:British )?[Pp]ounds?(?: [Ss]terling)?|[Ss]terling', 'GBP'],
  ['(?:Japanese )?[Yy]en', 'JPY'],
  ['(?:Chinese )?[Yy]uan|[Rr]enminbi|RMB', 'CNY'],
  ['(?:Indian )?[Rr]upees?', 'INR'],
  ['(?:South )?(?:Korean )?[Ww]on(?! the\\b)', 'KRW'],
  ['zł(?:otych|oty)?|[Zz]lot(?:ys?|ych)', 'PLN'],
  ['[Rr]eais|[Rr]eal(?=[.,;)\\s]*$)', 'BRL'],
  ['[Kk]roner|[Kk]ronor|[Kk]rona|kr\\b|[Pp]esos?|[Rr]iyals?|[Dd]inars?', null],
];

const EAST_ASIAN_NAMES: readonly (readonly [string, string | null])[] = [
  ['美元|米ドル|美金|달러', 'USD'],
  ['港元|港币|香港ドル', 'HKD'],
  ['日元|日圆|日円|円|엔', 'JPY'],
  ['欧元|歐元|ユーロ|유로', 'EUR'],
  ['英镑|英鎊|ポンド', 'GBP'],
  ['新台币|台币|台幣', 'TWD'],
  ['韩元|ウォン|원', 'KRW'],
  ['人民币|人民元|元|圆', 'CNY'],
  ['豪ドル|澳元', 'AUD'],
  ['加元|カナダドル', 'CAD'],
  ['新加坡元|新元', 'SGD'],
  ['瑞士法郎|スイスフラン', 'CHF'],
  ['ドル', 'USD'],
  ['卢比|ルピー', 'INR'],
];

const escaped = (text: string): string => text.replace(/[.$]/g, '\\$&');
const symbols = Object.keys(BEFORE).sort((a, b) => b.length - a.length);

/** Before a number; a code needs a border, a symbol does not. */
export const CURRENCY_BEFORE = `(?:(?<![A-Za-z])(?:${[...symbols.filter((symbol) => /^[A-Z]/i.test(symbol)), ...ISO].map(escaped).join('|')})|${symbols
  .filter((symbol) => !/^[A-Z]/i.test(symbol))
  .map(escaped)
  .join('|')})`;

/** Behind a number and its scale. */
export const CURRENCY_BEHIND = `(?:(?:${[...ISO, 'RMB'].join('|')})(?![A-Za-z])|(?:${NAMES.map(([name]) => name).join('|')})(?![A-Za-z])|${EAST_ASIAN_NAMES.map(([name]) => name).join('|')}|(?:US|HK|A|C|S)\\$|[$€£¥₹₩](?!\\s?\\.?\\d))`;

const whole = (name: string): RegExp => new RegExp(`^(?:${name})$`);
const patterns = [...NAMES, ...EAST_ASIAN_NAMES].map(([name, code]) => [whole(name), code] as const);

/** The code of what one of the patterns above has found; undefined where several currencies share the name. */
export function currencyCode(written: string): string | undefined {
  if (ISO.includes(written.toUpperCase())) return written.toUpperCase();
  if (Object.hasOwn(BEFORE, written)) return BEFORE[written] ?? undefined;
  return patterns.find(([pattern]) => pattern.test(written))?.[1] ?? undefined;
}
