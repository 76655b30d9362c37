/** Small stories: something is lost and found. */

import { count } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, pronouns } from './scene.ts';

const lost = [
  'a silver whistle',
  'the key of the clock tower',
  'a red kite',
  'an old violin',
  'a blue scarf',
  'a map drawn by hand',
  'a lame goose',
  'a box of seeds',
  'a brass lantern',
  'a book of songs',
  'a small white dog',
  'a wooden horse',
];

const places = [
  'in a hollow tree',
  'under the bridge',
  'on the highest shelf of the library',
  'in the reeds',
  'behind the mill wheel',
  'at the bottom of a dry well',
  'in the loft of the school',
  'beneath a pile of leaves',
  'in the nest of a magpie',
  'in a boat that nobody used',
];

const obstacles = [
  'a thick fog',
  'a sudden storm',
  'a locked gate',
  'a deep ditch',
  'a flock of angry geese',
  'the darkness of the wood',
  'a broken footbridge',
  'heavy snow',
];

const helpers = [
  'an old ferryman',
  'a girl with a lantern',
  'a talking jackdaw',
  'the night watchman',
  'a travelling musician',
  'a blind weaver',
  'a shepherd and his dog',
  "the miller's daughter",
];

const lessons = [
  'patience finds more than haste',
  'a small light is enough for a dark path',
  'friends see what we overlook',
  'what is lost is often close by',
  'courage grows with every step',
  'the way matters as much as the end',
  'kind words open gates',
];

export function story(scene: GeneralScene): string {
  const { say, writer, person, friend, place } = scene;
  const hero = person.name.split(' ')[0];
  const mate = friend.name.split(' ')[0] === hero ? friend.name : friend.name.split(' ')[0];
  const { he, his, him } = pronouns(person);
  const [thing] = writer.sample(lost, 1);
  const short = thing.replace(/^(an?|the) /, '');
  const slots = {
    hero,
    mate,
    he,
    his,
    him,
    thing,
    it: `the ${short}`,
    where: writer.pick(places),
    obstacle: writer.pick(obstacles),
    helper: writer.pick(helpers),
    moral: writer.pick(lessons),
    n: count(writer.between(3, 9)),
  };
  return compose([
    writer.vary(`{The ${short}|${hero} and the ${short}|A tale from ${place.name}|}`),
    [
      say(
        [
          'once there lived in <town> {a young|an old} <occupation> called <hero>',
          '<hero>, a <occupation> from <town>, was known for {a good memory|a loud laugh|strange hats|long walks}',
          '{long ago|many years ago}, {when <landmark> was new|before the railway came}, a <occupation> named <hero> lived in <town>',
        ],
        slots,
      ),
      say(
        [
          'one <month> morning <his> greatest treasure, <thing>, was {gone|missing}',
          '{one day|one evening} <he> came home, and <thing>, <his> greatest treasure, had {vanished|disappeared}',
          '{in the week of|shortly before} the <festival>, <his> greatest treasure, <thing>, could not be found',
        ],
        slots,
      ),
      say(
        [
          '<hero> {searched|looked} in every {corner|room}, but {in vain|found nothing}',
          '"{I shall find it|I will bring it back}, even if it takes {all winter|a year}," said <hero>',
          '<his> {neighbours|brothers} {laughed|shook their heads}, {but|yet} <hero> {packed some bread|took a stick} and {went out|set off}',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          '<mate>, {a good|an old} friend, {went along|came too}, {and they walked|and together they walked} {towards|to} <hill>',
          'together with <mate>, <he> {followed|walked along} the river <river> for <n> hours',
          'on the road to <neighbour> <he> met <mate>, who {offered|promised} to help',
        ],
        slots,
      ),
      say(
        [
          '{before long|soon}, <obstacle> {stood in their way|stopped them}',
          'they had {hardly|scarcely} {started|left} when <obstacle> {made them turn back|held them up}',
          '{at the edge of the wood|behind the last house}, <obstacle> {frightened|stopped} them',
        ],
        slots,
      ),
      say(
        [
          '<bird> {seemed to laugh|watched them|showed the way}',
          'the <animal> {ran|slipped} across the path, {and the two followed it|as if it knew the way}',
          '"{let us wait|let us rest} {until the moon rises|a little}," {said|whispered} <mate>',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          'then <helper> {came|appeared}, {listened|smiled} and {said|spoke}: "{Look|Search} where {nobody|no one} {looks|goes}."',
          '<helper> {gave|lent} them {a rope|a candle|a piece of <dish>} and {good advice|a riddle}',
          'at midnight they met <helper>, who {had seen|knew} {everything|more than others}',
        ],
        slots,
      ),
      say(
        [
          '<where>, {they|the two friends} {found|discovered} <it> {at last|after all}',
          'and there, <where>, {lay|was} <it>',
          '{at dawn|when the sun rose}, <mate> {gave a shout|pointed}: <where> they saw <it>',
        ],
        slots,
      ),
      say(
        [
          '<hero> {laughed|wept} {with joy|and danced}, and <mate> {sang|clapped}',
          '{nobody|no one} knew how it had {come|got} there, and {nobody|no one} {wanted to|needed to} know',
          '{it was wet|there was a scratch on it}, but {that did not matter|otherwise nothing was wrong}',
        ],
        slots,
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          'they {walked|went} home {slowly|singing}, and {the whole town|half the town} {came to meet them|was awake}',
          'in <town> {a fire was lit|the bells rang} and there was <dish> for {all|everyone}',
          'at the <festival> the {story|tale} was told {for the first time|again and again}',
        ],
        slots,
      ),
      say(
        [
          'from that day on, <hero> and <mate> were never apart for long',
          'since then {people|the old people} of <town> say that <moral>',
          'and this is why they say that <moral>',
        ],
        slots,
      ),
      say(
        [
          '{the children|children} {still|today} look <where> {when they pass|on the way to school}',
          '<it> {hangs|stands} {today|now} {near|beside} <landmark>',
          '{if it is not true, it is well invented|those who doubt it may go and see}',
        ],
        slots,
      ),
    ],
  ]);
}
