/** Stories, conversations and letters. */

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
