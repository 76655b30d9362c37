import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

interface InventoryWords {
  readonly methods: Readonly<Record<'fifo' | 'average', string>>;
  /** May use <company> and <method>. */
  readonly cost: Wordings<string>;
  readonly closing: Wordings<string>;
  readonly steps: Readonly<Record<'units' | 'left' | 'all' | 'value', string>>;
  /** May use <company>, <year>, <article>, <units>, <cost>, <purchases> and <sold>. */
  readonly contexts: readonly string[];
  /** May use <units> and <cost>. */
  readonly purchase: string;
  readonly separator: string;
}

export const inventoryWords: InLanguages<InventoryWords> = {
  en: {
    methods: { fifo: 'first in, first out', average: 'at the weighted average cost' },
    cost: {
      common: [
        'What is the cost of goods sold of <company>, <method>?',
        'With inventory valued <method>, what did the units that <company> sold cost?',
      ],
      heldout: ['Work out <method> what <company> has to book as cost of goods sold.'],
    },
    closing: {
      common: [
        'What is the closing inventory of <company> worth, <method>?',
        'With inventory valued <method>, what is left in stock at <company> worth?',
      ],
      heldout: ['Work out <method> the value of the units that <company> still has.'],
    },
    steps: { units: 'Units', left: 'Left', all: 'Cost of all', value: 'Value' },
    contexts: [
      '<company> began <year> with <units> units of article <article> at <cost> each. It bought <purchases>, and sold <sold> units',
      'stock of article <article> at <company> in <year>: <units> units at <cost> to begin with, then <purchases> bought. <sold> units were sold',
    ],
    purchase: '<units> units at <cost>',
    separator: ', then ',
  },
  zh: {
    methods: { fifo: '先进先出法', average: '加权平均法' },
    cost: {
      common: [
        '采用<method>，<company>公司的销售成本是多少？',
        '<company>公司的存货按<method>计价，已售商品的成本为多少？',
      ],
      heldout: ['请用<method>计算<company>公司应当结转的主营业务成本。'],
    },
    closing: {
      common: [
        '采用<method>，<company>公司的期末存货价值是多少？',
        '<company>公司的存货按<method>计价，剩余商品的成本为多少？',
      ],
      heldout: ['请用<method>计算<company>公司尚未售出的存货的账面金额。'],
    },
    steps: { units: '总件数', left: '剩余件数', all: '总成本', value: '金额' },
    contexts: [
      '<company>在<year>年初有第<article>号商品<units>件，单价<cost>。本年先后购入<purchases>，共售出<sold>件',
      '<year>年<company>的第<article>号商品：期初<units>件，每件<cost>；购入<purchases>；销售<sold>件',
    ],
    purchase: '<units>件，每件<cost>',
    separator: '；再购入',
  },
  ja: {
    methods: { fifo: '先入先出法', average: '総平均法' },
    cost: {
      common: [
        '<method>による<company>社の売上原価はいくらですか。',
        '<company>社が棚卸資産を<method>で評価すると、販売した商品の原価はいくらですか。',
      ],
      heldout: ['<method>を用いて、<company>社が計上すべき売上原価を計算してください。'],
    },
    closing: {
      common: [
        '<method>による<company>社の期末棚卸高はいくらですか。',
        '<company>社が棚卸資産を<method>で評価すると、残った商品の金額はいくらですか。',
      ],
      heldout: ['<method>を用いて、<company>社にまだ残っている在庫の評価額を計算してください。'],
    },
    steps: { units: '総数量', left: '残り', all: '総原価', value: '金額' },
    contexts: [
      '<company>は<year>年の期首に商品<article>を<units>個、単価<cost>で保有していた。その後<purchases>を仕入れ、<sold>個を販売した',
      '<year>年の<company>の商品<article>：期首<units>個、単価<cost>。仕入は<purchases>。販売は<sold>個',
    ],
    purchase: '<units>個（単価<cost>）',
    separator: '、さらに',
  },
};
