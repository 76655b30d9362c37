import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

interface RiskWords {
  /** These may use <company>. */
  readonly given: Wordings<string>;
  readonly measured: Wordings<string>;
  /** May use <company> and <level>. */
  readonly atRisk: Wordings<string>;
  readonly steps: Readonly<Record<'excess' | 'mean' | 'squares' | 'ratio', string>>;
  /** May use <year>, <company>, <mean>, <volatility> and <riskless>. */
  readonly givenContexts: readonly string[];
  /** May use <company>, <count>, <year>, <returns> and <riskless>. */
  readonly measuredContexts: readonly string[];
  /** May use <company>, <holding>, <days>, <year>, <returns>, <level> and <rank>. */
  readonly dailyContexts: readonly string[];
  /** Of the worst and of the second worst day. */
  readonly ranks: readonly [string, string];
  readonly separator: string;
}

export const riskWords: InLanguages<RiskWords> = {
  en: {
    given: {
      common: [
        'What is the Sharpe ratio of the share of <company>?',
        'How much return over the riskless rate did the share of <company> bring for each unit of volatility?',
      ],
      heldout: ['Work out the ratio of excess return to volatility for the share of <company>.'],
    },
    measured: {
      common: [
        'What is the Sharpe ratio of the share of <company>, with the sample standard deviation of these years?',
      ],
      heldout: [
        'From these years, with their sample standard deviation, what Sharpe ratio does the share of <company> have?',
      ],
    },
    atRisk: {
      common: [
        'What is the historical value at risk of the holding of shares of <company>, at <level>% for one day?',
        'By these days, which loss of the holding in <company> is the one-day value at risk at <level>%?',
      ],
      heldout: ['Work out the one-day VaR at <level>% of the position in <company> from its history.'],
    },
    steps: { excess: 'Excess return', mean: 'Mean', squares: 'Squares', ratio: 'Sharpe ratio' },
    givenContexts: [
      'until <year>, the share of <company> returned <mean>% a year on average, with a volatility of <volatility>%. The riskless rate was <riskless>%',
      'the riskless rate is <riskless>%. Up to <year>, the share of <company> had a mean yearly return of <mean>% and a standard deviation of <volatility>%',
    ],
    measuredContexts: [
      'the share of <company> returned <returns> in the <count> years to <year>. The riskless rate was <riskless>%',
      'returns of <company> in the last <count> years, to <year>: <returns>. A riskless deposit paid <riskless>%',
    ],
    dailyContexts: [
      'a fund holds shares of <company> worth <holding>. Their last <days> daily returns, in <year>: <returns>. Value at risk at <level>% is the loss on the <rank> of these days',
      'daily returns of <company> in <year>: <returns>. The position is worth <holding>; its value at risk at <level>% is taken from the <rank> of the <days> days',
    ],
    ranks: ['worst', 'second worst'],
    separator: ', ',
  },
  zh: {
    given: {
      common: ['<company>公司股票的夏普比率是多少？', '<company>公司的股票每承担一单位波动率，获得多少超额收益？'],
      heldout: ['请计算<company>公司股票的超额收益与波动率之比。'],
    },
    measured: {
      common: [
        '用这几年收益率的样本标准差计算，<company>公司股票的夏普比率是多少？',
        '根据这些年度收益率和样本标准差，<company>公司股票的夏普比率为多少？',
      ],
      heldout: ['请由各年收益率求出样本标准差，再计算<company>公司股票的夏普比率。'],
    },
    atRisk: {
      common: [
        '按历史模拟法，持有的<company>公司股票在<level>%置信水平下的一日风险价值是多少？',
        '根据这些交易日，<company>公司股票持仓<level>%的单日风险价值是多少损失？',
      ],
      heldout: ['请用历史数据计算<company>公司股票持仓在<level>%水平下的一日VaR。'],
    },
    steps: { excess: '超额收益率', mean: '平均收益率', squares: '离差平方和', ratio: '夏普比率' },
    givenContexts: [
      '截至<year>年，<company>的股票平均年收益率为<mean>%，波动率为<volatility>%。无风险利率为<riskless>%',
      '截至<year>年，<company>股票的年均收益率是<mean>%，标准差是<volatility>%，无风险利率是<riskless>%',
    ],
    measuredContexts: [
      '截至<year>年的<count>年里，<company>股票的年收益率依次为<returns>。无风险利率为<riskless>%',
      '到<year>年为止，最近<count>年<company>股票的收益率：<returns>。无风险存款的利率为<riskless>%',
    ],
    dailyContexts: [
      '某基金持有<company>的股票，市值<holding>。<year>年最近<days>个交易日的收益率为：<returns>。<level>%的风险价值取其中<rank>一天的损失',
      '<company>股票的持仓市值为<holding>。<year>年<days>天的日收益率：<returns>。以<rank>一天的损失作为<level>%的风险价值',
    ],
    ranks: ['最差', '第二差'],
    separator: '、',
  },
  ja: {
    given: {
      common: [
        '<company>社の株式のシャープ・レシオはいくらですか。',
        '<company>社の株式は変動率1単位当たりどれだけの超過収益を上げましたか。',
      ],
      heldout: ['<company>社の株式について、超過収益率と変動率の比を計算してください。'],
    },
    measured: {
      common: [
        'これらの年の標本標準偏差を用いると、<company>社の株式のシャープ・レシオはいくらですか。',
        '各年の収益率と標本標準偏差から、<company>社の株式のシャープ・レシオを計算してください。',
      ],
      heldout: ['年間収益率の標本標準偏差を求めたうえで、<company>社の株式のシャープ・レシオを答えてください。'],
    },
    atRisk: {
      common: [
        'ヒストリカル法による<company>社の株式の<level>%の1日バリュー・アット・リスクはいくらですか。',
        'これらの日に基づくと、保有する<company>社の株式の<level>%の1日VaRはいくらの損失ですか。',
      ],
      heldout: ['過去の日次収益率から、<company>社の株式ポジションの<level>%VaR（1日）を求めてください。'],
    },
    steps: { excess: '超過収益率', mean: '平均', squares: '偏差平方和', ratio: 'シャープ・レシオ' },
    givenContexts: [
      '<year>年までの<company>の株式の平均年間収益率は<mean>%、変動率は<volatility>%だった。無リスク金利は<riskless>%である',
      '<year>年までに<company>の株式は年平均<mean>%の収益を上げ、標準偏差は<volatility>%、無リスク金利は<riskless>%だった',
    ],
    measuredContexts: [
      '<year>年までの<count>年間の<company>の株式の収益率は<returns>だった。無リスク金利は<riskless>%である',
      '<year>年までの直近<count>年の<company>の株式の収益率：<returns>。無リスクの預金金利は<riskless>%である',
    ],
    dailyContexts: [
      'あるファンドは<company>の株式を<holding>保有している。<year>年の直近<days>日の日次収益率は<returns>である。<level>%のバリュー・アット・リスクはこのうち<rank>日の損失とする',
      '<company>の株式の保有額は<holding>。<year>年の<days>日間の日次収益率：<returns>。<rank>日の損失を<level>%のバリュー・アット・リスクとする',
    ],
    ranks: ['最も悪い', '2番目に悪い'],
    separator: '、',
  },
};
