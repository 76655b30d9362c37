/** What an analyst thinks of one side of a company, where a note speaks of two. */
import type { Writer } from '../../grammar/writer.ts';
import type { Family } from '../family.ts';
import { wordAnswer } from '../question.ts';
import { worded } from '../wordings.ts';

const stances = ['negative', 'neutral', 'positive'] as const;
type Stance = (typeof stances)[number];

/** Clauses about one side of a company. */
const aspects: Readonly<Record<string, Readonly<Record<Stance, readonly string[]>>>> = {
  debt: {
    positive: ['{is pleased|is impressed} that debt keeps falling', 'finds the debt {easy to carry|pleasantly low}'],
    neutral: ['{notes|mentions} that debt is {what it was|unchanged}', 'has no {strong |}view on the debt'],
    negative: ['{worries|is concerned} about the {heavy|growing} debt', 'finds the debt {too high|hard to carry}'],
  },
  margins: {
    positive: ['{likes|praises} the {wide|rising} margins', 'expects margins to {improve|widen} again'],
    neutral: ['expects margins to stay {where they are|the same}', '{notes|records} margins {as forecast|in line}'],
    negative: ['{dislikes|fears for} the {thin|falling} margins', 'expects margins to {narrow|suffer} further'],
  },
  demand: {
    positive: ['{sees|expects} {strong|lively} demand', 'is {confident|optimistic} about demand'],
    neutral: ['{sees|expects} demand {unchanged|as usual}', 'takes demand to be {average|in line}'],
    negative: ['{sees|expects} {weak|fading} demand', 'is {doubtful|pessimistic} about demand'],
  },
  management: {
    positive: ['{trusts|praises} the management', 'finds the management {able|convincing}'],
    neutral: ['{reports|notes} a management {without changes|as before}', 'does not judge the management'],
    negative: ['{mistrusts|criticises} the management', 'finds the management {slow|unconvincing}'],
  },
};
const names = Object.keys(aspects);

const houses = ['Northgate Research', 'Alder Securities', 'Quay Partners', 'Fennimore Equity', 'Brookline Analysis'];

const wordings = {
  common: [
    'What does the analyst think of the <aspect> of <company>: negative, neutral or positive?',
    'Is the view of the <aspect> of <company> negative, neutral or positive?',
  ],
  heldout: ['Which stance does the note take on the <aspect> of <company>: negative, neutral or positive?'],
} as const;

export const stance: Family = {
  kind: 'stance',
  write({ writer, split, index, company, report }) {
    const gold = stances[index % stances.length];
    const [asked, other] = writer.sample(names, 2);
    const opposite = writer.pick(stances.filter((one) => one !== gold));
    const clauses = writer.sample([clause(writer, asked, gold), clause(writer, other, opposite)], 2);
    const context = writer.say(
      [
        '<house> on <company>, <year>: the {analyst|house} <first>{, but|, and|;} <second>',
        'in its note of <year> on <company>, <house> <first>; {it also|at the same time it} <second>',
      ],
      { house: writer.pick(houses), company: company.name, year: report.year, first: clauses[0], second: clauses[1] },
    );
    const slots = { aspect: asked, company: company.shortName };
    const { text: question, wording } = worded(writer, split, wordings, slots);
    return { context, question, reply: gold, answer: wordAnswer(gold), options: stances, topic: asked, wording };
  },
};

const clause = (writer: Writer, aspect: string, view: Stance): string =>
  writer.vary(writer.pick(aspects[aspect][view]));
