import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

interface CompoundGrowthWords {
  /** May use <line>, <company>, <first> and <last>. */
  readonly rate: Wordings<string>;
  readonly total: Wordings<string>;
  readonly steps: Readonly<Record<'rate' | 'total', string>>;
}

export const compoundGrowthWords: InLanguages<CompoundGrowthWords> = {
  en: {
    rate: {
      common: [
        'What was the compound annual growth rate of <line> of <company> from <first> to <last>?',
        'At which compound annual rate did <line> of <company> grow from <first> to <last>?',
      ],
      heldout: ['From <first> to <last>, what was the CAGR of <line> of <company>?'],
    },
    total: {
      common: ['By how many percent did <line> of <company> grow in all from <first> to <last>?'],
      heldout: ['What was the total growth in percent of <line> of <company> between <first> and <last>?'],
    },
    steps: { rate: 'A year', total: 'In all' },
  },
  zh: {
    rate: {
      common: [
        '<company>公司<line>从<first>年到<last>年的年复合增长率是多少？',
        '<first>年至<last>年，<company>公司的<line>平均每年以多高的复合增长率增长？',
      ],
      heldout: ['请计算<company>公司<line>在<first>年至<last>年间的CAGR。'],
    },
    total: {
      common: [
        '<company>公司的<line>从<first>年到<last>年一共增长了百分之几？',
        '<first>年到<last>年，<company>公司<line>的累计增长率是多少？',
      ],
      heldout: ['以<first>年为基期，<company>公司<last>年<line>的累计增幅为百分之多少？'],
    },
    steps: { rate: '年复合增长率', total: '累计增长率' },
  },
  ja: {
    rate: {
      common: [
        '<company>社の<line>の<first>年から<last>年までの年平均成長率（CAGR）は何％ですか。',
        '<first>年から<last>年にかけて、<company>社の<line>は複利で年何％成長しましたか。',
      ],
      heldout: ['<company>社の<line>について、<first>年から<last>年までの年複利成長率を計算してください。'],
    },
    total: {
      common: [
        '<company>社の<line>は<first>年から<last>年までに合計で何％増えましたか。',
        '<first>年から<last>年までの<company>社の<line>の累計成長率は何％ですか。',
      ],
      heldout: ['<first>年を基準にすると、<company>社の<last>年の<line>は累計で何％の伸びになりますか。'],
    },
    steps: { rate: '年平均成長率', total: '累計成長率' },
  },
};
