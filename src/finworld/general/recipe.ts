/** Recipes whose amounts and minutes add up. */

import { count } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, pronouns } from './scene.ts';

const bases = [
  {
    dish: 'soup',
    verb: 'simmer',
    main: ['beans', 'leeks', 'potatoes', 'nettles', 'peas', 'carrots', 'pumpkin'],
    extra: ['onions', 'thyme', 'cream', 'bay leaves', 'parsley'],
    minutes: [25, 50],
    serve: 'in deep bowls',
  },
  {
    dish: 'stew',
    verb: 'simmer',
    main: ['mushrooms', 'turnips', 'lentils', 'cabbage', 'river fish'],
    extra: ['garlic', 'juniper berries', 'onions', 'rosemary', 'dried plums'],
    minutes: [40, 90],
    serve: 'with dark bread',
  },
  {
    dish: 'pie',
    verb: 'bake',
    main: ['apples', 'cherries', 'spinach', 'pears', 'plums', 'fish'],
    extra: ['butter', 'nutmeg', 'eggs', 'honey', 'ground almonds'],
    minutes: [35, 55],
    serve: 'while still warm',
  },
  {
    dish: 'bread',
    verb: 'bake',
    main: ['rye flour', 'wheat flour', 'oats', 'barley flour'],
    extra: ['caraway seeds', 'sunflower seeds', 'honey', 'walnuts', 'salt'],
    minutes: [40, 60],
    serve: 'with butter and cress',
  },
  {
    dish: 'cake',
    verb: 'bake',
    main: ['walnuts', 'carrots', 'apples', 'poppy seeds', 'blackberries'],
    extra: ['eggs', 'honey', 'cinnamon', 'butter', 'sour milk'],
    minutes: [30, 55],
    serve: 'in thick slices',
  },
  {
    dish: 'pancakes',
    verb: 'fry',
    main: ['potatoes', 'oats', 'courgettes', 'buckwheat flour'],
    extra: ['eggs', 'milk', 'chives', 'grated apple', 'salt'],
    minutes: [12, 25],
    serve: 'with berries',
  },
  {
    dish: 'dumplings',
    verb: 'boil',
    main: ['plums', 'potatoes', 'curd cheese', 'stale bread'],
    extra: ['eggs', 'semolina', 'nutmeg', 'parsley', 'butter'],
    minutes: [10, 20],
    serve: 'with melted butter',
  },
  {
    dish: 'salad',
    verb: 'chill',
    main: ['beetroot', 'cucumbers', 'white beans', 'radishes', 'barley'],
    extra: ['dill', 'vinegar', 'walnuts', 'mustard seeds', 'sour cream'],
    minutes: [20, 40],
    serve: 'on large plates',
  },
] as const;

export function recipe(scene: GeneralScene): string {
  const { say, writer, person, place } = scene;
  const { he, his } = pronouns(person);
  const base = writer.pick(bases);
  const main = writer.pick(base.main);
  const [first, second, third] = writer.sample<string>(base.extra, 3);
  const preparation = 5 * writer.between(2, 6);
  const cooking = writer.between(base.minutes[0], base.minutes[1]);
  const people = writer.between(2, 8);
  const grams = people * writer.pick([80, 100, 120, 150]);
  const slots = {
    he,
    his,
    main,
    first,
    second,
    third,
    dish: base.dish,
    verb: base.verb,
    serve: base.serve,
    preparation,
    cooking,
    total: preparation + cooking,
    people: count(people),
    grams,
    each: grams / people,
  };
  return compose([
    writer.vary(`{${person.name}'s ${base.dish}|A ${base.dish} from ${place.name}|A recipe from ${place.name}|}`),
    [
      say(
        [
          'this {recipe for|way of making} <dish> with <main> comes from <town>, where {it is eaten|people make it} in <month>',
          '<person>, a <occupation> in <town>, {makes|prepares} this <dish> with <main> {every|each} <month>',
          '{in <town>, |along the river <river>, |}<dish> with <main> is {a dish for cold days|made for guests|a favourite of children}',
        ],
        slots,
      ),
      say(
        [
          'for <people> people one needs <grams> grams of <main>, {which is|or} <each> grams for each, as well as <first>, <second> and <third>',
          'the ingredients for <people> people are <grams> grams of <main>, some <first>, <second> and <third>',
          '<each> grams of <main> for each person make <grams> grams for <people>; the rest is <first>, <second> and <third>',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'first wash the <main> {well|in cold water} and {cut|chop} everything {finely|into small pieces}',
          'begin by {preparing|weighing} the <main> and {setting out|getting ready} all the other things',
          '{first|to begin with}, put the <main> into a {large|wide} bowl and {mix in|add} the <first>',
        ],
        slots,
      ),
      say(
        [
          'then {add|stir in} the <second> {little by little|with a wooden spoon}',
          'after {five|ten} minutes, add the <second>',
          '{mix|stir} until {smooth|everything is even}, and add the <second>',
        ],
        slots,
      ),
      say(
        [
          '{season with|do not forget} the <third>, and {taste|try} {often|before going on}',
          'the <third> {comes|is added} last, {because it loses its scent|or it turns bitter}',
          'some {cooks|families} {leave out|double} the <third>',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'now <verb> {it|everything} for <cooking> minutes',
          '{let it|leave it to} <verb> for <cooking> minutes, {and do not hurry|while the table is set}',
          'it should <verb> for <cooking> minutes',
        ],
        slots,
      ),
      say(
        [
          'the preparation takes <preparation> minutes and the rest <cooking>, so {the whole takes|one should plan} <total> minutes',
          '<preparation> minutes of work and <cooking> minutes of waiting make <total> minutes {in all|altogether}',
          'altogether it {takes|needs} <total> minutes, <preparation> of them for {cutting and mixing|the preparation}',
        ],
        slots,
      ),
      say(
        [
          'serve it <serve>',
          'it is {eaten|served} <serve>, {often outdoors|best among friends}',
          '{in <town>|at home} it is {put on the table|brought to the table} <serve>',
        ],
        slots,
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          '<person> {learned|knows} it from <his> {grandmother|uncle}, who {used|always took} {an iron pot|a clay dish}',
          '<friend> {makes it without|prefers it without} <second>, and the two {argue|joke} about it',
          'at the <festival>, {large pots|plates} of it stand on every table',
        ],
        slots,
      ),
      say(
        [
          'it keeps for <days> days in a {cool|dark} place',
          '{on the next day|a day later} it tastes even better',
          'what is left can be {warmed up|eaten cold} {in the evening|the next morning}',
        ],
        { days: count(writer.between(2, 4)) },
      ),
      say(
        [
          '{beginners|children} can {help|make it} too, {if somebody watches the fire|since nothing can go wrong}',
          'a {pinch|spoon} of salt {at the end|at the start} {makes a difference|is enough}',
          'in {summer|autumn}, {fresh herbs|some <crop>} may be added',
        ],
        slots,
      ),
    ],
  ]);
}
