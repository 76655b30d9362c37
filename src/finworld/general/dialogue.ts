/** Conversations between neighbours. */

import { count } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import type { GeneralScene } from './scene.ts';

const plans = [
  'repair the footbridge',
  'paint the boats',
  'prepare the <festival>',
  'collect chestnuts',
  'visit the observatory',
  'rehearse the play',
  'clear the path to the spring',
  'bake for the school',
  'look for mushrooms',
  'mend the roof of the chapel',
];

const worries = [
  'the rain may come back',
  'there are too few hands',
  'the ladder is broken',
  'the paint has dried out',
  'nobody has the key',
  'the path is muddy',
  'the choir has lost its voice',
  'the cart has only three wheels',
];

export function dialogue(scene: GeneralScene): string {
  const { say, writer, person, friend, region, place } = scene;
  const a = person.name.split(' ')[0];
  const b = friend.name.split(' ')[0] === a ? friend.name : friend.name.split(' ')[0];
  const third = region.people(place)[4 + writer.draw(4)].name;
  const plan = writer.pick(plans).replace('<festival>', place.festival);
  const [worry, other] = writer.sample(worries, 2);
  const people = writer.between(3, 12);
  const hour = count(writer.between(6, 11));
  const slots = { a, b, third, plan, worry, other, people: count(people), more: count(people + 2), hour };
  const named = writer.chance(0.5);
  const lines = [
    [
      a,
      say(
        [
          'good morning, <b>; {the sky is <sky> today|what a day it is}',
          'there you are, <b>, I {was looking for you|have news}',
          '{hello|good day}, <b>, {sit down for a moment|come in}',
        ],
        slots,
      ),
    ],
    [
      b,
      say(
        [
          'good morning; I {have just come|come} from {the river|<neighbour>}{ and saw <bird>|}',
          'I {slept badly|was up early}, {because of the wind|for the dog barked all night}',
          '{hello|good day}, <a>; I {smelled|heard of} your <dish>',
        ],
        slots,
      ),
    ],
    [
      a,
      say(
        [
          'we {want to|must} <plan> {before <month>|this week|on Saturday}',
          '{I have been thinking|it seems to me} that we should <plan>',
          'it is time to <plan>, as everybody says',
        ],
        slots,
      ),
    ],
    [
      b,
      say(
        [
          'that is a {good|fine} idea, but <worry>',
          'I {would like that|agree}; {still|only}, <worry>',
          'you {say that|tell me so} every year, and every year <worry>',
        ],
        slots,
      ),
    ],
    [
      a,
      say(
        [
          '{then|in that case} {we ask|let us ask} <third>, who {knows|has seen} worse',
          '<third> {promised|offered} to help, and {so did <people> others|that makes <people> of us}',
          'with <people> people it {can be done|is easy}',
        ],
        slots,
      ),
    ],
    [
      b,
      say(
        [
          '{with|if there are} <people> and the two of us that makes <more>',
          '{my|our} {cousin|neighbour} in <neighbour> has {a ladder|rope|two carts}',
          '{all right|well then}, but remember that <other>',
        ],
        slots,
      ),
    ],
    [
      a,
      say(
        [
          'we begin at <hour>, {near|next to} <landmark>',
          'tell {the others|everyone} to come at <hour>',
          'at <hour>, {and not a minute later|when the bell rings}',
        ],
        slots,
      ),
    ],
    [
      b,
      say(
        [
          'I will {bring|make} <dish> and {a can of tea|warm bread}',
          '{I|we} {can|could} sing {on the way|while we work}',
          'my {sister|brother} says the <animal> was seen there, {so be quiet|so we must be careful}',
        ],
        slots,
      ),
    ],
    [
      a,
      say(
        [
          'that is settled then; {give my regards to|greet} your {mother|family}',
          '{good|splendid}; {until tomorrow|see you there}',
          'thank you, <b>; {it is easier|all is easier} with {friends|help}',
        ],
        slots,
      ),
    ],
  ] as const;
  const turns = lines.map(([speaker, text], i) => {
    if (named) return `${speaker}: ${text}`;
    const spoken = text.replace(/\.$/, '');
    const verb = i === 0 ? 'said' : writer.pick(['said', 'answered', 'replied', 'added', 'went on']);
    return writer.chance(0.7)
      ? `"${spoken}," ${verb} ${speaker}.`
      : `${speaker} ${writer.pick(['nodded', 'smiled', 'looked up', 'thought for a moment', 'put down a basket'])}. "${text}"`;
  });
  return compose([
    writer.vary(`{A conversation in ${place.name}|${a} and ${b}|Two neighbours in ${place.name}|}`),
    [
      say(
        [
          '<a> and <b> met {near <landmark>|by the river <river>|under the <tree>} in <town>',
          '[on a <season> day ~ <a> and <b>, two neighbours in <town>, began to talk]',
          'it was {early|late} in the day when <a> and <b> {met|stopped to talk} in <town>',
        ],
        slots,
      ),
      say(
        [
          'the air {smelled of|was full of the smell of} {hay|rain|<crop>|smoke}',
          '{children|dogs} {ran|played} {around them|in the lane}',
          '{the <festival> was close|<month> was near}, and everyone {was busy|had plans}',
        ],
        slots,
      ),
    ],
    ...turns,
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          '{then|so} they {shook hands|parted}, and {each|both} {went home|went to work}',
          '{two days later|on the day}, {everything was ready|it was done}, {and the people of <town> were glad|with <more> people and much laughter}',
          'and so it was {decided|agreed} to <plan>',
        ],
        slots,
      ),
      say(
        [
          '<person> {told|wrote to} <third> {about it|the same evening}',
          'behind <hill> the {sun went down|clouds gathered}',
          '{from the school|from far away} came {the sound of a bell|singing}',
        ],
        { ...slots, third },
      ),
    ],
  ]);
}
