/** The company and the year that a question is about. */
import { stream } from '../../random/stream.ts';
import type { Company, Economy } from '../economy/economy.ts';
import type { AnnualReport } from '../economy/statements.ts';
import { Writer } from '../grammar/writer.ts';
import type { Split } from '../split.ts';
import type { QuestionKind } from './question.ts';

export interface Case {
  readonly writer: Writer;
  readonly company: Company;
  readonly report: AnnualReport;
  /** The year before `report`. */
  readonly previous: AnnualReport;
}

/**
 * Goes through all companies of a split in an order of its own, then through them again in another year: no two questions
 * of a kind are about the same statements until every year of every company had its turn.
 */
export function caseOf(economy: Economy, kind: QuestionKind, split: Split, index: number): Case {
  const companies = economy.bySplit[split];
  const order = stream(economy.seed, 'finworld', 'questions', kind, split).permutation(companies.length);
  const company = companies[order[index % companies.length]];
  const reports = economy.reports(company);
  const round = Math.floor(index / companies.length);
  const start = stream(economy.seed, 'finworld', 'questions', 'year', company.index).below(reports.length - 1);
  const at = 1 + ((start + round) % (reports.length - 1));
  const writer = new Writer(stream(economy.seed, 'finworld', 'questions', kind, split, index));
  return { writer, company, report: reports[at], previous: reports[at - 1] };
}
