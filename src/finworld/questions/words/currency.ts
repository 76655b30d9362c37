import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

interface Currency {
  readonly name: string;
  /** As rates speak of it. */
  readonly one: string;
  /** Units of 10^-`decimals` of the local currency for one, about which rates are drawn. */
  readonly around: number;
}

interface CurrencyWords {
  readonly currencies: readonly Currency[];
  /** Of rates. */
  readonly decimals: number;
  /** May use <company>. */
  readonly toLocal: Wordings<string>;
  /** May use <company> and <currency>. */
  readonly fromLocal: Wordings<string>;
  readonly growth: Wordings<string>;
  readonly steps: { readonly local: string; readonly growth: string };
  /** Of sales abroad; may use <company>, <year>, <amount> in millions, <name>, <one> and <rate>. */
  readonly sales: readonly string[];
  /** Of an exchange; may use these, and <local> for the amount with its unit. */
  readonly exchange: readonly string[];
  /** Of two years; may use <before>, <next> and <later>, too. */
  readonly twoYears: readonly string[];
  /** The amount that is received. */
  readonly foreign: (millions: string, name: string) => string;
}

const DOLLAR_RATES = 4;
const YEN_RATES = 2;

export const currencyWords: InLanguages<CurrencyWords> = {
  en: {
    currencies: [
      { name: 'euros', one: 'euro', around: 10_850 },
      { name: 'pounds', one: 'pound', around: 12_700 },
      { name: 'Swiss francs', one: 'franc', around: 11_200 },
      { name: 'Canadian dollars', one: 'Canadian dollar', around: 7_400 },
    ],
    decimals: DOLLAR_RATES,
    toLocal: {
      common: ['How much is that in dollars?', 'What were the sales of <company> abroad in dollars?'],
      heldout: ['Convert the sales of <company> abroad to dollars.'],
    },
    fromLocal: {
      common: ['How much is that in <currency>?', 'What does <company> get in <currency>?'],
      heldout: ['Convert the amount that <company> exchanges to <currency>.'],
    },
    growth: {
      common: [
        'By how many percent did these sales of <company> grow in dollars?',
        'What was the growth of these sales of <company>, measured in dollars?',
      ],
      heldout: ['Measured in dollars, how fast did these sales of <company> grow?'],
    },
    steps: { local: 'Dollars', growth: 'Growth' },
    sales: [
      '<company> sold goods for <amount> million <name> abroad in <year>. One <one> {was worth|cost} <rate>',
      'in <year>, one <one> was <rate>. Sales of <company> in that currency came to <amount> million <name>',
    ],
    exchange: [
      'to pay a supplier, <company> exchanges <local> to <name> in <year>. One <one> {is worth|costs} <rate>',
      'one <one> cost <rate> in <year>, when <company> exchanged <local> to <name>',
    ],
    twoYears: [
      'sales of <company> abroad were <amount> million <name> in <before>, when one <one> cost <rate>, and <next> million <name> in <year>, when it cost <later>',
      '<company> abroad: <amount> million <name> of sales in <before> and <next> million in <year>. One <one> was worth <rate> in <before> and <later> in <year>',
    ],
    foreign: (millions, name) => `${millions} million ${name}`,
  },
  zh: {
    currencies: [
      { name: '美元', one: '美元', around: 71_500 },
      { name: '欧元', one: '欧元', around: 77_800 },
      { name: '英镑', one: '英镑', around: 90_600 },
      { name: '港元', one: '港元', around: 9_150 },
    ],
    decimals: DOLLAR_RATES,
    toLocal: {
      common: ['<company>公司的海外销售额折合人民币多少？', '按该汇率折算，<company>公司的海外销售额是多少元？'],
      heldout: ['请将<company>公司的海外销售额换算成人民币。'],
    },
    fromLocal: {
      common: ['<company>公司能换到多少<currency>？', '按该汇率，<company>公司兑换的金额折合多少<currency>？'],
      heldout: ['请将<company>公司兑换的金额换算成<currency>。'],
    },
    growth: {
      common: [
        '以人民币计算，<company>公司的海外销售额增长了百分之几？',
        '折算成人民币后，<company>公司海外销售额的增长率是多少？',
      ],
      heldout: ['考虑汇率变动，<company>公司海外销售额的人民币增幅为百分之多少？'],
    },
    steps: { local: '人民币金额', growth: '增长率' },
    sales: [
      '<year>年，<company>的海外销售额为<amount>百万<name>，1<one>兑<rate>',
      '<company>在<year>年向海外销售了<amount>百万<name>的商品，当时1<one>等于<rate>',
    ],
    exchange: [
      '<year>年，<company>为支付货款将<local>兑换成<name>，1<one>兑<rate>',
      '<company>在<year>年用<local>购买<name>，当时1<one>等于<rate>',
    ],
    twoYears: [
      '<company>在<before>年的海外销售额为<amount>百万<name>，当时1<one>兑<rate>；<year>年为<next>百万<name>，1<one>兑<later>',
      '<before>年，<company>在海外销售了<amount>百万<name>（1<one>等于<rate>），<year>年销售了<next>百万<name>（1<one>等于<later>）',
    ],
    foreign: (millions, name) => `${millions}百万${name}`,
  },
  ja: {
    currencies: [
      { name: '米ドル', one: '米ドル', around: 14_200 },
      { name: 'ユーロ', one: 'ユーロ', around: 15_600 },
      { name: '英ポンド', one: '英ポンド', around: 18_100 },
      { name: '豪ドル', one: '豪ドル', around: 9_500 },
    ],
    decimals: YEN_RATES,
    toLocal: {
      common: [
        '<company>社の海外売上高は円でいくらですか。',
        'この為替レートで<company>社の海外売上高を円に直すといくらですか。',
      ],
      heldout: ['<company>社の海外売上高を円に換算してください。'],
    },
    fromLocal: {
      common: [
        '<company>社が受け取るのは<currency>でいくらですか。',
        'このレートで<company>社が両替する金額は<currency>でいくらになりますか。',
      ],
      heldout: ['<company>社が両替する金額を<currency>に換算してください。'],
    },
    growth: {
      common: [
        '円で見ると、<company>社の海外売上高は何％増えましたか。',
        '円に換算した<company>社の海外売上高の成長率は何％ですか。',
      ],
      heldout: ['為替の変動も含めると、<company>社の海外売上高は円建てで何％伸びましたか。'],
    },
    steps: { local: '円換算額', growth: '成長率' },
    sales: [
      '<year>年の<company>の海外売上高は<amount>百万<name>で、1<one>は<rate>だった',
      '<company>は<year>年に海外で<amount>百万<name>を売り上げた。為替レートは1<one>＝<rate>である',
    ],
    exchange: [
      '<year>年、<company>は仕入代金を支払うため<local>を<name>に両替する。1<one>は<rate>である',
      '<company>は<year>年に<local>を<name>に替えた。為替レートは1<one>＝<rate>である',
    ],
    twoYears: [
      '<company>の海外売上高は、<before>年が<amount>百万<name>（1<one>＝<rate>）、<year>年が<next>百万<name>（1<one>＝<later>）だった',
      '<before>年の<company>の海外売上高は<amount>百万<name>で1<one>は<rate>、<year>年は<next>百万<name>で1<one>は<later>だった',
    ],
    foreign: (millions, name) => `${millions}百万${name}`,
  },
};
