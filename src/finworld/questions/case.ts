/** The company and the year that a question is about. */
import { stream } from '../../random/stream.ts';
import type { Economy } from '../economy/economy.ts';
import { Writer } from '../grammar/writer.ts';
import type { Split } from '../split.ts';
import type { Case, Family } from './family.ts';

/**
 * Case i of a kind and split. They go through all companies of the split in an order of their own, then through them again
 * in another year: no two questions of a kind are about the same statements until every year of every company had its turn.
 */
export function casesOf(economy: Economy, { kind, hasTwins }: Family, split: Split): (index: number) => Case {
  const companies = economy.bySplit[split];
  const order = stream(economy.seed, 'finworld', 'questions', kind, split).permutation(companies.length);
  return (index) => {
    const place = hasTwins ? Math.floor(index / 2) : index;
    const company = companies[order[place % companies.length]];
    const history = economy.reports(company);
    const round = Math.floor(place / companies.length);
    const start = stream(economy.seed, 'finworld', 'questions', 'year', company.index).below(history.length - 1);
    const at = 1 + ((start + round) % (history.length - 1));
    const writer = new Writer(stream(economy.seed, 'finworld', 'questions', kind, split, place));
    const isTwin = hasTwins === true && index % 2 === 1;
    const [report, previous] = [history[at], history[at - 1]];
    return { economy, split, index, writer, company, history, report, previous, isTwin };
  };
}
