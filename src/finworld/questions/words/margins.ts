import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

type Level = 'gross' | 'operating' | 'net';

interface MarginWords {
  readonly margins: Readonly<Record<Level, string>>;
  readonly profits: Readonly<Record<Level, string>>;
  /** May use <topic>, <company> and <year>. */
  readonly level: Wordings<string>;
  /** These, and <before>. */
  readonly change: Wordings<string>;
  readonly steps: { readonly margin: string; readonly change: string };
  /** Behind a difference of margins. */
  readonly points: string;
}

export const marginWords: InLanguages<MarginWords> = {
  en: {
    margins: { gross: 'gross margin', operating: 'operating margin', net: 'net margin' },
    profits: { gross: 'Gross profit', operating: 'Operating income', net: 'Net income' },
    level: {
      common: [
        'What was the <topic> of <company> in <year>?',
        'Work out the <topic> of <company> for <year> from revenue and costs.',
      ],
      heldout: ['How many percent of revenue were left as the <topic> of <company> in <year>?'],
    },
    change: {
      common: ['By how many percentage points did the <topic> of <company> change from <before> to <year>?'],
      heldout: ['From <before> to <year>, how far did the <topic> of <company> move, in percentage points?'],
    },
    steps: { margin: 'Margin', change: 'Change' },
    points: ' percentage points',
  },
  zh: {
    margins: { gross: '毛利率', operating: '营业利润率', net: '净利率' },
    profits: { gross: '毛利润', operating: '营业利润', net: '净利润' },
    level: {
      common: ['<company>公司<year>年的<topic>是多少？', '请根据收入和成本费用计算<company>公司<year>年的<topic>。'],
      heldout: ['从表中的收入和各项支出来看，<company>公司<year>年的<topic>有多高？'],
    },
    change: {
      common: [
        '<company>公司的<topic>从<before>年到<year>年变动了多少个百分点？',
        '与<before>年相比，<company>公司<year>年的<topic>变化了几个百分点？',
      ],
      heldout: ['<company>公司<year>年的<topic>减去<before>年的<topic>等于多少个百分点？'],
    },
    steps: { margin: '利润率', change: '变动' },
    points: '个百分点',
  },
  ja: {
    margins: { gross: '売上総利益率', operating: '営業利益率', net: '売上高純利益率' },
    profits: { gross: '売上総利益', operating: '営業利益', net: '当期純利益' },
    level: {
      common: [
        '<company>社の<year>年の<topic>は何％ですか。',
        '売上高と費用から、<company>社の<year>年の<topic>を計算してください。',
      ],
      heldout: ['表の売上高と各費用によると、<company>社の<year>年の<topic>はどのくらいですか。'],
    },
    change: {
      common: [
        '<company>社の<topic>は<before>年から<year>年にかけて何ポイント変化しましたか。',
        '<before>年と比べて、<year>年の<company>社の<topic>は何ポイント動きましたか。',
      ],
      heldout: ['<company>社の<year>年の<topic>から<before>年の<topic>を引くと何ポイントですか。'],
    },
    steps: { margin: '利益率', change: '変化' },
    points: 'ポイント',
  },
};
