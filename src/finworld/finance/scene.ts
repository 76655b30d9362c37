/** What a finance document is about: a company in one of its years, the writer, and slots that every genre shares. */
import { stream } from '../../random/stream.ts';
import type { Company, Economy } from '../economy/economy.ts';
import type { MacroYear } from '../economy/macro.ts';
import type { AnnualReport } from '../economy/statements.ts';
import { grouped, type NumberStyle, numberStyle } from '../grammar/numbers.ts';
import { enumeration } from '../grammar/polish.ts';
import type { SlotValue } from '../grammar/template.ts';
import { type Say, Writer } from '../grammar/writer.ts';
import type { Split } from '../split.ts';

export interface Scene {
  readonly economy: Economy;
  readonly split: Split;
  readonly writer: Writer;
  readonly style: NumberStyle;
  readonly company: Company;
  readonly reports: readonly AnnualReport[];
  readonly report: AnnualReport;
  /** The year before `report`. */
  readonly previous: AnnualReport;
  readonly macro: MacroYear;
  /** A sentence, or a phrase without capital and full stop, whose templates may use the shared slots. */
  readonly say: Say<SlotName>;
  readonly phrase: Say<SlotName>;
}

type SlotName =
  | 'company'
  | 'short'
  | 'ticker'
  | 'maker'
  | 'industry'
  | 'hq'
  | 'founded'
  | 'founder'
  | 'ceo'
  | 'cfo'
  | 'country'
  | 'bank'
  | 'year'
  | 'lastYear'
  | 'nextYear'
  | 'product'
  | 'products'
  | 'customer'
  | 'customers'
  | 'input'
  | 'inputs'
  | 'site'
  | 'measure'
  | 'tailwind'
  | 'headwind'
  | 'risk'
  | 'trend'
  | 'project'
  | 'competitor'
  | 'competitors'
  | 'supplier'
  | 'employees'
  | 'segments'
  | 'we'
  | 'it'
  | 'our'
  | 'us'
  | 's'
  | 'es'
  | 'has'
  | 'are'
  | 'were'
  | 'do';

type SceneSlots = { readonly [Name in SlotName]: SlotValue };

/** The scene of document `index`: its company, year, style and voice depend on nothing but the arguments. */
export function createScene(economy: Economy, split: Split, index: number): Scene {
  const random = stream(economy.seed, 'finworld', 'finance', split, index);
  const writer = new Writer(random);
  const company = writer.pick(economy.bySplit[split]);
  const reports = economy.reports(company);
  const at = writer.between(1, reports.length - 1);
  const report = reports[at];
  const macro = economy.macro.years.find(({ year }) => year === report.year);
  if (macro === undefined) throw new Error(`the macro path lacks ${report.year}`);
  const style = numberStyle(writer);
  const slots: SceneSlots = { ...companySlots(economy, company, report, writer), ...voice(company, writer) };
  return {
    economy,
    split,
    writer,
    style,
    company,
    reports,
    report,
    previous: reports[at - 1],
    macro,
    ...writer.with(slots),
  };
}

function companySlots(economy: Economy, company: Company, report: AnnualReport, writer: Writer) {
  const { sector } = company;
  const competitors = economy.competitors(company);
  const suppliers = economy.suppliers(company);
  const rival = () => writer.fresh(competitors).shortName;
  return {
    company: company.name,
    short: company.shortName,
    ticker: company.ticker,
    maker: sector.maker,
    industry: sector.industry,
    hq: company.headquarters,
    founded: company.founded,
    founder: company.founder,
    ceo: company.chiefExecutive,
    cfo: company.financeChief,
    country: economy.macro.country,
    bank: economy.macro.bank,
    year: report.year,
    lastYear: report.year - 1,
    nextYear: report.year + 1,
    product: () => writer.fresh(company.products),
    products: () => enumeration(writer.sample(company.products, 3)),
    customer: () => writer.fresh(sector.customers),
    customers: () => enumeration(writer.sample(sector.customers, writer.between(2, 3))),
    input: () => writer.fresh(sector.inputs),
    inputs: () => enumeration(writer.sample(sector.inputs, writer.between(2, 3))),
    site: () => writer.fresh(sector.sites),
    measure: () => writer.fresh(sector.measures),
    tailwind: () => writer.fresh(sector.tailwinds),
    headwind: () => writer.fresh(sector.headwinds),
    risk: () => writer.fresh(sector.risks),
    trend: () => writer.fresh(sector.trends),
    project: () => writer.fresh(sector.projects),
    competitor: rival,
    competitors: () => enumeration(writer.sample(competitors, writer.between(2, 3)).map((other) => other.shortName)),
    supplier: () => writer.fresh(suppliers).name,
    employees: grouped(report.employees),
    segments: () => enumeration(company.temperament.segmentNames),
  };
}

/** Either the first person plural throughout or the third person singular throughout, with the verb endings that agree. */
function voice(company: Company, writer: Writer) {
  if (writer.chance(0.4)) {
    return { we: 'we', it: 'we', our: 'our', us: 'us', s: '', es: '', has: 'have', are: 'are', were: 'were', do: 'do' };
  }
  const we = () => writer.pick(['the company', 'the company', 'the group', company.shortName]);
  const third = { it: 'it', our: 'its', us: 'the company', s: 's', es: 'es', has: 'has', are: 'is', were: 'was' };
  return { we, ...third, do: 'does' };
}
