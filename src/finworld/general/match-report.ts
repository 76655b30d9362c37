/** Matches between neighbouring towns. */

import { count } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import type { GeneralScene } from './scene.ts';

const games = [
  {
    name: 'football',
    unit: 'goal',
    low: 0,
    high: 5,
    action: ['a header', 'a long shot', 'a free kick', 'a quick counterattack'],
    field: 'pitch',
  },
  {
    name: 'handball',
    unit: 'goal',
    low: 18,
    high: 35,
    action: ['a throw from the wing', 'a fast break', 'a penalty throw', 'a jump shot'],
    field: 'hall',
  },
  {
    name: 'basketball',
    unit: 'point',
    low: 48,
    high: 98,
    action: ['a throw from the corner', 'two free throws', 'a steal', 'a long pass'],
    field: 'court',
  },
  {
    name: 'hockey',
    unit: 'goal',
    low: 0,
    high: 7,
    action: ['a penalty corner', 'a deflection', 'a sprint along the line', 'a reverse hit'],
    field: 'pitch',
  },
] as const;

export function matchReport(scene: GeneralScene): string {
  const { say, writer, place, neighbours, region } = scene;
  const game = writer.pick(games);
  const rival = neighbours[writer.draw(3)].place;
  const home = writer.between(game.low, game.high);
  let away = writer.between(game.low, game.high);
  if (away === home) away = home + 1;
  const won = home > away;
  const halfHome = Math.round((home * writer.between(30, 60)) / 100);
  const halfAway = Math.round((away * writer.between(30, 60)) / 100);
  const surnames = region.people(place).map((person) => person.name.split(' ')[1]);
  const [captain, scorer, keeper] = writer.sample(surnames, 3);
  const difference = Math.abs(home - away);
  const slots = {
    rival: rival.team,
    rivalTown: rival.name,
    game: game.name,
    home,
    away,
    halfHome,
    halfAway,
    captain,
    scorer,
    keeper,
    field: game.field,
    action: () => writer.fresh<string>(game.action),
    margin: `${count(difference)} ${game.unit}${difference === 1 ? '' : 's'}`,
    total: home + away,
    units: `${game.unit}s`,
    spectators: 50 * writer.between(2, 40),
    high: Math.max(home, away),
    low: Math.min(home, away),
    winner: won ? place.team : rival.team,
    loser: won ? rival.team : place.team,
  };
  return compose([
    writer.vary(
      `{${place.team} against ${rival.team}|${won ? place.team : rival.team} win in ${place.name}|A ${game.name} match in ${place.name}|}`,
    ),
    [
      say(
        [
          "<winner> beat <loser> by <high> to <low> in {a|Saturday's|Sunday's} <game> match {in|at} <town>",
          'the <game> match between <team> and <rival> ended <home> to <away>, {a win for|in favour of} <winner>',
          '{in front of|before} <spectators> spectators, <winner> {won|won their <game> match} <high> to <low> against <loser>',
        ],
        slots,
      ),
      say(
        [
          'the {difference|distance} was <margin>',
          'that {made|was} a {victory|win} by <margin>, with <total> <units> in all',
          '<total> <units> were seen in all, and in the end <margin> {decided|made the difference}',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          '<team> {began|started} {well|nervously|at full speed} and {soon|early} had {the ball|their first chance}',
          '{from the start|in the first minutes}, <rival> {pressed|attacked} and <team> {defended|waited}',
          'the first {minutes|part} belonged to <rival>, whose {passing|running} was {better|quicker}',
        ],
        slots,
      ),
      say(
        [
          '<scorer> {scored|opened the scoring} with <action>',
          'with <action>, <scorer> {gave|won} <team> {new hope|the first success}',
          '{after|following} <action> by <scorer>, the {spectators|crowd} {cheered|sang}',
        ],
        slots,
      ),
      say(
        [
          'at half-time it was <halfHome> to <halfAway>',
          'the first half ended <halfHome> to <halfAway>',
          'after the first half the board showed <halfHome> to <halfAway>',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'after the break {the rain began|the wind turned|the pace rose}, and {both teams|tired legs} {made mistakes|slowed the game}',
          'the second half was {rougher|calmer|more open}',
          '{the coach|the trainer} of <team> {changed|moved} {two players|the defence}, {which helped|but it did not help|and the game became livelier}',
        ],
        slots,
      ),
      say(
        [
          '<keeper> {saved|stopped} {three|several|two} {dangerous|hard} shots',
          '{once|twice} <captain>, the captain, {calmed|gathered} the team',
          '<action> by <captain> {hit the post|missed by a hand|brought the loudest applause}',
        ],
        slots,
      ),
      say(
        won
          ? [
              'in the {last|final} minutes <team> {kept|held} their lead',
              '{nobody|no one} could {stop|hold back} <team> after that',
            ]
          : [
              'in the {last|final} minutes <team> {tried everything|ran out of strength}',
              '{nobody|no one} in the home team found {an answer|a gap}',
            ],
        slots,
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        won
          ? [
              '"{we ran for each other|we stayed calm}, and {it worked|that was enough}," said <captain>',
              '<captain> {praised|thanked} the {young|tireless} {defence|goalkeeper}',
            ]
          : [
              '"{they were quicker|we were a step late}, so {they deserved it|we must train harder}," said <captain>',
              '<captain> {praised|congratulated} the {guests|other side}',
            ],
        slots,
      ),
      say(
        [
          'next {week|Saturday}, <team> {travel|go} to <neighbour>',
          'the return match will be {played|held} in <rivalTown> in <month>',
          'both teams then {ate|sat down to} <dish> together',
        ],
        slots,
      ),
      say(
        [
          'the {field|ground} near <landmark> was {wet|dry and hard|freshly mown}',
          '{children|supporters} waved {scarves|flags}, and a {band|drummer} played',
          '{<spectators> people|a crowd of <spectators>} {stood|watched} {in the cold|in the sunshine} until the end',
        ],
        slots,
      ),
    ],
  ]);
}
