import { roundedQuotient } from '../../grammar/numbers.ts';
import { type EasternLanguage, expensesCalled, linesCalled } from './eastern.ts';

export const japanese: EasternLanguage = {
  language: 'ja',
  lines: linesCalled({
    revenue: '売上高',
    costOfRevenue: '売上原価',
    grossProfit: '売上総利益',
    operatingIncome: '営業利益',
    netIncome: '当期純利益',
    cash: '現金及び預金',
    totalAssets: '資産合計',
    debt: '有利子負債',
    totalLiabilities: '負債合計',
    totalEquity: '純資産合計',
  }),
  expenses: expensesCalled({
    ...{ sellingExpenses: '販売費', researchExpenses: '研究開発費', depreciation: '減価償却費' },
    ...{ interestExpense: '支払利息', incomeTax: '法人税等' },
  }),
  // A dollar of the economy is a hundred yen.
  scales: [
    {
      ...{ name: '百万', heading: '単位：百万円', suffix: '百万円' },
      of: (thousands) => ({ units: roundedQuotient(thousands, 10), decimals: 0 }),
    },
    {
      ...{ name: '億', heading: '単位：億円', suffix: '億円' },
      of: (thousands) => ({ units: roundedQuotient(thousands, 100), decimals: 1 }),
    },
  ],
  lookup: {
    common: [
      '<company>社の<year>年の<line>はいくらですか。',
      '<year>年の<company>社の<line>はいくらでしたか。',
      '表によると、<company>社の<year>年の<line>はいくらですか。',
    ],
    heldout: ['<company>社について、<year>年の<line>を表から答えてください。'],
  },
  ratio: {
    common: ['<company>社の<year>年の<topic>は何％ですか。', '<year>年の<company>社の<topic>を計算してください。'],
    heldout: ['<year>年の数字で見ると、<company>社の<topic>はどのくらいですか。'],
  },
  growth: {
    common: [
      '<company>社の<year>年の<line>は<before>年に比べて何％増えましたか。',
      '<year>年の<company>社の<line>の前年比成長率は何％ですか。',
    ],
    heldout: ['<before>年から<year>年にかけて、<company>社の<line>は何％伸びましたか。'],
  },
  change: {
    common: [
      '<company>社の<line>は<before>年から<year>年にかけていくら変わりましたか。',
      '<year>年の<company>社の<line>は前年よりいくら増えましたか。',
    ],
    heldout: ['<company>社の<year>年の<line>から<before>年の<line>を引くといくらですか。'],
  },
  ratios: { grossMargin: '売上総利益率', operatingMargin: '営業利益率', netMargin: '売上高純利益率' },
  news: {
    positive: {
      common: [
        '<company>社の<year>年の純利益は<rate>{増加|上昇}し、予想を{上回った|超えた}。',
        '<company>社は<year>年の業績予想を{引き上げ|上方修正し}、配当を<rate>{増やす|引き上げる}。',
        '受注の{増加|好調}により、<company>社の<year>年の売上高は<rate>{伸びた|増えた}。',
      ],
      heldout: ['<company>社の<year>年の受注は<rate>{増え|伸び}、アナリストは目標株価を引き上げた。'],
    },
    negative: {
      common: [
        '<company>社の<year>年の純利益は<rate>{減少|低下}し、予想を{下回った|割り込んだ}。',
        '<company>社は<year>年の業績予想を{引き下げ|下方修正し}、配当を<rate>{減らす|引き下げる}。',
        '受注の{減少|不振}により、<company>社の<year>年の売上高は<rate>{落ち込んだ|減った}。',
      ],
      heldout: ['<company>社の<year>年の受注は<rate>{減り|落ち込み}、アナリストは目標株価を引き下げた。'],
    },
    neutral: {
      common: [
        '<company>社は<year>年の決算を{来月|火曜日に|六月に}発表する。',
        '<company>社の<year>年の株主総会は本社で{開かれる|行われる}。',
        '<company>社は<year>年も{引き続き|これまでどおり}上場しており、資本金は<amount>である。',
      ],
      heldout: ['<company>社は<year>年の決算説明会を{来月|火曜日に}開く。資本金は<amount>である。'],
    },
  },
  newsMark: 'ニュース：',
  toneMark: 'センチメント：',
  tones: { negative: 'ネガティブ', neutral: '中立', positive: 'ポジティブ' },
};
