/** Whether a piece of news is good or bad for the holders of a company's shares, or neither. */
import { grouped, numberStyle } from '../../grammar/numbers.ts';
import { polish, sentence } from '../../grammar/polish.ts';
import type { Family } from '../family.ts';
import { wordAnswer } from '../question.ts';
import { worded } from '../wordings.ts';

const labels = ['negative', 'neutral', 'positive'] as const;

/** News whose direction the words in it decide; neutral news has none. */
const news = {
  positive: {
    common: [
      '<short> {lifts|raises|increases} its {dividend|payout}{ by <rate>|} after {a strong|a good|its best} <year>',
      '{profit|net income} at <short> {jumped|climbed|rose} <rate>, {helped by|thanks to} <tailwind>',
      '<company> {beat|exceeded} expectations as <tailwind> {pushed|lifted} revenue {up <rate>|by <rate>}',
      'orders at the <maker> <short> {grew|were up} <rate>, and {management|the company} {raised|lifted} its forecast',
      '<short> {said|reported} that <year> margins {widened|improved} and debt {came down|fell} by <money>',
      '<ceo> of <short> {told analysts|said} that {demand|the market} for <product> was {stronger|better} than {planned|expected} for <year>',
    ],
    heldout: [
      '{analysts raised|two banks lifted} their targets for <short> after revenue {grew|rose} <rate> in <year>',
      '{thanks to|helped by} <tailwind>, the <maker> <company> {improved|lifted} its margins in <year>',
      '<short> {won|took} new orders worth <money> and {raised|increased} its forecast for <year>',
    ],
  },
  negative: {
    common: [
      '<short> {cuts|halves|suspends} its {dividend|payout} after {a weak|a poor|its worst} <year>',
      '{profit|net income} at <short> {fell|dropped|slumped} <rate>, {hurt by|because of} <headwind>',
      '<company> {missed|fell short of} expectations as <headwind> {pushed|dragged} revenue {down <rate>|lower by <rate>}',
      'orders at the <maker> <short> {shrank|were down} <rate>, and {management|the company} {lowered|withdrew} its forecast',
      '<short> {said|warned} that <year> margins {narrowed|worsened} and debt {went up|rose} by <money>',
      '<ceo> of <short> {told analysts|said} that {demand|the market} for <product> was {weaker|worse} than {planned|expected} for <year>',
    ],
    heldout: [
      '{analysts cut|two banks lowered} their targets for <short> after revenue {shrank|fell} <rate> in <year>',
      '{because of|hurt by} <headwind>, the <maker> <company> {narrowed its plans|missed its targets} in <year>',
      '<short> {lost|missed} orders worth <money> and {withdrew|lowered} its forecast for <year>',
    ],
  },
  neutral: {
    common: [
      '<company> will {publish|present} its results for <year> {on Tuesday|next month|at its headquarters in <hq>}',
      '<short>, {a <maker>|the <maker>} founded in <founded>, {had|employed} <employees> people at the end of <year>',
      'the annual meeting of <short> {takes place|will be held} in <hq> {in May|in June|in the spring}, with the accounts for <year> on its agenda',
      '<company> {trades|is listed} under the symbol <ticker> and {closes|will close} its books for <year> on 31 December',
      '<short> {sells|makes} <product> for {customers such as <customer>|<customer>}, as it did before <year>',
      '<cfo> {is|remains} the finance chief of <short>, which {is based|has its seat} in <hq>, in <year> as before',
    ],
    heldout: [
      'the accounts of <short> for <year> {will be published|are presented} in <hq> next month',
      '<company> {is a <maker>|makes <product>} and has been based in <hq> since <founded>, also in <year>',
      '<ceo> and <cfo> will {present|publish} the <year> report of <short> {on Tuesday|in June}',
    ],
  },
} as const;

export const sentiment: Family = {
  kind: 'sentiment',
  write({ writer, split, index, company, report }) {
    const { sector } = company;
    const style = numberStyle(writer);
    // Labels take turns, so that a model that always says the same is right in a third of the cases.
    const label = labels[index % labels.length];
    const slots = {
      short: company.shortName,
      company: company.name,
      ticker: company.ticker,
      maker: sector.maker,
      hq: company.headquarters,
      founded: company.founded,
      ceo: company.chiefExecutive,
      cfo: company.financeChief,
      year: report.year,
      employees: grouped(report.employees),
      rate: style.percent(writer.between(21, 289)),
      money: style.money(Math.max(1000, Math.round(report.revenue / writer.between(12, 40)))),
      product: writer.pick(company.products),
      customer: writer.pick(sector.customers),
      tailwind: writer.pick(sector.tailwinds),
      headwind: writer.pick(sector.headwinds),
    };
    const { text, wording } = worded(writer, split, news[label], slots);
    const context = polish(sentence(text));
    return {
      context,
      question: `Is this news positive, negative or neutral for ${company.shortName}?`,
      prompt: `News: ${context}\nSentiment:`,
      reply: label,
      answer: wordAnswer(label),
      options: labels,
      topic: label,
      wording: `${label}/${wording}`,
    };
  },
};
