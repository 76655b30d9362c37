/** Rivers from spring to mouth. */

import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import type { GeneralScene } from './scene.ts';

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
