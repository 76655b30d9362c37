import { roundedQuotient } from '../../grammar/numbers.ts';
import { type EasternLanguage, expensesCalled, linesCalled } from './eastern.ts';

export const chinese: EasternLanguage = {
  language: 'zh',
  lines: linesCalled({
    revenue: '营业收入',
    costOfRevenue: '营业成本',
    grossProfit: '毛利润',
    operatingIncome: '营业利润',
    netIncome: '净利润',
    cash: '货币资金',
    totalAssets: '资产总计',
    debt: '有息负债',
    totalLiabilities: '负债合计',
    totalEquity: '股东权益',
  }),
  expenses: expensesCalled({
    ...{ sellingExpenses: '销售费用', researchExpenses: '研发费用', depreciation: '折旧费用' },
    ...{ interestExpense: '利息费用', incomeTax: '所得税费用' },
  }),
  scales: [
    { name: '万', heading: '单位：万元', suffix: '万元', of: (thousands) => ({ units: thousands, decimals: 1 }) },
    {
      ...{ name: '亿', heading: '单位：亿元', suffix: '亿元' },
      of: (thousands) => ({ units: roundedQuotient(thousands, 1000), decimals: 2 }),
    },
  ],
  lookup: {
    common: [
      '<company>公司<year>年的<line>是多少？',
      '<year>年，<company>公司的<line>为多少？',
      '表中<company>公司<year>年的<line>是多少？',
    ],
    heldout: ['请从表中查出<company>公司在<year>年的<line>。'],
  },
  ratio: {
    common: ['<company>公司<year>年的<topic>是多少？', '请计算<company>公司<year>年的<topic>。'],
    heldout: ['以<year>年的数据来看，<company>公司的<topic>有多高？'],
  },
  growth: {
    common: [
      '<company>公司<year>年的<line>比<before>年增长了百分之几？',
      '<year>年<company>公司<line>的同比增长率是多少？',
    ],
    heldout: ['与<before>年相比，<company>公司<year>年<line>的增幅是百分之多少？'],
  },
  change: {
    common: [
      '<company>公司的<line>从<before>年到<year>年变化了多少？',
      '<year>年<company>公司的<line>比上一年增加了多少？',
    ],
    heldout: ['<company>公司<before>年与<year>年的<line>相差多少（后者减前者）？'],
  },
  ratios: { grossMargin: '毛利率', operatingMargin: '营业利润率', netMargin: '净利率' },
  news: {
    positive: {
      common: [
        '<company>公司<year>年净利润{大增|增长|上升}<rate>，{好于|超出}预期。',
        '<company>公司{上调|提高}<year>年业绩预测，并{增加|提高}分红<rate>。',
        '受订单{大增|增长}推动，<company>公司<year>年营业收入{上升|增长}<rate>。',
      ],
      heldout: ['<company>公司<year>年订单{增长|上升}<rate>，分析师{上调|提高}了目标价。'],
    },
    negative: {
      common: [
        '<company>公司<year>年净利润{大降|下降|下滑}<rate>，{差于|低于}预期。',
        '<company>公司{下调|降低}<year>年业绩预测，并{减少|削减}分红<rate>。',
        '受订单{大降|下滑}拖累，<company>公司<year>年营业收入{下降|减少}<rate>。',
      ],
      heldout: ['<company>公司<year>年订单{下滑|下降}<rate>，分析师{下调|降低}了目标价。'],
    },
    neutral: {
      common: [
        '<company>公司将于{下月|周二|六月}公布<year>年年报。',
        '<company>公司<year>年股东大会将在总部{召开|举行}。',
        '<company>公司<year>年{继续|照常}在交易所挂牌，注册资本为<amount>。',
      ],
      heldout: ['<company>公司{周二|下月}举行<year>年业绩说明会，注册资本为<amount>。'],
    },
  },
  newsMark: '新闻：',
  toneMark: '情感：',
  tones: { negative: '负面', neutral: '中性', positive: '正面' },
};
