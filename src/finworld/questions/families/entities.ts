/** The companies, people and amounts of a piece of news, listed in their order. */
import type { Case, Family } from '../family.ts';
import { inMillions, moneyAnswer } from '../figure.ts';
import { wordAnswer } from '../question.ts';
import { worded } from '../wordings.ts';

const wordings = {
  common: [
    'Which <kind> does the news name? List them in their order, with semicolons between them.',
    'List the <kind> in the news in their order, with semicolons between them.',
  ],
  heldout: ['Write down all <kind> of the news, first to last, and put semicolons between them.'],
} as const;

const stories = [
  '<buyer> {bought|ordered} <goods> worth <price> from <seller>, <chief> said in <year>. <rival> had {offered|bid} <bid>',
  '<chief>, the chief executive of <buyer>, {met|visited} <seller> in <year>. <finance> put the cost of the <goods> at <price>, after <bid> a year before',
  'in <year>, <seller> {delivered|supplied} <goods> to <buyer> for <price>. <finance> {expects|plans} another <bid> next year, and <rival> {waits|is waiting} for its turn',
  '<rival> lost an order of <bid> to <seller>. <buyer> will pay <price> for the <goods>, <chief> and <finance> announced in <year>',
] as const;

const kinds = ['companies', 'people', 'amounts of money'] as const;

export const entities: Family = {
  kind: 'entities',
  write(asked) {
    const { writer, split, report } = asked;
    const cast = castOf(asked);
    const context = writer.say(stories, {
      ...cast.people,
      ...cast.companies,
      ...cast.amounts,
      goods: cast.goods,
      year: report.year,
    });
    const kind = writer.pick(kinds);
    const group = { companies: cast.companies, people: cast.people, 'amounts of money': cast.amounts }[kind];
    const named = Object.values(group)
      .map((name) => ({ name, place: context.indexOf(name) }))
      .filter(({ place }) => place >= 0)
      .sort((a, b) => a.place - b.place);
    const { text: question, wording } = worded(writer, split, wordings, { kind });
    const answer = wordAnswer(named.map(({ name }) => name).join('; '));
    return { context, question, answer, topic: kind, wording };
  },
};

function castOf({ economy, writer, company, report }: Case) {
  const [seller, rival] = [writer.pick(economy.suppliers(company)), writer.pick(economy.competitors(company))];
  const price = inMillions.of(Math.max(1000, Math.round(report.revenue / writer.between(10, 90))));
  const bid = { ...price, units: Math.round((price.units * writer.between(101, 140)) / 100) + 1 };
  return {
    companies: { buyer: company.name, seller: seller.name, rival: rival.name },
    people: { chief: company.chiefExecutive, finance: company.financeChief },
    amounts: { price: moneyAnswer(price, 'million').text, bid: moneyAnswer(bid, 'million').text },
    goods: writer.pick(seller.products),
  };
}
