/** Portraits of towns. */

import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import type { GeneralScene } from './scene.ts';

const size = (population: number) => (population < 1500 ? 'village' : population < 12_000 ? 'small town' : 'town');

export function townPortrait(scene: GeneralScene): string {
  const { say, writer, place, neighbours, region } = scene;
  const [near, far] = neighbours;
  const kind = size(place.population);
  const people = region.people(place);
  const arrival = [
    say(
      [
        '<town> is a <kind> on the river <river>, {<height> metres above the sea|at a height of <height> metres}',
        '{on the|beside the|along the} river <river> lies <town>, a <kind> of <population> people',
        'the <kind> of <town> stands {between the river <river> and <hill>|at the foot of <hill>}',
        'travellers who follow the river <river> come to <town>, a <kind> below <hill>',
      ],
      { kind, height: place.height },
    ),
    say([
      '{it has|the town has} {about |}<population> inhabitants and was founded {around the year|in} <founded>',
      '{its|the} {oldest records|first records} {date from|go back to} the year <founded>',
      '{some|about} <population> people live there{, most of them in houses of {grey stone|red brick|dark timber}|}',
    ]),
    say([
      'visitors notice <aLandmark> first{, {which stands near the water|which can be seen from far away|which is older than most houses}|}',
      '{its|the} {best known sight|pride} is <aLandmark>',
      '[on clear days ~ <aLandmark> can be seen from the top of <hill>]',
    ]),
  ];
  const life = [
    say([
      'for {centuries|generations} the people of <town> have been known for <craft>',
      '<craft> {is|remains} the {oldest|most respected} craft in {town|the place}, and {children learn it at school|two workshops still teach it}',
      'the craft of the place is <craft>, {handed down|passed on} from {parents|masters} to {children|pupils}',
    ]),
    say([
      'in the fields around it grow <crop> and, {along the paths|between them}, <flower>',
      'farmers {nearby|in the valley} {grow|raise} <crop>, and every garden has its <flower>',
      '{around the houses|on the slopes} there are rows of <tree> and fields of <crop>',
    ]),
    say([
      'every year in <month>, the <festival> {fills the streets with people|brings everyone together|is held by the river}',
      'the <festival> in <month> is the {high point|happiest day} of the year',
      '[when <month> comes ~ the whole place prepares for the <festival>]',
    ]),
    say([
      '{in the evening|on warm evenings}, {people|neighbours} {sit|meet} under the <tree> and {talk|sing|play cards}',
      '{at weekends|on Saturdays} {children|families} walk up <hill> {to fly kites|to look for berries|to watch the sunset}',
      '{a visitor|a guest} is {soon|quickly} offered <dish>',
    ]),
  ];
  const around = [
    say(
      [
        'the nearest place is <near>, <km> kilometres away; <far> lies <km2> kilometres {in the other direction|further on}',
        '<near> is <km> kilometres {away|from here}, and <far> is <km2> kilometres away, {which makes a difference of <difference> kilometres|so <closer> is the closer of the two}',
        'a road of <km> kilometres {leads|runs} to <near>, another of <km2> kilometres to <far>',
      ],
      {
        near: near.place.name,
        far: far.place.name,
        km: near.kilometres,
        km2: far.kilometres,
        difference: Math.abs(near.kilometres - far.kilometres),
        closer: near.kilometres <= far.kilometres ? near.place.name : far.place.name,
      },
    ),
    say([
      'in the {woods|meadows|hills} {near|around} <town> lives the <animal>, {a shy creature|which children like to look for|rarely seen by day}',
      '{walkers|early risers} may see the <animal>, {which is common here|for the area is famous for it}',
      'the <animal> {appears|is shown} on the {old seal|flag} of the town',
    ]),
    say(
      [
        'among its {sons and daughters|people} was <name>, a <job> born in <born>',
        '<name>, the <job>, was born {here|in <town>} in <born>',
        '{a small museum|a plaque} remembers <name>, a <job> who was born in <born>',
      ],
      { name: people[2].name, job: people[2].occupation, born: people[2].born },
    ),
  ];
  return compose([
    writer.vary(`{${place.name}|A visit to ${place.name}|About ${place.name}|}`),
    arrival,
    ...writer.sample([life, around], 2),
    ...asides(scene, writer.between(1, 2)),
  ]);
}
