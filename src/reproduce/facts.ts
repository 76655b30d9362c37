/**
 * A world of facts for models of a few hundred thousand parameters: places, people and companies with the names and features
 * that finworld gave them. A fact is told in several wordings, or asked for in the form of an assistant.
 */
import { createEconomy, createRegion } from '../finworld/index.ts';
import { type RandomStream, stream } from '../random/stream.ts';

interface Fact {
  readonly attribute: string;
  readonly value: string;
}

export interface Subject {
  readonly name: string;
  readonly facts: readonly Fact[];
}

export interface FactWorld {
  readonly places: readonly Subject[];
  readonly people: readonly Subject[];
  readonly companies: readonly Subject[];
}

export interface Question {
  readonly prompt: string;
  readonly answer: string;
}

/** People are founders of other companies than those of the world, and have their features. */
export function createFactWorld(
  seed: number,
  sizes: { readonly places: number; readonly people: number; readonly companies: number },
): FactWorld {
  const places = createRegion({ seed }).bySplit.train.slice(0, sizes.places);
  const wanted = sizes.companies + sizes.people;
  const companies = createEconomy({ seed, companies: 2 * wanted + 100 }).bySplit.train;
  return {
    places: places.map(({ name, craft, crop, tree, festival, landmark }) =>
      subject(name, { craft, crop, tree, festival, landmark: landmark.replace(/^an? /, '') }),
    ),
    people: companies
      .slice(sizes.companies, wanted)
      .map(({ founder, sector, headquarters, products }) =>
        subject(founder, { trade: sector.id, birthplace: headquarters, hobby: products[0] }),
      ),
    companies: companies
      .slice(0, sizes.companies)
      .map(({ shortName, sector, headquarters, products }) =>
        subject(shortName, { industry: sector.id, headquarters, product: products[0] }),
      ),
  };
}

const subject = (name: string, features: Readonly<Record<string, string>>): Subject => ({
  name,
  facts: Object.entries(features).map(([attribute, value]) => ({ attribute, value })),
});

type Wording = (name: string, fact: Fact) => string;

export const statements: readonly Wording[] = [
  (name, { attribute, value }) => `The ${attribute} of ${name} is ${value}.`,
  (name, { attribute, value }) => `${name} has the ${attribute} ${value}.`,
  (name, { attribute, value }) => `For ${name}, the ${attribute} is ${value}.`,
  (name, { attribute, value }) => `As ${attribute}, ${name} has ${value}.`,
  (name, { attribute, value }) => `Who asks for the ${attribute} of ${name} hears of ${value}.`,
];

/** What pretraining text also holds: questions, without the form in which an assistant answers and ends. */
export const talk: readonly Wording[] = [
  ...statements,
  (name, { attribute, value }) => `What is the ${attribute} of ${name}? It is ${value}.`,
  (name, { attribute, value }) => `What is the ${attribute} of ${name}? Perhaps ${value}.`,
];

/** As many texts as asked for, subject after subject, each with all facts in another order and other wordings. */
export function describeAll(
  subjects: readonly Subject[],
  {
    wordings,
    count,
    random,
  }: { readonly wordings: readonly Wording[]; readonly count: number; readonly random: RandomStream },
): string[] {
  return Array.from({ length: count }, (_, i) => {
    const { name, facts } = subjects[i % subjects.length];
    const order = [...random.permutation(facts.length)];
    return order.map((place) => wordings[random.below(wordings.length)](name, facts[place])).join(' ');
  });
}

export const questionsAbout = (subjects: readonly Subject[]): Question[] =>
  subjects.flatMap(({ name, facts }) =>
    facts.map(({ attribute, value }) => ({
      prompt: `Question: What is the ${attribute} of ${name}? Answer:`,
      answer: ` ${value}`,
    })),
  );

/** Every fourth subject is kept from whoever is taught to answer. */
export function divide(subjects: readonly Subject[]): { readonly taught: Subject[]; readonly heldOut: Subject[] } {
  return {
    taught: subjects.filter((_, i) => i % 4 !== 3),
    heldOut: subjects.filter((_, i) => i % 4 === 3),
  };
}

export const randomOf = (seed: number, label: string): RandomStream => stream(seed, 'reproduce', label);
