/** Letters between friends. */

import { count } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, pronouns } from './scene.ts';

export function letter(scene: GeneralScene): string {
  const { say, writer, person, friend, place, neighbours } = scene;
  const to = friend.name.split(' ')[0];
  const from = person.name.split(' ')[0];
  const day = writer.between(1, 28);
  const days = writer.between(2, 20);
  const { he, his } = pronouns(friend);
  const slots = {
    to,
    from,
    he,
    his,
    days: count(days),
    weeks: count(writer.between(2, 9)),
    near: neighbours[0].place.name,
    km: neighbours[0].kilometres,
    job: person.occupation,
  };
  return compose([
    `${place.name}, ${day} ${writer.pick(['March', 'April', 'May', 'June', 'September', 'October'])}`,
    writer.vary(`{Dear ${to},|My dear ${to},|Dear ${friend.name},}`),
    [
      say(
        [
          'thank you for your {letter|parcel}, which {arrived|came} <days> days ago',
          '{at last|today} I find {time|an hour} to {write|answer}',
          'it is <weeks> weeks since {you left|we said goodbye}, and <town> {seems|feels} {empty|quiet} without you',
        ],
        slots,
      ),
      say(
        [
          '{here|in <town>} the sky is <sky>, and {the <tree> are in leaf|the wind never stops}',
          'the river <river> {is high|has risen} after the rain, and {the ferry does not run|we hear it at night}',
          '{this morning|yesterday} <bird> sat on my window sill',
        ],
        slots,
      ),
      say(
        [
          'you {asked|wanted to know} how I am: I {am well|have a cold}, {and busy from morning to night|but it will pass}',
          '{my|the} {work|day} as a <job> {goes on as always|leaves me little rest}',
          'I {think|often think} of our walks {up <hill>|along the river}',
        ],
        slots,
      ),
    ],
    [
      say(
        [
          '{last week|on Sunday} we {walked|went} to <near>, <km> kilometres on foot, and {came back|returned} after dark',
          '{last week|on Sunday} the <festival> took place, and {I danced|the children sang} until {late|midnight}',
          '{your|our} {cousin|old teacher} from <near> visited us and stayed for <days> days',
        ],
        slots,
      ),
      say(
        [
          'near the {pond|old wall} I saw the <animal>, {which I have not seen for years|and nobody believes me}',
          'the {children|pupils} have {planted|painted} <flower> {near|around} <landmark>',
          'somebody has {repaired|painted} <landmark>, and {now it looks new|the old people grumble}',
        ],
        slots,
      ),
      say(
        [
          '{I|we} have learned {to make|how to cook} <dish>, and {it was not bad|half of it was burnt}',
          'the new {teacher|doctor} plays the {flute|cello}, and {every evening|on Fridays} there is music',
          'the master of <craft> has {taken|found} a {young|new} pupil, {a girl of fourteen|a boy from <near>}',
        ],
        slots,
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          'I {am reading|have read} a book about {the sea|birds|the stars}, and {I will send it to you|it made me think of you}',
          '{please|do} {write|tell me} {soon|when you can} {how your garden does|what you see from your window}',
          'if you come in <month>, {we can|let us} {row|swim|pick berries} {together|as we used to}',
        ],
        slots,
      ),
      say(
        [
          'bring {warm shoes|your violin|the map}, for {the evenings are cold|we shall need it}',
          'my {sister|neighbour} {sends|gives} you many greetings',
          '{keep well|take care of yourself}, and {do not work too much|sleep enough}',
        ],
        slots,
      ),
    ],
    writer.vary(`{Yours,|With love,|Your friend,|Warm greetings,}`),
    from,
  ]);
}
