/** Journeys whose hours, speed and distance agree. */

import { count } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, pronouns } from './scene.ts';

export function journey(scene: GeneralScene): string {
  const { say, writer, neighbours, person } = scene;
  const { he, his } = pronouns(person);
  const target = neighbours[writer.draw(3)];
  const means = writer.pick([
    { by: 'on foot', speed: 4, verb: 'walked' },
    { by: 'by bicycle', speed: 15, verb: 'rode' },
    { by: 'by boat', speed: 8, verb: 'sailed' },
    { by: 'by train', speed: 40, verb: 'travelled' },
    { by: 'on horseback', speed: 10, verb: 'rode' },
    { by: 'by bus', speed: 30, verb: 'travelled' },
  ]);
  const hours = Math.max(1, Math.round(target.kilometres / means.speed));
  const distance = hours * means.speed;
  const start = writer.between(5, 9);
  const end = start + hours;
  const slots = {
    he,
    his,
    target: target.place.name,
    by: means.by,
    verb: means.verb,
    speed: means.speed,
    hours: `${count(hours)} hour${hours === 1 ? '' : 's'}`,
    distance,
    start: clock(start),
    end: clock(end),
    other: target.place.landmark,
    theirFestival: target.place.festival,
  };
  return compose([
    writer.vary(
      `{From ${scene.place.name} to ${target.place.name}|A journey ${means.by}|On the way to ${target.place.name}|}`,
    ),
    [
      say(
        [
          'one <month> morning, <person> left <town> <by> for <target>, <distance> kilometres away',
          '<person>, a <occupation>, {wanted to see|had never seen} <target>, and {so|one day} <he> set out from <town> <by>',
          'in <month>, <person> and <friend> {travelled|went} from <town> to <target> <by>',
        ],
        slots,
      ),
      say(
        [
          'at <speed> kilometres an hour, <distance> kilometres take <hours>',
          'the {way|distance} is <distance> kilometres, which takes <hours> at <speed> kilometres an hour',
          '{there were|they had} <distance> kilometres ahead, or <hours> at <speed> kilometres an hour',
        ],
        slots,
      ),
      say(
        [
          'it was {still dark|cool|already warm} at <start>, when {the journey began|<town> disappeared behind the <tree>}',
          'it was <start>, and the streets were {empty|quiet}',
          'shortly after <start> the last houses {were|lay} behind them',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'the {road|route} {followed|ran along} the river <river> {for an hour|at first} and then {climbed|turned} {towards|to} <hill>',
          '{first|at first} there were fields of <crop>, {then|later} {woods|moors}',
          '{beyond|behind} <hill> the {land|country} became {flat|wild|empty}',
        ],
        slots,
      ),
      say(
        [
          '<bird> {flew up|crossed the sky}',
          'near {a pond|a stream} they saw the <animal>',
          '{on a fence|by the wayside} sat <bird>, {and did not move|as if waiting}',
          'the sky was <sky>, and <flower> {grew|stood} {by the way|in the ditches}',
        ],
        slots,
      ),
      say(
        [
          '{at a farm|under a tree|by a well} {there was a rest|they rested}, with <dish> and {water|cold tea}',
          'halfway, {a shower|a fallen tree|a flock of sheep} {stopped|delayed} them for {a while|some minutes}',
          '{an old man|a girl with a dog|a carter} {showed them the way|told them about the road|gave them some apples}',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'at <end>, <hours> after the start, they {reached|came to} <target>',
          'they {arrived in|reached} <target> at <end>{, tired but {happy|content}|}',
          '<target> {came into view|lay before them} at <end>',
        ],
        slots,
      ),
      say(
        [
          'the first thing they saw was <other>',
          'from afar <other> had {shown|pointed} the way',
          '{beside|near} <other> {a friend|a cousin} was waiting',
        ],
        slots,
      ),
      say(
        [
          'they {stayed|remained} for <n> days and {saw|visited} the <theirFestival>',
          '<he> {drew|described} everything in a {notebook|diary}',
          'in the evening they {listened to music|walked by the water|heard stories} and {slept|rested} {well|soundly}',
        ],
        { ...slots, n: count(writer.between(2, 6)) },
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          '"{the way|a road} is {shorter|longer} when {one sings|it rains}," said <friend>',
          '{back home|on return}, <he> {told|described} {everything|the journey} to <his> {family|pupils}',
          '{ever since|since then}, <he> has {kept|carried} a {pebble|leaf} from <target>',
        ],
        slots,
      ),
      say(
        [
          '{such|these} {journeys|trips} {teach|show} that {small things|clouds, birds and people} are worth seeing',
          'the {way|road} back {seemed|felt} {shorter|easier}, as {often|usual}',
          'next time {they will|they want to} {go by another road|take the path over <hill>}',
        ],
        slots,
      ),
    ],
  ]);
}

/** Hours of the day in words: 13 -> "one in the afternoon". */
function clock(hour: number): string {
  const day = hour % 24;
  const name = count(day % 12 === 0 ? 12 : day % 12);
  if (day === 0) return 'midnight';
  if (day === 12) return 'noon';
  return `${name} in the ${day < 12 ? 'morning' : day < 18 ? 'afternoon' : 'evening'}`;
}
