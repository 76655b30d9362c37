/** Towns, rivers and the past of towns. */

import { grouped, ordinal } from '../grammar/numbers.ts';
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

export function riverCourse(scene: GeneralScene): string {
  const { say, writer, place, neighbours } = scene;
  const length = 60 + writer.draw(340);
  const days = writer.between(3, 9);
  const perDay = Math.round(length / days);
  const tributary = writer.pick([
    'a stony brook',
    'a cold stream from the forest',
    'a small river without a name',
    'a cold spring',
  ]);
  const opening = [
    say(
      [
        'the river <river> rises {in the hills|among {rocks|pines}|in a high moor} and flows for {about |}<length> kilometres {to the sea|into a wide lake}',
        '{about |}<length> kilometres long, the river <river> {begins|starts} in {a mossy spring|a small lake|the snowfields of the north}',
        'the <river> is a river of {about |}<length> kilometres',
      ],
      { length },
    ),
    say([
      '{at first|near its source} it is {narrow|no wider than a cart} and {quick|cold}, and one can {jump|step} across it',
      '{in its first part|up there} the water is {clear|ice cold} and full of {trout|stones}',
      'in {spring|April} it carries {melted snow|cold water} and grows {loud|wide}',
    ]),
    say(
      [
        '{further down|lower down}, <tributary> {joins it|flows into it}',
        'on its way, it takes in <tributary>',
        'where <tributary> {meets|joins} it, the valley {opens|widens}',
      ],
      { tributary },
    ),
  ];
  const towns = [
    say(
      [
        'it passes <town>, then <a>, and {at last|finally} <b>',
        'three places lie on {it|its course}: <town>, <a> and <b>',
        '<town> was built where the {water|river} is {shallow|calm}; <a> and <b> {lie|follow} downstream',
      ],
      { a: neighbours[0].place.name, b: neighbours[1].place.name },
    ),
    say(
      [
        'at <town>, {it is crossed by|the river flows under} {an iron bridge|a bridge with <arches> arches|a ferry}',
        'the people of <town> {fish|swim|wash wool} in it {from May to September|all summer}',
        'below <hill> the river makes a {wide|slow} bend, and <tree> stand along the {shore|water}',
      ],
      { arches: writer.between(3, 9) },
    ),
    say([
      '{herons|swans|ducks} {nest|live} in the reeds, and the <animal> {comes to drink|can be heard at dusk}',
      '<bird> may be seen {near the ferry|by the water}',
      'the reeds {hide|shelter} many animals, among them the <animal>',
    ]),
  ];
  const travel = [
    say(
      [
        'a boat that covers <perDay> kilometres a day needs {about |}<days> days {for the whole river|from the spring to the mouth}',
        '{paddlers|canoeists} who travel <perDay> kilometres a day reach the mouth after {about |}<days> days',
      ],
      { perDay, days },
    ),
    say(
      [
        'floods come {in March|after heavy rain|when the snow melts}, and {old marks|lines} on the {church|mill} show how high the water {rose|stood} in <flood>',
        'in <flood>, a flood {carried away the old mill|reached the doors of the houses}',
        '{in dry summers|in August} the water is so low that {children walk through it|stones appear that nobody has seen for years}',
      ],
      { flood: 1750 + writer.draw(230) },
    ),
    say([
      '{old people say|a legend tells} that {a giant|a blind miller|a white horse} {sleeps under|once crossed} the river {near|above} <town>',
      'a path {follows|runs along} the river from <town> to <neighbour>',
      '{long ago|in former times}, {rafts of timber|flat boats with stones} floated down to <neighbour>',
    ]),
    say([
      'the mouth of the river is {wide and sandy|a maze of islands|hidden by reeds}',
      'near the sea the water {tastes of salt|turns brown and slow}',
      '{in winter|in cold years} the quiet parts {freeze|are covered with ice}, and people skate to <neighbour>',
    ]),
  ];
  return compose([
    writer.vary(`{The river ${place.river}|Along the ${place.river}|From spring to sea|}`),
    opening,
    towns,
    ...asides(scene, writer.between(1, 2)),
    travel,
  ]);
}

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
