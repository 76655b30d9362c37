import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

interface DepreciationWords {
  /** May use <company>. */
  readonly straightCharge: Wordings<string>;
  /** May use <company> and <count>. */
  readonly straightValue: Wordings<string>;
  /** These may use <company>, <count> and <rate>. */
  readonly decliningCharge: Wordings<string>;
  readonly decliningValue: Wordings<string>;
  readonly steps: Readonly<Record<'base' | 'straightCharge' | 'straightValue' | 'before' | 'decliningCharge', string>>;
  /** May use <company>, <site>, <year>, <cost>, <life> and <residual>. */
  readonly contexts: readonly string[];
}

export const depreciationWords: InLanguages<DepreciationWords> = {
  en: {
    straightCharge: {
      common: [
        'What is the yearly depreciation of <company> on it, straight line?',
        'With straight-line depreciation, how much does <company> write off each year?',
      ],
      heldout: ['Work out what <company> charges as depreciation every year by the straight-line method.'],
    },
    straightValue: {
      common: ['What is the book value after <count> years at <company>, with straight-line depreciation?'],
      heldout: ['By the straight-line method, what does <company> still carry it at when <count> years have passed?'],
    },
    decliningCharge: {
      common: ['How much does <company> write off in year <count>, by declining balance at <rate>%?'],
      heldout: ['With a declining balance at <rate>%, which depreciation does <company> charge in year <count>?'],
    },
    decliningValue: {
      common: ['What is the book value after <count> years at <company>, by declining balance at <rate>%?'],
      heldout: [
        'With a declining balance at <rate>%, what does <company> still carry it at when <count> years have passed?',
      ],
    },
    steps: {
      ...{ base: 'To write off', straightCharge: 'Depreciation a year', straightValue: 'Book value' },
      ...{ before: 'Book value before', decliningCharge: 'Depreciation' },
    },
    contexts: [
      '<company> {bought|installed} equipment for its <site> in <year> for <cost>. It will be used for <life> years and then be worth <residual>',
      'in <year>, <company> paid <cost> for equipment of its <site>. Its useful life is <life> years, its residual value <residual>',
    ],
  },
  zh: {
    straightCharge: {
      common: [
        '按年限平均法，<company>公司每年应计提多少折旧？',
        '采用直线法时，<company>公司该设备的年折旧额是多少？',
      ],
      heldout: ['请用直线法计算<company>公司每年的折旧费用。'],
    },
    straightValue: {
      common: [
        '按直线法计提折旧，<count>年后<company>公司该设备的账面价值是多少？',
        '采用年限平均法，使用<count>年后<company>公司的设备净值为多少？',
      ],
      heldout: ['若用直线法折旧，过了<count>年，<company>公司的设备还值多少账面金额？'],
    },
    decliningCharge: {
      common: [
        '按年折旧率<rate>%的余额递减法，<company>公司第<count>年应计提多少折旧？',
        '采用余额递减法、年折旧率<rate>%时，<company>公司第<count>年的折旧额是多少？',
      ],
      heldout: ['若每年按期初账面价值的<rate>%计提，请计算<company>公司第<count>年的折旧费用。'],
    },
    decliningValue: {
      common: [
        '按年折旧率<rate>%的余额递减法，<count>年后<company>公司该设备的账面价值是多少？',
        '采用余额递减法、年折旧率<rate>%，使用<count>年后<company>公司的设备净值为多少？',
      ],
      heldout: ['若每年按期初账面价值的<rate>%计提，过了<count>年，<company>公司的设备还剩多少账面金额？'],
    },
    steps: {
      ...{ base: '应计折旧总额', straightCharge: '年折旧额', straightValue: '账面价值' },
      ...{ before: '期初账面价值', decliningCharge: '折旧额' },
    },
    contexts: [
      '<year>年，<company>{购入|安装}了一台设备，原值<cost>，预计使用<life>年，预计净残值<residual>',
      '<company>于<year>年购置设备，成本为<cost>，使用寿命<life>年，期末残值为<residual>',
    ],
  },
  ja: {
    straightCharge: {
      common: [
        '定額法による<company>社の毎年の減価償却費はいくらですか。',
        '定額法を用いると、<company>社はこの設備を毎年いくら償却しますか。',
      ],
      heldout: ['<company>社の1年間の償却額を定額法で計算してください。'],
    },
    straightValue: {
      common: [
        '定額法で償却すると、<count>年後の<company>社の設備の帳簿価額はいくらですか。',
        '<company>社が定額法を用いる場合、<count>年使用した後の設備の簿価はいくらですか。',
      ],
      heldout: ['定額法によって<count>年が過ぎたとき、<company>社の設備の未償却残高を求めてください。'],
    },
    decliningCharge: {
      common: [
        '償却率<rate>%の定率法では、<company>社の<count>年目の減価償却費はいくらですか。',
        '定率法（償却率<rate>%）を用いると、<company>社は<count>年目にいくら償却しますか。',
      ],
      heldout: ['毎年期首の簿価の<rate>%を償却する場合、<company>社の<count>年目の償却額を求めてください。'],
    },
    decliningValue: {
      common: [
        '償却率<rate>%の定率法では、<count>年後の<company>社の設備の帳簿価額はいくらですか。',
        '定率法（償却率<rate>%）を用いると、<count>年使用した後の<company>社の設備の簿価はいくらですか。',
      ],
      heldout: ['毎年期首の簿価の<rate>%を償却すると、<count>年が過ぎたときの<company>社の未償却残高はいくらですか。'],
    },
    steps: {
      ...{ base: '要償却額', straightCharge: '年間の減価償却費', straightValue: '帳簿価額' },
      ...{ before: '期首の帳簿価額', decliningCharge: '減価償却費' },
    },
    contexts: [
      '<year>年、<company>は設備を<cost>で{購入した|設置した}。耐用年数は<life>年、残存価額は<residual>である',
      '<company>が<year>年に取得した設備の取得原価は<cost>、使用期間は<life>年、残存価額は<residual>である',
    ],
  },
};
