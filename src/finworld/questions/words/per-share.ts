import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

interface PerShareWords {
  /** May use <company> and <year>. */
  readonly earnings: Wordings<string>;
  readonly priceToEarnings: Wordings<string>;
  readonly dividendYield: Wordings<string>;
  readonly marketValue: Wordings<string>;
  readonly steps: { readonly earnings: string; readonly priceToEarnings: string };
  /** May use <income>, <shares>, <price> or <dividend>, with their units but that of <shares>. */
  readonly facts: readonly string[];
  /** Of a list of facts; may use <company> and <year>. */
  readonly title: string;
  /** Facts in a sentence; may use <company>, <year> and <facts>. */
  readonly prose: readonly string[];
  readonly separator: string;
}

export const perShareWords: InLanguages<PerShareWords> = {
  en: {
    earnings: {
      common: [
        'What were the earnings per share of <company> in <year>?',
        'How much did <company> earn per share in <year>?',
      ],
      heldout: ['Work out the <year> EPS of <company>.'],
    },
    priceToEarnings: {
      common: [
        'What was the price-to-earnings ratio of <company> at the end of <year>?',
        'At how many times its earnings per share of <year> did <company> trade?',
      ],
      heldout: ['Work out the P/E ratio of <company> for <year>.'],
    },
    dividendYield: {
      common: ['What was the dividend yield of <company> at the end of <year>?'],
      heldout: ['How many percent of its share price did <company> pay as a dividend in <year>?'],
    },
    marketValue: {
      common: ['What was the market value of <company> at the end of <year>?'],
      heldout: ['How much were all shares of <company> worth at the end of <year>?'],
    },
    steps: { earnings: 'Earnings per share', priceToEarnings: 'Price to earnings' },
    facts: [
      'net income was <income>',
      'there were <shares> million shares',
      'the share closed at <price>',
      'the dividend was <dividend> per share',
    ],
    title: '<company>, <year>',
    prose: ['for <year>, <company> reports: <facts>', '<company> in <year>: <facts>'],
    separator: '; ',
  },
  zh: {
    earnings: {
      common: ['<company>公司<year>年的每股收益是多少？', '<year>年<company>公司每股赚了多少钱？'],
      heldout: ['请计算<company>公司<year>年的EPS。'],
    },
    priceToEarnings: {
      common: ['<company>公司<year>年末的市盈率是多少倍？', '按<year>年的每股收益计算，<company>公司的市盈率为多少？'],
      heldout: ['<year>年末，<company>公司的股价是每股收益的多少倍？'],
    },
    dividendYield: {
      common: ['<company>公司<year>年末的股息率是多少？', '按年末股价计算，<company>公司<year>年的股息率为百分之几？'],
      heldout: ['<company>公司<year>年的每股股利相当于年末股价的百分之多少？'],
    },
    marketValue: {
      common: ['<company>公司<year>年末的总市值是多少？', '按收盘价计算，<year>年末<company>公司的市值为多少？'],
      heldout: ['<year>年末，<company>公司的全部股份一共值多少钱？'],
    },
    steps: { earnings: '每股收益', priceToEarnings: '市盈率' },
    facts: ['净利润为<income>', '总股本为<shares>万股', '年末收盘价为每股<price>', '每股股利为<dividend>'],
    title: '<company>，<year>年',
    prose: ['<year>年，<company>公布的数据如下：<facts>', '<company>在<year>年的情况：<facts>'],
    separator: '；',
  },
  ja: {
    earnings: {
      common: [
        '<company>社の<year>年の1株当たり利益はいくらですか。',
        '<year>年に<company>社は1株当たりいくらの利益を上げましたか。',
      ],
      heldout: ['<company>社の<year>年のEPSを計算してください。'],
    },
    priceToEarnings: {
      common: [
        '<company>社の<year>年末の株価収益率（PER）は何倍ですか。',
        '<year>年の利益に基づく<company>社の株価収益率を求めてください。',
      ],
      heldout: ['<year>年末、<company>社の株価は1株当たり利益の何倍でしたか。'],
    },
    dividendYield: {
      common: [
        '<company>社の<year>年末の配当利回りは何％ですか。',
        '年末の株価で見た<company>社の<year>年の配当利回りを求めてください。',
      ],
      heldout: ['<company>社の<year>年の1株配当は年末の株価の何％に当たりますか。'],
    },
    marketValue: {
      common: [
        '<company>社の<year>年末の時価総額はいくらですか。',
        '終値によると、<year>年末の<company>社の時価総額はいくらでしたか。',
      ],
      heldout: ['<year>年末、<company>社の全株式の価値は合わせていくらでしたか。'],
    },
    steps: { earnings: '1株当たり利益', priceToEarnings: '株価収益率' },
    facts: ['当期純利益は<income>', '発行済株式数は<shares>百万株', '年末の株価は<price>', '1株当たり配当は<dividend>'],
    title: '<company>、<year>年',
    prose: ['<year>年の<company>の数値は次のとおり：<facts>', '<company>の<year>年：<facts>'],
    separator: '、',
  },
};
