/** Invented animals and how they live. */

import { count } from '../grammar/numbers.ts';
import { enumeration } from '../grammar/polish.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import type { GeneralScene } from './scene.ts';

const bodies = {
  mammal: {
    cover: 'fur',
    parts: ['short legs', 'round ears', 'a bushy tail', 'strong claws', 'dark eyes', 'long whiskers'],
    home: 'a burrow under roots',
    sound: ['a low whistle', 'a short bark', 'a soft growl'],
  },
  bird: {
    cover: 'plumage',
    parts: ['a curved bill', 'long legs', 'pointed wings', 'a forked tail', 'yellow eyes', 'a small crest'],
    home: 'a nest of grass and feathers',
    sound: ['a clear song of three notes', 'a harsh call', 'a soft trill'],
  },
  fish: {
    cover: 'skin',
    parts: ['a broad tail fin', 'small scales', 'a flat head', 'two short barbels', 'red fins'],
    home: 'a hollow between stones',
    sound: ['a faint click', 'hardly any sound', 'a soft grunt'],
  },
  amphibian: {
    cover: 'skin',
    parts: ['wide feet', 'a flat tail', 'golden eyes', 'a spotted back', 'smooth sides'],
    home: 'a damp hole under a stone',
    sound: ['a deep croak', 'a long trill', 'a bell-like call'],
  },
} as const;

export function animalPortrait(scene: GeneralScene): string {
  const { say, writer, place } = scene;
  const { animal } = place;
  const body = bodies[animal.kind];
  const age = writer.between(3, 18);
  const parts = enumeration(writer.sample(body.parts, 3));
  const appearance = [
    say(
      [
        'the <animal> is a <kind> that lives in <habitat> {near|around} <town>',
        'in <habitat> {near|around} <town> lives the <animal>, a <kind>',
        '{few|not many} people have seen the <animal>, a <kind> of <habitat>, {which is found near <town>|although it lives close to <town>}',
      ],
      { kind: animal.kind, habitat: animal.habitat },
    ),
    say(
      [
        '{a grown animal|an adult} is {about |}<length> centimetres long and has <parts>',
        'it reaches a length of <length> centimetres, with <parts>',
        '<length> centimetres long {from head to tail|when fully grown}, it has <parts>',
      ],
      { length: animal.length, parts },
    ),
    say(
      [
        'its <cover> is {grey in winter and brown in summer|dark above and pale below|{speckled|streaked} like dry leaves|the colour of wet sand}',
        'the <cover> {changes colour|becomes darker} {in autumn|with age}',
        '{males|young animals} {are|look} {darker|paler} than {females|the old ones}',
      ],
      { cover: body.cover },
    ),
  ];
  const habits = [
    say(
      [
        'it feeds on <food>',
        'its food {consists of|is made up of} <food>',
        '{at dusk|early in the morning} it {goes out to look|searches} for <food>',
      ],
      { food: enumeration(animal.food) },
    ),
    say(
      [
        '{it is active at night|it comes out at dusk|it is awake all day} and {rests|sleeps} in <home>',
        'its home is <home>',
        '{by day|in bad weather} it hides in <home>',
      ],
      { home: body.home },
    ),
    say(
      [
        'its voice is <sound>',
        '{in spring|at night} one can hear <sound>',
        'when it is {alarmed|afraid}, it {makes|gives} <sound>',
      ],
      { sound: writer.pick(body.sound) },
    ),
    say([
      '{foxes|hawks|herons|pikes} {hunt it|are its enemies}, {but it is quick|and so it seldom leaves cover}',
      '{it moves slowly|it is shy}, but {it can climb|it swims well|it hears every step}',
      'it {keeps to itself|lives in small groups|lives in pairs} {for most of the year|outside the breeding season}',
    ]),
  ];
  const young = [
    say(
      [
        'in <month> the female {has|raises} <young> young',
        'each year, {usually|mostly} in <month>, <young> young are {born|raised}',
        '{a pair|one pair} {raises|has} {about |}<young> young a year',
      ],
      { young: count(animal.young) },
    ),
    say(
      [
        'after <weeks> weeks they {leave|go out of} <home>',
        'they stay with {the mother|their parents} for <weeks> weeks',
        'at the age of <weeks> weeks they {find their own food|are independent}',
      ],
      { weeks: count(writer.between(3, 12)), home: body.home },
    ),
    say(
      [
        '{a healthy animal|it} can {live for|reach the age of} <age> years',
        '{the oldest|one} {known animal|ringed animal} lived for <age> years',
        'most {live|survive} for fewer than <age> years',
      ],
      { age },
    ),
  ];
  const people = [
    say(
      [
        'the {children|pupils} of <town> {count|look for} it every <season> and {write down|draw} what they see',
        '<person>, a <occupation>, has {watched|studied} it for <n> years',
        'in <town> {people say|they say} that {rain follows|luck comes} when it {is seen|appears} near the houses',
      ],
      { n: writer.between(4, 30) },
    ),
    say([
      'it needs {clean water|old trees|quiet places}, and {these are|such places are} becoming rare',
      '{since|after} {the marsh was drained|many hedges were cut}, there are fewer of them',
      'it is protected, and nobody may {catch|disturb} it',
    ]),
    say([
      'in winter it {sleeps|hides|moves to the valley} {until the snow melts|until <month>}',
      'a {stone figure|small painting} of it {stands|can be seen} near <landmark>',
      '{its tracks|its traces} are easy to {find|recognise} in {snow|wet sand}',
    ]),
  ];
  return compose([
    writer.vary(`{The ${animal.name}|Wild neighbours: the ${animal.name}|An animal of our hills|}`),
    appearance,
    ...writer.sample([habits, young, people], 3),
    ...asides(scene, writer.between(1, 2)),
  ]);
}
