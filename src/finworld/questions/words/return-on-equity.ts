import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

interface ReturnWords {
  /** May use <company> and <year>. */
  readonly direct: Wordings<string>;
  readonly dupont: Wordings<string>;
  readonly assets: Wordings<string>;
  readonly steps: { readonly factors: readonly [string, string, string]; readonly product: string };
}

export const returnWords: InLanguages<ReturnWords> = {
  en: {
    direct: {
      common: [
        'What was the return on equity of <company> in <year>, on equity at year end?',
        'How many percent of its year-end equity did <company> earn in <year>?',
      ],
      heldout: ['Work out the <year> ROE of <company>, on equity at year end.'],
    },
    dupont: {
      common: [
        'Use the DuPont factors to work out the return on equity of <company> in <year>.',
        'What are the net margin, asset turnover and equity multiplier of <company> in <year>, and which return on equity do they give?',
      ],
      heldout: ['Break the <year> return on equity of <company> into its DuPont factors.'],
    },
    assets: {
      common: ['What was the return on assets of <company> in <year>, on assets at year end?'],
      heldout: ['How many percent of its year-end assets did <company> earn in <year>?'],
    },
    steps: { factors: ['Net margin', 'Asset turnover', 'Equity multiplier'], product: 'Return on equity' },
  },
  zh: {
    direct: {
      common: [
        '按年末股东权益计算，<company>公司<year>年的净资产收益率是多少？',
        '<company>公司<year>年的净利润占年末股东权益的百分之几？',
      ],
      heldout: ['请计算<company>公司<year>年的ROE（以年末股东权益为准）。'],
    },
    dupont: {
      common: [
        '请用杜邦分析法计算<company>公司<year>年的净资产收益率。',
        '<company>公司<year>年的净利率、总资产周转率和权益乘数各是多少，由此得出的净资产收益率是多少？',
      ],
      heldout: ['请将<company>公司<year>年的净资产收益率按杜邦公式分解为三个因素。'],
    },
    assets: {
      common: [
        '按年末总资产计算，<company>公司<year>年的总资产收益率是多少？',
        '<company>公司<year>年的净利润占年末总资产的百分之几？',
      ],
      heldout: ['请计算<company>公司<year>年的ROA（以年末总资产为准）。'],
    },
    steps: { factors: ['净利率', '总资产周转率', '权益乘数'], product: '净资产收益率' },
  },
  ja: {
    direct: {
      common: [
        '期末の純資産に対する<company>社の<year>年の自己資本利益率は何％ですか。',
        '<company>社の<year>年の当期純利益は期末純資産の何％ですか。',
      ],
      heldout: ['<company>社の<year>年のROEを期末の純資産に基づいて計算してください。'],
    },
    dupont: {
      common: [
        'デュポン分析によって<company>社の<year>年の自己資本利益率を求めてください。',
        '<company>社の<year>年の売上高純利益率、総資産回転率、財務レバレッジはいくらで、自己資本利益率は何％になりますか。',
      ],
      heldout: ['<company>社の<year>年の自己資本利益率をデュポンの三つの要素に分解してください。'],
    },
    assets: {
      common: [
        '期末の総資産に対する<company>社の<year>年の総資産利益率は何％ですか。',
        '<company>社の<year>年の当期純利益は期末総資産の何％ですか。',
      ],
      heldout: ['<company>社の<year>年のROAを期末の総資産に基づいて計算してください。'],
    },
    steps: { factors: ['売上高純利益率', '総資産回転率', '財務レバレッジ'], product: '自己資本利益率' },
  },
};
