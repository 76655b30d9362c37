/** The companies of one seed, who they are and whom they deal with. Statements are drawn when first asked for. */
import { UsageError } from '../../errors.ts';
import { type RandomStream, stream } from '../../random/stream.ts';
import { companyRoot, NameRegister, personName, placeName } from '../names.ts';
import { type Split, splitOf } from '../split.ts';
import { createMacro, firstYear, type Macro } from './macro.ts';
import type { Sector } from './sector.ts';
import { consumerSectors } from './sectors/consumer.ts';
import { manufacturingSectors } from './sectors/manufacturing.ts';
import { resourcesSectors } from './sectors/resources.ts';
import { servicesSectors } from './sectors/services.ts';
import { type AnnualReport, createStatements, type Temperament } from './statements.ts';

export const sectors: readonly Sector[] = [
  ...resourcesSectors,
  ...manufacturingSectors,
  ...consumerSectors,
  ...servicesSectors,
];

export interface Company {
  readonly index: number;
  /** The distinctive word of the name, unique in this world: "Corvadex". */
  readonly shortName: string;
  /** "Corvadex Foods Group" */
  readonly name: string;
  /** Three or four capital letters, unique in this world. */
  readonly ticker: string;
  readonly sector: Sector;
  readonly headquarters: string;
  readonly founded: number;
  readonly founder: string;
  readonly chiefExecutive: string;
  readonly financeChief: string;
  readonly products: readonly string[];
  readonly split: Split;
  readonly temperament: Temperament;
}

export interface Economy {
  readonly seed: number;
  readonly macro: Macro;
  readonly companies: readonly Company[];
  /** Companies of one split, in order. */
  readonly bySplit: { readonly [S in Split]: readonly Company[] };
  /** Consecutive years from 2011 on. */
  reports(company: Company): readonly AnnualReport[];
  /** Companies of the same sector and split, without the company itself. */
  competitors(company: Company): readonly Company[];
  /** Companies of other sectors and the same split. */
  suppliers(company: Company): readonly Company[];
}

export interface EconomyOptions {
  readonly seed: number;
  /** How many companies; 2,000 unless told, between 100 and 10,000. */
  readonly companies?: number;
}

/** Throws a `UsageError` for a number of companies out of bounds. */
export function createEconomy({ seed, companies: count = 2000 }: EconomyOptions): Economy {
  if (!Number.isInteger(count) || count < 100 || count > 10_000) {
    throw new UsageError({
      field: 'companies',
      found: String(count),
      expected: 'an integer from 100 to 10,000',
      fix: 'Choose a size in this range; 2,000 is the default.',
    });
  }
  const macro = createMacro(seed);
  const companies = createCompanies(seed, count);
  const bySplit = {
    train: companies.filter((company) => company.split === 'train'),
    heldout: companies.filter((company) => company.split === 'heldout'),
  };
  const bySector = new Map<string, Company[]>();
  for (const company of companies) {
    const key = `${company.split}/${company.sector.id}`;
    const group = bySector.get(key) ?? [];
    group.push(company);
    bySector.set(key, group);
  }
  const reports = new Map<number, readonly AnnualReport[]>();
  return {
    seed,
    macro,
    companies,
    bySplit,
    reports(company) {
      let found = reports.get(company.index);
      if (found === undefined) {
        const random = stream(seed, 'finworld', 'statements', company.index);
        found = createStatements(company.sector.economics, company.temperament, macro, random);
        reports.set(company.index, found);
      }
      return found;
    },
    competitors: (company) => {
      const group = bySector.get(`${company.split}/${company.sector.id}`) ?? [];
      const at = group.indexOf(company);
      return [...group.slice(at + 1), ...group.slice(0, at)].slice(0, 4);
    },
    suppliers: (company) => {
      const group = bySplit[company.split];
      const at = group.indexOf(company);
      const others = [7, 19, 31]
        .map((step) => group[(at + step) % group.length])
        .filter((other) => other.sector.id !== company.sector.id);
      // All three may be of one sector.
      return others.length > 0 ? others : group.filter((other) => other.sector.id !== company.sector.id).slice(0, 1);
    },
  };
}

function createCompanies(seed: number, count: number): Company[] {
  const random = stream(seed, 'finworld', 'companies');
  const places = new NameRegister();
  const cities = Array.from({ length: 160 }, () => places.claim(() => placeName(random)));
  const names = new NameRegister();
  const tickers = new NameRegister();
  return Array.from({ length: count }, (_, index): Company => {
    const shortName = names.claim(() => companyRoot(random));
    const sector = sectors[random.below(sectors.length)];
    const designator = sector.designators[random.below(sector.designators.length)];
    const form = ['Group', 'Corporation', 'Holdings', 'Limited', ''][random.below(5)];
    const founder = personName(random);
    const founded = firstYear - 3 - Math.floor(105 * random.float() ** 2);
    const ownerManaged = founded > 1985 && random.float() < 0.4;
    return {
      index,
      shortName,
      name: `${shortName} ${designator} ${form}`.trim(),
      ticker: tickers.claim(() => ticker(shortName, random)),
      sector,
      headquarters: cities[random.below(cities.length)],
      founded,
      founder,
      chiefExecutive: ownerManaged ? founder : personName(random),
      financeChief: personName(random),
      products: shuffled(sector.products, random).slice(0, 3 + random.below(3)),
      split: splitOf(shortName),
      temperament: {
        openingRevenue: Math.round(Math.exp(Math.log(20_000) + random.float() * Math.log(400))),
        extraGrowth: Math.round(250 * random.normal()),
        // One company in twelve is in trouble.
        extraMargin:
          Math.round((200 + sector.economics.grossMargin * 0.04) * random.normal()) -
          (random.below(12) === 0 ? 600 + random.below(900) : 0),
        leverage: Math.round(100 * Math.exp(0.45 * random.normal())),
        paysDividend: random.float() < 0.7,
        segmentNames: shuffled(sector.segments, random).slice(0, 2 + random.below(3)),
      },
    };
  });
}

/** The first letter and two or three of the others, in order. */
function ticker(name: string, random: RandomStream): string {
  const letters = [...name.slice(1).toUpperCase()];
  const length = 2 + random.below(2);
  const kept = shuffled(
    letters.map((_, i) => i),
    random,
  )
    .slice(0, length)
    .sort((a, b) => a - b)
    .map((i) => letters[i]);
  return name[0] + kept.join('');
}

function shuffled<T>(items: readonly T[], random: RandomStream): T[] {
  return [...random.permutation(items.length)].map((i) => items[i]);
}
