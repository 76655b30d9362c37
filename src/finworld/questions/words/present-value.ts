import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

interface PresentValueWords {
  /** May use <company>. */
  readonly net: Wordings<string>;
  readonly gross: Wordings<string>;
  readonly internal: Wordings<string>;
  readonly steps: { readonly net: string; readonly gross: string };
  /** May use <company>, <project>, <outlay>, <inflows> and <rate>. */
  readonly contexts: readonly string[];
  /** May use <amount> and <years>, which is "1 year". */
  readonly inflow: string;
  readonly years: (count: number) => string;
  readonly separator: string;
  /** Undefined where the company's own projects have names. */
  readonly projects?: readonly string[];
}

export const presentValueWords: InLanguages<PresentValueWords> = {
  en: {
    net: {
      common: [
        'What is the net present value of the project of <company>?',
        'Work out the NPV of the project of <company> at its cost of capital.',
      ],
      heldout: ['How much value, discounted to today, does the project add to <company>?'],
    },
    gross: {
      common: ['What are the inflows of the project of <company> worth today?'],
      heldout: ['Work out the present value of all inflows of the project of <company>.'],
    },
    internal: {
      common: [
        'What is the internal rate of return of the project of <company>?',
        'At which discount rate is the project of <company> worth nothing?',
      ],
      heldout: ['Work out the IRR of the project of <company>.'],
    },
    steps: { net: 'Net present value', gross: 'Present value of the inflows' },
    contexts: [
      '<company> plans <project>: it costs <outlay> now and brings {cash of |}<inflows>. The cost of capital is <rate>%',
      'for <project>, <company> pays <outlay> today and {expects|receives} <inflows>. It discounts at <rate>%',
    ],
    inflow: '<amount> after <years>',
    years: (count) => `${count} ${count === 1 ? 'year' : 'years'}`,
    separator: ', ',
  },
  zh: {
    net: {
      common: ['<company>公司该项目的净现值是多少？', '请按资本成本计算<company>公司该项目的净现值（NPV）。'],
      heldout: ['把各年现金流折算到今天，该项目能为<company>公司增加多少价值？'],
    },
    gross: {
      common: ['<company>公司该项目各年现金流入的现值合计是多少？', '<company>公司该项目未来的现金流入今天值多少钱？'],
      heldout: ['请计算<company>公司该项目全部现金流入的现值之和。'],
    },
    internal: {
      common: ['<company>公司该项目的内部收益率是多少？', '折现率为多少时，<company>公司该项目的净现值为零？'],
      heldout: ['请计算<company>公司该项目的IRR。'],
    },
    steps: { net: '净现值', gross: '现金流入的现值' },
    contexts: [
      '<company>计划投资{建设|}<project>：现在投入<outlay>，<inflows>。资本成本为<rate>%',
      '为了<project>，<company>今天支付<outlay>，预计<inflows>。折现率为<rate>%',
    ],
    inflow: '<years>末流入<amount>',
    years: (count) => `第${count}年`,
    separator: '，',
    projects: ['新工厂', '新生产线', '自动化仓库', '数据中心', '物流中心', '研发中心'],
  },
  ja: {
    net: {
      common: [
        '<company>社のこの投資案の正味現在価値はいくらですか。',
        '資本コストを用いて、<company>社の投資案のNPVを計算してください。',
      ],
      heldout: ['将来のキャッシュ・フローを割り引くと、この投資案は<company>社の価値をいくら高めますか。'],
    },
    gross: {
      common: [
        '<company>社の投資案から得られる収入の現在価値の合計はいくらですか。',
        '<company>社の投資案の将来の収入は現在いくらの価値がありますか。',
      ],
      heldout: ['<company>社の投資案について、すべての収入の現在価値を合計してください。'],
    },
    internal: {
      common: [
        '<company>社のこの投資案の内部収益率は何％ですか。',
        '割引率が何％のとき、<company>社の投資案の正味現在価値はゼロになりますか。',
      ],
      heldout: ['<company>社の投資案のIRRを求めてください。'],
    },
    steps: { net: '正味現在価値', gross: '収入の現在価値' },
    contexts: [
      '<company>は<project>を計画している。現在の支出は<outlay>で、<inflows>の収入がある。資本コストは<rate>%である',
      '<project>のために<company>は今<outlay>を支払い、<inflows>の収入を見込む。割引率は<rate>%とする',
    ],
    inflow: '<years>に<amount>',
    years: (count) => `${count}年後`,
    separator: '、',
    projects: ['新工場', '新しい生産ライン', '自動倉庫', 'データセンター', '物流拠点', '研究所'],
  },
};
