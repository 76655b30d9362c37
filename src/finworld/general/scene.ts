/** What a general document is about: a place, its people and neighbours, the writer, and shared slots. */
import { stream } from '../../random/stream.ts';
import { grouped } from '../grammar/numbers.ts';
import type { SlotValue } from '../grammar/template.ts';
import { type Say, Writer } from '../grammar/writer.ts';
import type { Split } from '../split.ts';
import type { Neighbour, Person, Place, Region } from './region.ts';

type SlotName =
  | 'town'
  | 'river'
  | 'hill'
  | 'landmark'
  | 'aLandmark'
  | 'craft'
  | 'crop'
  | 'tree'
  | 'festival'
  | 'team'
  | 'animal'
  | 'animals'
  | 'population'
  | 'founded'
  | 'neighbour'
  | 'person'
  | 'firstName'
  | 'occupation'
  | 'friend'
  | 'dish'
  | 'bird'
  | 'sky'
  | 'month'
  | 'season'
  | 'flower';

export interface GeneralScene {
  readonly region: Region;
  readonly writer: Writer;
  readonly place: Place;
  readonly neighbours: readonly Neighbour[];
  /** Two different inhabitants of the present. */
  readonly person: Person;
  readonly friend: Person;
  readonly slots: { readonly [Name in SlotName]: SlotValue };
  readonly say: Say<SlotName>;
  readonly phrase: Say<SlotName>;
}

export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const dishes = [
  'bean soup',
  'apple cake',
  'oat porridge',
  'mushroom stew',
  'cheese bread',
  'plum dumplings',
  'potato pancakes',
  'fish pie',
  'nettle soup',
  'honey biscuits',
];
const birds = [
  'a heron',
  'a blackbird',
  'a flock of starlings',
  'a robin',
  'two swans',
  'an owl',
  'a kingfisher',
  'a lark',
];
const skies = [
  'clear',
  'grey',
  'pale blue',
  'full of small clouds',
  'red in the west',
  'heavy with rain',
  'bright',
  'misty',
];
const flowers = ['poppies', 'daisies', 'foxgloves', 'primroses', 'cornflowers', 'bluebells', 'marigolds', 'violets'];

/** The scene of document `index`: it depends on nothing but the arguments. */
export function createGeneralScene(region: Region, split: Split, index: number): GeneralScene {
  const writer = new Writer(stream(region.seed, 'finworld', 'general', split, index));
  const place = writer.pick(region.bySplit[split]);
  const neighbours = region.neighbours(place);
  const [person, friend] = writer.sample(region.people(place).slice(4), 2);
  const slots: { readonly [Name in SlotName]: SlotValue } = {
    town: place.name,
    river: place.river,
    hill: place.hill,
    landmark: place.landmark.replace(/^an? /, 'the '),
    aLandmark: place.landmark,
    craft: place.craft,
    crop: place.crop,
    tree: place.tree,
    festival: place.festival,
    team: place.team,
    animal: place.animal.name,
    animals: place.animal.kind === 'fish' ? place.animal.name : `${place.animal.name}s`,
    population: grouped(place.population),
    founded: place.founded,
    neighbour: () => writer.fresh(neighbours).place.name,
    person: person.name,
    firstName: person.name.split(' ')[0],
    occupation: person.occupation,
    friend: friend.name,
    dish: () => writer.fresh(dishes),
    bird: () => writer.fresh(birds),
    sky: () => writer.fresh(skies),
    month: () => writer.fresh(months),
    season: () => writer.fresh(['spring', 'summer', 'autumn', 'winter']),
    flower: () => writer.fresh(flowers),
  };
  return { region, writer, place, neighbours, person, friend, slots, ...writer.with(slots) };
}

/** "he", "his", "him" and their feminine forms. */
export function pronouns(person: Person) {
  return person.pronoun === 'he' ? { he: 'he', his: 'his', him: 'him' } : { he: 'she', his: 'her', him: 'her' };
}
