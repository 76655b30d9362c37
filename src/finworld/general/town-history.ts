/** The past of towns. */

import { grouped, ordinal } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import type { GeneralScene } from './scene.ts';

export function townHistory(scene: GeneralScene): string {
  const { say, writer, place, region } = scene;
  const people = region.people(place);
  const events = [1, 2, 3, 4].map(
    (i) => place.founded + 40 + Math.round(((1940 - place.founded) * i) / 5) + writer.draw(30),
  );
  const now = writer.between(1960, 2015);
  const opening = [
    say([
      'the history of <town> {begins|starts} in <founded>, when {monks|shepherds|three families|fishermen} {settled|built huts} {by|beside} the river <river>',
      '<town> was founded in <founded> by {monks|shepherds|settlers from the north}',
      '{nobody knows|it is not known} why the first houses of <town> were built in <founded> {below|so close to} <hill>',
    ]),
    say([
      'the first {settlers|people} {lived on|grew} <crop> and {fish from the river|hunted in the woods}',
      '{they|the settlers} {cleared|cut} the {forest|woods} and planted <crop>',
      'the name is {said|thought} to come from {an old word for water|a family of shepherds|the <tree> that grew there}',
    ]),
    say([
      'for {a long time|two hundred years}, {it remained|the place remained} a {hamlet|cluster of huts}',
      '{slowly|bit by bit}, a village {formed|came into being} around {a well|a chapel}',
      'a {wall|ditch} {protected|surrounded} the {houses|settlement}',
    ]),
  ];
  const middle = [
    say(
      [
        'in <year>, a fire destroyed <houses> houses, {and the people rebuilt them in stone|but nobody was hurt}',
        '{a great fire|a fire} in <year> left only <houses> houses standing',
      ],
      { year: events[0], houses: writer.between(5, 60) },
    ),
    say(
      [
        '<when> {saw|brought} the construction of <aLandmark>',
        'work on <landmark> began in <year> and {took|lasted} <n> years, until <end>',
        '<landmark> was {completed|finished} in <end>, after <n> years of work',
      ],
      { when: `the year ${events[1]}`, year: events[1], n: 4 + (events[1] % 9), end: events[1] + 4 + (events[1] % 9) },
    ),
    say(
      [
        '{at that time|in those years}, <craft> made the town {known|famous} {far and wide|throughout the region}',
        'masters of <craft> {came|moved} to {town|the town} and {opened|set up} workshops',
        '{the|a} {school|guild} for <craft> was {founded|opened} in <year>',
      ],
      { year: events[2] },
    ),
    say(
      [
        'a bridge to the road to <neighbour> was {opened|finished} in <year>',
        'the railway {reached|came to} the town in <year>, and the journey to <neighbour> {became short|took less than an hour}',
        'in <year>, a {school|hospital|library} was {built|opened}',
      ],
      { year: Math.max(events[3], 1850) },
    ),
  ];
  const recent = [
    say(
      [
        '{the best known|the most famous} {citizen|inhabitant} is <name>, a <job> born in <born>',
        '<name>, born in <born>, {worked|lived} here as a <job>',
      ],
      { name: people[2].name, job: people[2].occupation, born: people[2].born },
    ),
    say(
      [
        'in <now>, <count> people lived in <town>; today there are <population>',
        'a count of <now> gave <count> inhabitants, {compared with <population> today|while today there are <population>}',
      ],
      {
        now,
        count: grouped(Math.round((place.population * writer.between(60, 130)) / 100)),
      },
    ),
    say(
      [
        'the <festival>, {first held|which began} in <year>, is now in its <nth> year',
        'since <year>, the people have celebrated the <festival>',
      ],
      { year: now - 30, nth: ordinal(2024 - (now - 30)) },
    ),
    say([
      '{today|now} <town> is a {quiet|lively} place with {two schools|a museum|a small theatre}',
      '{old and new|the past and the present} live side by side: {beside|next to} <landmark> stands a {playground|new school}',
      'who {walks|strolls} {up <hill>|along the river} can still see {traces|remains} of the {first houses|old wall}',
    ]),
  ];
  return compose([
    writer.vary(`{A short history of ${place.name}|${place.name} through the centuries|How ${place.name} began|}`),
    opening,
    middle,
    ...asides(scene, writer.between(1, 2)),
    recent,
  ]);
}
