/** The invented region of the general world: places of two splits, and the rivers, animals and people that belong to them. */
import { UsageError } from '../../errors.ts';
import { type RandomStream, stream } from '../../random/stream.ts';
import { NameRegister, personName, placeName } from '../names.ts';
import { type Split, splitOf } from '../split.ts';

export interface Person {
  readonly name: string;
  readonly pronoun: 'he' | 'she';
  readonly born: number;
  readonly occupation: string;
  /** People of the present; the others belong to the history of the place. */
  readonly living: boolean;
  readonly place: Place;
}

interface Animal {
  /** "grey tarrow" */
  readonly name: string;
  readonly kind: 'mammal' | 'bird' | 'fish' | 'amphibian';
  /** Centimetres. */
  readonly length: number;
  /** Young in a litter or clutch. */
  readonly young: number;
  readonly habitat: string;
  readonly food: readonly string[];
}

export interface Place {
  readonly index: number;
  readonly name: string;
  readonly split: Split;
  readonly founded: number;
  readonly population: number;
  /** Metres above the sea. */
  readonly height: number;
  readonly river: string;
  readonly hill: string;
  readonly landmark: string;
  readonly craft: string;
  readonly crop: string;
  readonly tree: string;
  readonly festival: string;
  readonly team: string;
  readonly animal: Animal;
}

export interface Neighbour {
  readonly place: Place;
  readonly kilometres: number;
}

export interface Region {
  readonly seed: number;
  readonly places: readonly Place[];
  readonly bySplit: { readonly [S in Split]: readonly Place[] };
  /** Three places of the same split, with their distances by road. */
  neighbours(place: Place): readonly Neighbour[];
  /** Eight people: four of the past, then four of the present. */
  people(place: Place): readonly Person[];
}

const landmarks = [
  'an old stone bridge',
  'a round tower',
  'a wooden windmill',
  'a lighthouse',
  'a long timber hall',
  'a clock tower',
  'a ruined abbey',
  'a covered well',
  'a harbour wall',
  'an observatory',
  'a library with a green roof',
  'a row of painted houses',
  'a glass house full of ferns',
  'a narrow stone stairway',
  'a bell tower',
];
const crafts = [
  'pottery',
  'basket weaving',
  'boat building',
  'clock making',
  'glass blowing',
  'weaving',
  'bell casting',
  'paper making',
  'wood carving',
  'cheese making',
  'bookbinding',
  'saddle making',
  'violin making',
  'candle making',
];
const crops = [
  'barley',
  'apples',
  'cherries',
  'oats',
  'pears',
  'cabbages',
  'hops',
  'potatoes',
  'rye',
  'plums',
  'walnuts',
  'flax',
  'strawberries',
  'beans',
];
const trees = [
  'oaks',
  'lime trees',
  'birches',
  'pines',
  'willows',
  'beeches',
  'chestnuts',
  'alders',
  'elms',
  'rowan trees',
];
const festivals = [
  'lantern festival',
  'kite day',
  'harvest supper',
  'boat race',
  'winter games',
  'singing week',
  'flower parade',
  'bread day',
  'story night',
  'bell festival',
  'apple day',
  'mask parade',
];
const teams = [
  'Rovers',
  'Wanderers',
  'Athletic',
  'United',
  'Harriers',
  'Swifts',
  'Kestrels',
  'Otters',
  'Foxes',
  'Herons',
];
const occupations = [
  'teacher',
  'baker',
  'botanist',
  'carpenter',
  'ferry captain',
  'painter',
  'doctor',
  'gardener',
  'composer',
  'bridge builder',
  'astronomer',
  'weaver',
  'forester',
  'poet',
  'midwife',
  'mapmaker',
  'beekeeper',
  'sculptor',
  'shepherd',
  'librarian',
];
const colours = [
  'grey',
  'spotted',
  'red',
  'silver',
  'brindled',
  'white-tailed',
  'dusky',
  'lesser',
  'greater',
  'marbled',
  'long-eared',
  'banded',
  'golden',
  'black-footed',
  'pale',
  'crested',
];
const creatureStarts = [
  'tar',
  'wim',
  'quol',
  'dap',
  'mur',
  'fen',
  'bril',
  'sket',
  'lod',
  'pim',
  'grel',
  'hob',
  'nil',
  'tuss',
  'marl',
  'cham',
  'vor',
  'ost',
];
const creatureEnds = ['row', 'ling', 'et', 'ock', 'in', 'er', 'el', 'kin', 'ard', 'ow', 'ick', 'on'];
const kinds = ['mammal', 'bird', 'fish', 'amphibian'] as const;
const habitats: { readonly [K in Animal['kind']]: readonly string[] } = {
  mammal: ['dry grassland', 'old forests', 'rocky slopes', 'hedges and fields', 'the edge of streams'],
  bird: ['reed beds', 'high cliffs', 'orchards', 'open moors', 'pine woods'],
  fish: ['clear brooks', 'deep lakes', 'slow rivers', 'cold mountain streams'],
  amphibian: ['shaded ponds', 'wet meadows', 'ditches and pools', 'mossy springs'],
};
const foods: { readonly [K in Animal['kind']]: readonly string[] } = {
  mammal: ['roots', 'beetles', 'berries', 'grass', 'nuts', 'worms', 'mushrooms', 'young shoots'],
  bird: ['seeds', 'insects', 'small fish', 'berries', 'caterpillars', 'snails'],
  fish: ['water fleas', 'larvae', 'algae', 'small shrimps', 'flies'],
  amphibian: ['flies', 'slugs', 'spiders', 'worms', 'mosquito larvae'],
};

export interface RegionOptions {
  readonly seed: number;
  /** How many places; 600 unless told, between 50 and 1,500. */
  readonly places?: number;
}

/** Throws a `UsageError` for a number of places out of bounds. */
export function createRegion({ seed, places: count = 600 }: RegionOptions): Region {
  if (!Number.isInteger(count) || count < 50 || count > 1500) {
    throw new UsageError({
      field: 'places',
      found: String(count),
      expected: 'an integer from 50 to 1,500',
      fix: 'Choose a size in this range; 600 is the default.',
    });
  }
  const random = stream(seed, 'finworld', 'region');
  const names = new NameRegister();
  const animalNames = new NameRegister();
  const claims = Array.from({ length: count }, () => names.claim(() => placeName(random)));
  const rivers = new Map<Split, string[]>();
  for (const split of ['train', 'heldout'] as const) {
    rivers.set(
      split,
      Array.from({ length: 30 }, () => names.claim(() => riverName(random))),
    );
  }
  const places = claims.map((name, index): Place => {
    const split = splitOf(name);
    return {
      index,
      name,
      split,
      founded: 900 + random.below(900),
      population: 100 * Math.round(Math.exp(Math.log(4) + random.float() * Math.log(150))),
      height: 5 + random.below(900),
      river: pick(random, rivers.get(split) ?? []),
      hill: `${names.claim(() => placeName(random))} Hill`,
      landmark: pick(random, landmarks),
      craft: pick(random, crafts),
      crop: pick(random, crops),
      tree: pick(random, trees),
      festival: pick(random, festivals),
      team: `${name} ${pick(random, teams)}`,
      animal: createAnimal(random, animalNames),
    };
  });
  const bySplit = {
    train: places.filter((place) => place.split === 'train'),
    heldout: places.filter((place) => place.split === 'heldout'),
  };
  const people = new Map<number, readonly Person[]>();
  return {
    seed,
    places,
    bySplit,
    neighbours(place) {
      const group = bySplit[place.split];
      const at = group.indexOf(place);
      return [1, 2, 5].map((step) => {
        const other = group[(at + step) % group.length];
        return { place: other, kilometres: 6 + ((place.index * 7 + other.index * 7 + step * 11) % 60) };
      });
    },
    people(place) {
      let found = people.get(place.index);
      if (found === undefined) {
        const own = stream(seed, 'finworld', 'people', place.index);
        found = Array.from({ length: 8 }, (_, i) => createPerson(own, place, i >= 4));
        people.set(place.index, found);
      }
      return found;
    },
  };
}

function pick<T>(random: RandomStream, items: readonly T[]): T {
  return items[random.below(items.length)];
}

function riverName(random: RandomStream): string {
  const start = pick(random, [
    'Al',
    'Bre',
    'Cor',
    'Der',
    'Esk',
    'Fal',
    'Gar',
    'Isk',
    'Lin',
    'Mor',
    'Nev',
    'Or',
    'Sev',
    'Tav',
    'Ul',
    'Wen',
    'Yar',
    'Thur',
  ]);
  return start + pick(random, ['ane', 'den', 'el', 'en', 'er', 'ick', 'ish', 'le', 'low', 'ne', 'ra', 'ter', 'wen']);
}

function createAnimal(random: RandomStream, names: NameRegister): Animal {
  const kind = pick(random, kinds);
  return {
    name: names.claim(() => `${pick(random, colours)} ${pick(random, creatureStarts)}${pick(random, creatureEnds)}`),
    kind,
    length: kind === 'mammal' ? 15 + random.below(70) : kind === 'bird' ? 10 + random.below(50) : 4 + random.below(30),
    young: 2 + random.below(7),
    habitat: pick(random, habitats[kind]),
    food: [...random.permutation(foods[kind].length)].slice(0, 3).map((i) => foods[kind][i]),
  };
}

/** First names that are read as a man's; the others are read as a woman's. */
const male = new Set(
  'Anders Arlo Basil Bruno Cecil Conrad Daniel Elias Emil Felix Georg Hugo Ivo Jasper Julian Leo Magnus Matthias Oscar Otto Quentin Ralph Rufus Samuel Silas Theo Viktor Walter'.split(
    ' ',
  ),
);

function createPerson(random: RandomStream, place: Place, living: boolean): Person {
  const name = personName(random);
  return {
    name,
    pronoun: male.has(name.split(' ')[0]) ? 'he' : 'she',
    born: living ? 1940 + random.below(45) : 1780 + random.below(110),
    living,
    occupation: pick(random, occupations),
    place,
  };
}
