import type { InLanguages } from '../in-languages.ts';
import type { Wordings } from '../wordings.ts';

interface BondWords {
  /** May use <company> and <yield>. */
  readonly price: Wordings<string>;
  /** These may use <company> and <price>. */
  readonly toMaturity: Wordings<string>;
  readonly current: Wordings<string>;
  readonly steps: Readonly<Record<'coupon' | 'price' | 'toMaturity' | 'current', string>>;
  /** May use <company>, <year>, <face>, <rate> and <years>. */
  readonly contexts: readonly string[];
}

export const bondWords: InLanguages<BondWords> = {
  en: {
    price: {
      common: [
        'What is the price of the bond of <company> at a yield of <yield>%?',
        'At a yield of <yield>%, what should the bond of <company> cost?',
      ],
      heldout: ['The market asks for a yield of <yield>%. How much is the bond of <company> worth?'],
    },
    toMaturity: {
      common: [
        'The bond of <company> costs <price>. What is its yield to maturity?',
        'At a price of <price>, what does the bond of <company> yield to maturity?',
      ],
      heldout: ['Which yield to maturity does a price of <price> mean for the bond of <company>?'],
    },
    current: {
      common: ['The bond of <company> costs <price>. What is its current yield, the coupon over the price?'],
      heldout: ['Of <price> paid for the bond of <company>, how many percent come back as a coupon each year?'],
    },
    steps: { coupon: 'Coupon', price: 'Price', toMaturity: 'Yield to maturity', current: 'Current yield' },
    contexts: [
      '<company> has {issued|sold} a bond of <year> with a face value of <face> and a coupon of <rate>%, paid once a year. It {matures|is repaid} in <years> years',
      'a bond of <company> from <year> pays <rate>% of its face value of <face> every year and is repaid {in full |}after <years> years',
    ],
  },
  zh: {
    price: {
      common: [
        '到期收益率为<yield>%时，<company>公司债券的价格是多少？',
        '若市场收益率为<yield>%，<company>公司这只债券应当值多少钱？',
      ],
      heldout: ['投资者要求<yield>%的收益率，请计算<company>公司债券的理论价格。'],
    },
    toMaturity: {
      common: [
        '<company>公司债券的价格为<price>，其到期收益率是多少？',
        '以<price>买入<company>公司的债券并持有至到期，年收益率为多少？',
      ],
      heldout: ['<company>公司债券的市价为<price>，请计算YTM。'],
    },
    current: {
      common: [
        '<company>公司债券的价格为<price>，其当期收益率（票息除以价格）是多少？',
        '以<price>买入<company>公司的债券，每年票息与价格之比为百分之几？',
      ],
      heldout: ['<company>公司债券的市价为<price>，一年的利息占市价的百分之多少？'],
    },
    steps: { coupon: '票息', price: '价格', toMaturity: '到期收益率', current: '当期收益率' },
    contexts: [
      '<company>于<year>年{发行|售出}面值<face>的债券，票面利率<rate>%，每年付息一次，<years>年后到期还本',
      '<company>在<year>年发行的债券面值为<face>，每年按<rate>%付息，<years>年后按面值偿还',
    ],
  },
  ja: {
    price: {
      common: [
        '利回りが<yield>%のとき、<company>社の社債の価格はいくらですか。',
        '市場の利回りを<yield>%とすると、<company>社の社債はいくらになりますか。',
      ],
      heldout: ['投資家が<yield>%の利回りを求める場合の<company>社の社債の理論価格を計算してください。'],
    },
    toMaturity: {
      common: [
        '<company>社の社債の価格は<price>です。最終利回りは何％ですか。',
        '<company>社の社債を<price>で買って満期まで持つと、複利の利回りは年何％ですか。',
      ],
      heldout: ['<company>社の社債が<price>で取引されています。満期利回りを求めてください。'],
    },
    current: {
      common: [
        '<company>社の社債の価格は<price>です。直接利回り（利息÷価格）は何％ですか。',
        '<company>社の社債を<price>で買うと、毎年の利息は価格の何％ですか。',
      ],
      heldout: ['<price>で取引されている<company>社の社債の直利を求めてください。'],
    },
    steps: { coupon: '利息', price: '価格', toMaturity: '最終利回り', current: '直接利回り' },
    contexts: [
      '<company>は<year>年に額面<face>、表面利率<rate>%の社債を{発行した|売り出した}。利息は年1回支払われ、<years>年後に償還される',
      '<company>の<year>年の社債は額面<face>で、毎年<rate>%の利息を支払い、<years>年後に額面で償還される',
    ],
  },
};
