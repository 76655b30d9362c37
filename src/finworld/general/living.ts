/** Animals, people's lives, gardens. */

import { count, ordinal } from '../grammar/numbers.ts';
import { enumeration } from '../grammar/polish.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, months, pronouns } from './scene.ts';

const bodies = {
  mammal: {
    cover: 'fur',
    parts: ['short legs', 'round ears', 'a bushy tail', 'strong claws', 'dark eyes', 'long whiskers'],
    home: 'a burrow under roots',
    sound: ['a low whistle', 'a short bark', 'a soft growl'],
  },
  bird: {
    cover: 'plumage',
    parts: ['a curved bill', 'long legs', 'pointed wings', 'a forked tail', 'yellow eyes', 'a small crest'],
    home: 'a nest of grass and feathers',
    sound: ['a clear song of three notes', 'a harsh call', 'a soft trill'],
  },
  fish: {
    cover: 'skin',
    parts: ['a broad tail fin', 'small scales', 'a flat head', 'two short barbels', 'red fins'],
    home: 'a hollow between stones',
    sound: ['a faint click', 'hardly any sound', 'a soft grunt'],
  },
  amphibian: {
    cover: 'skin',
    parts: ['wide feet', 'a flat tail', 'golden eyes', 'a spotted back', 'smooth sides'],
    home: 'a damp hole under a stone',
    sound: ['a deep croak', 'a long trill', 'a bell-like call'],
  },
} as const;

export function animalPortrait(scene: GeneralScene): string {
  const { say, writer, place } = scene;
  const { animal } = place;
  const body = bodies[animal.kind];
  const age = writer.between(3, 18);
  const parts = enumeration(writer.sample(body.parts, 3));
  const appearance = [
    say(
      [
        'the <animal> is a <kind> that lives in <habitat> {near|around} <town>',
        'in <habitat> {near|around} <town> lives the <animal>, a <kind>',
        '{few|not many} people have seen the <animal>, a <kind> of <habitat>, {which is found near <town>|although it lives close to <town>}',
      ],
      { kind: animal.kind, habitat: animal.habitat },
    ),
    say(
      [
        '{a grown animal|an adult} is {about |}<length> centimetres long and has <parts>',
        'it reaches a length of <length> centimetres, with <parts>',
        '<length> centimetres long {from head to tail|when fully grown}, it has <parts>',
      ],
      { length: animal.length, parts },
    ),
    say(
      [
        'its <cover> is {grey in winter and brown in summer|dark above and pale below|{speckled|streaked} like dry leaves|the colour of wet sand}',
        'the <cover> {changes colour|becomes darker} {in autumn|with age}',
        '{males|young animals} {are|look} {darker|paler} than {females|the old ones}',
      ],
      { cover: body.cover },
    ),
  ];
  const habits = [
    say(
      [
        'it feeds on <food>',
        'its food {consists of|is made up of} <food>',
        '{at dusk|early in the morning} it {goes out to look|searches} for <food>',
      ],
      { food: enumeration(animal.food) },
    ),
    say(
      [
        '{it is active at night|it comes out at dusk|it is awake all day} and {rests|sleeps} in <home>',
        'its home is <home>',
        '{by day|in bad weather} it hides in <home>',
      ],
      { home: body.home },
    ),
    say(
      [
        'its voice is <sound>',
        '{in spring|at night} one can hear <sound>',
        'when it is {alarmed|afraid}, it {makes|gives} <sound>',
      ],
      { sound: writer.pick(body.sound) },
    ),
    say([
      '{foxes|hawks|herons|pikes} {hunt it|are its enemies}, {but it is quick|and so it seldom leaves cover}',
      '{it moves slowly|it is shy}, but {it can climb|it swims well|it hears every step}',
      'it {keeps to itself|lives in small groups|lives in pairs} {for most of the year|outside the breeding season}',
    ]),
  ];
  const young = [
    say(
      [
        'in <month> the female {has|raises} <young> young',
        'each year, {usually|mostly} in <month>, <young> young are {born|raised}',
        '{a pair|one pair} {raises|has} {about |}<young> young a year',
      ],
      { young: count(animal.young) },
    ),
    say(
      [
        'after <weeks> weeks they {leave|go out of} <home>',
        'they stay with {the mother|their parents} for <weeks> weeks',
        'at the age of <weeks> weeks they {find their own food|are independent}',
      ],
      { weeks: count(writer.between(3, 12)), home: body.home },
    ),
    say(
      [
        '{a healthy animal|it} can {live for|reach the age of} <age> years',
        '{the oldest|one} {known animal|ringed animal} lived for <age> years',
        'most {live|survive} for fewer than <age> years',
      ],
      { age },
    ),
  ];
  const people = [
    say(
      [
        'the {children|pupils} of <town> {count|look for} it every <season> and {write down|draw} what they see',
        '<person>, a <occupation>, has {watched|studied} it for <n> years',
        'in <town> {people say|they say} that {rain follows|luck comes} when it {is seen|appears} near the houses',
      ],
      { n: writer.between(4, 30) },
    ),
    say([
      'it needs {clean water|old trees|quiet places}, and {these are|such places are} becoming rare',
      '{since|after} {the marsh was drained|many hedges were cut}, there are fewer of them',
      'it is protected, and nobody may {catch|disturb} it',
    ]),
    say([
      'in winter it {sleeps|hides|moves to the valley} {until the snow melts|until <month>}',
      'a {stone figure|small painting} of it {stands|can be seen} near <landmark>',
      '{its tracks|its traces} are easy to {find|recognise} in {snow|wet sand}',
    ]),
  ];
  return compose([
    writer.vary(`{The ${animal.name}|Wild neighbours: the ${animal.name}|An animal of our hills|}`),
    appearance,
    ...writer.sample([habits, young, people], 3),
    ...asides(scene, writer.between(1, 2)),
  ]);
}

const works: { readonly [occupation: string]: readonly string[] } = {
  teacher: ['opened an evening school', 'wrote a book of riddles for children'],
  baker: ['baked a loaf two metres long', 'taught baking to orphans'],
  botanist: ['described forty kinds of moss', 'planted a garden of healing herbs'],
  carpenter: ['built the roof of the town hall', 'made tables that are still in use'],
  'ferry captain': ['carried people across the river for decades', 'rescued six people from a flood'],
  painter: ['painted the river in every season', 'decorated the ceiling of the chapel'],
  doctor: ['founded a small hospital', 'visited patients on horseback'],
  gardener: ['laid out a park with a maze', 'raised a new kind of rose'],
  composer: ['wrote songs that children still sing', 'founded a choir'],
  'bridge builder': ['built five bridges', 'invented a stronger kind of arch'],
  astronomer: ['discovered a comet', 'drew a map of the moon'],
  weaver: ['wove a carpet with a map of the valley', 'invented a quieter loom'],
  forester: ['planted a forest of young oaks', 'kept a diary of the weather'],
  poet: ['wrote poems about winter', 'collected old ballads'],
  midwife: ['helped at more than a thousand births', 'trained young nurses'],
  mapmaker: ['measured every path of the region', 'drew the first exact map of the coast'],
  beekeeper: ['kept forty hives', 'wrote a guide to bees'],
  sculptor: ['carved the stone lions at the bridge', 'made a fountain in the shape of a whale'],
  shepherd: ['crossed the mountains every summer', 'trained dogs that became famous'],
  librarian: ['collected nine thousand books', 'read aloud to children every Friday'],
};

export function biography(scene: GeneralScene): string {
  const { writer, place, region } = scene;
  // The friend of childhood belongs to the same age as the person.
  const age = writer.chance(0.5) ? region.people(place).slice(0, 4) : region.people(place).slice(4);
  const [person, friend] = writer.sample(age, 2);
  const { say } = writer.with({
    ...scene.slots,
    person: person.name,
    friend: friend.name,
    occupation: person.occupation,
  });
  const { he, his } = pronouns(person);
  const schoolAge = writer.between(6, 8);
  const leaveAge = writer.between(14, 19);
  const workAge = leaveAge + writer.between(3, 12);
  const lived = workAge + writer.between(25, 45);
  const first = person.name.split(' ')[0];
  const [deed, other] = writer.sample(works[person.occupation], 2);
  const slots = {
    he,
    his,
    first,
    deed,
    other,
    born: person.born,
    left: person.born + leaveAge,
    leaveAge,
    worked: person.born + workAge,
    workAge,
    died: person.born + lived,
    lived,
  };
  const childhood = [
    say(
      [
        '<person> was born in <born> in <town>, {the <nth> of <children> children|as the <nth> of <children> children}',
        '[in <born> ~ <person> was born in <town>]',
        '<person>, a <occupation>, came from <town>, where <he> was born in <born>',
      ],
      { ...slots, ...siblings(writer.between(2, 7), writer) },
    ),
    say(
      [
        '<his> father was a {miller|fisherman|blacksmith|carter} and <his> mother {taught reading|kept bees|sang in the choir}',
        '{the family|<his> family} lived in a {small house|cottage} {near|close to} <landmark>',
        'as a child <he> {loved|liked} {drawing|reading|walking in the woods|the river <river>}',
      ],
      slots,
    ),
    say(
      [
        'at the age of <schoolAge> <he> went to school, {where|and there} <he> met <friend>, who became a {lifelong|close} friend',
        '<he> {started|began} school in <schoolYear>, when <he> was <schoolAge>{, together with <friend>|}',
      ],
      { ...slots, schoolAge, schoolYear: person.born + schoolAge },
    ),
  ];
  const youth = [
    say(
      [
        'in <left>, aged <leaveAge>, <he> left {home|<town>} {to learn|in order to learn} the work of a <occupation> in <neighbour>',
        'when <he> was <leaveAge>, <he> moved to <neighbour>, and there {learned|studied} for <n> years',
      ],
      { ...slots, n: count(workAge - leaveAge) },
    ),
    say(
      [
        '{the first years|those years} were {hard|poor but happy}: <he> {slept in an attic|walked ten kilometres a day|ate mostly <dish>}',
        '{an old master|a patient teacher} {showed|taught} <first> everything',
        '<first> {worked|read} by {candlelight|lamplight} and {slept|rested} little',
      ],
      slots,
    ),
    say(
      [
        'in <worked>, at <workAge>, <he> {returned|came back} to <town> as a <occupation>',
        '<he> {returned to|came back to} <town> in <worked> and {worked|began to work} as a <occupation>',
      ],
      slots,
    ),
  ];
  const career = [
    say(
      [
        '<first> <deed> and, {later|some years later}, <other>',
        '{above all|most of all}, <first> {is remembered because <he>|became known because <he>} <deed>',
        '<he> <deed>; {afterwards|later} <he> <other>',
      ],
      slots,
    ),
    say(
      [
        'people {admired|praised} <his> {patience|humour|steady hand|curiosity}',
        '{neighbours|friends} remembered <his> {loud laugh|kindness|green coat|good stories}',
        '"{work slowly|look twice|begin early} and {finish|sleep} well," <he> {used to say|often said}',
      ],
      slots,
    ),
    say(
      [
        '<he> {married|lived with} {a|the} {teacher|nurse|musician} from <neighbour>, and {they|the couple} had <n> children',
        '<he> never married, but {raised|brought up} <n> {nieces and nephews|orphans}',
        '{with|together with} <friend>, <he> {travelled|walked} {to the coast|through the mountains} <n> times',
      ],
      { ...slots, n: count(writer.between(2, 6)) },
    ),
  ];
  const end = [
    say(
      !person.living
        ? [
            '<person> died in <died> at the age of <lived>',
            '<he> lived to be <lived> and died in <died>',
            '[in <died>, aged <lived> ~ <he> died in <town>]',
          ]
        : [
            '<he> {still lives|lives} in <town> and {works|walks} every day',
            '{today|now} <he> {teaches|helps} young people in <town>',
          ],
      slots,
    ),
    say(
      [
        'a street in <town> {bears|carries} <his> name',
        '{the museum|the school} of <town> {keeps|shows} <his> {notebooks|tools|letters}',
        'at the <festival>, {children|people} {lay|put} <flower> at <his> door',
      ],
      slots,
    ),
    say(
      [
        '<his> {house|workshop} stands {near|not far from} the river <river>',
        '{visitors|guests} {ask for|look for} <his> {house|garden} even today',
        '<first> {is|remains} one of the people of whom <town> {is proud|likes to tell}',
      ],
      slots,
    ),
  ];
  return compose([
    writer.vary(`{${person.name}|The life of ${person.name}|A ${person.occupation} from ${place.name}|}`),
    childhood,
    youth,
    career,
    ...asides(scene, writer.between(1, 2)),
    end,
  ]);
}

function siblings(children: number, writer: GeneralScene['writer']) {
  const nth = writer.between(1, children);
  return {
    nth: nth === children && children > 2 ? 'youngest' : nth === 1 ? 'eldest' : ordinal(nth),
    children: count(children),
  };
}

const plants = [
  { name: 'tomatoes', sow: 2, harvest: 7, depth: 1, space: 50, needs: 'warmth and a stick to climb' },
  { name: 'carrots', sow: 2, harvest: 6, depth: 2, space: 5, needs: 'loose soil without stones' },
  { name: 'peas', sow: 3, harvest: 6, depth: 4, space: 8, needs: 'a net or twigs to hold on to' },
  { name: 'pumpkins', sow: 4, harvest: 9, depth: 3, space: 120, needs: 'a sunny corner and much compost' },
  { name: 'sunflowers', sow: 3, harvest: 8, depth: 3, space: 40, needs: 'full sun' },
  { name: 'lettuce', sow: 2, harvest: 5, depth: 1, space: 25, needs: 'shade at noon' },
  { name: 'radishes', sow: 2, harvest: 4, depth: 1, space: 4, needs: 'even moisture' },
  { name: 'beans', sow: 4, harvest: 7, depth: 4, space: 15, needs: 'tall poles' },
  { name: 'leeks', sow: 1, harvest: 9, depth: 1, space: 15, needs: 'deep soil' },
  { name: 'strawberries', sow: 3, harvest: 5, depth: 2, space: 30, needs: 'a layer of straw' },
] as const;

export function gardenNotes(scene: GeneralScene): string {
  const { say, writer, person } = scene;
  const [plant, companion] = writer.sample(plants, 2);
  const { he, his } = pronouns(person);
  const rows = writer.between(3, 9);
  const each = writer.between(6, 20);
  const slots = {
    he,
    his,
    plant: plant.name,
    other: companion.name,
    sow: months[plant.sow],
    harvest: months[plant.harvest],
    months: count(plant.harvest - plant.sow),
    depth: plant.depth,
    space: plant.space,
    needs: plant.needs,
    rows: count(rows),
    each,
    total: rows * each,
  };
  return compose([
    writer.vary(`{Growing ${plant.name}|Notes from the garden|In the garden: ${plant.name}|}`),
    [
      say(
        [
          'in the garden of <person> in <town>, <plant> are sown in <sow> and gathered in <harvest>, <months> months later',
          '<person>, a <occupation> in <town>, sows <plant> in <sow>; <months> months later, in <harvest>, they are ready',
          '{whoever|anyone who} wants <plant> in <harvest> should sow them in <sow>, says <person> of <town>',
        ],
        slots,
      ),
      say(
        [
          'the seeds {go|are placed} <depth> centimetres deep, with <space> centimetres {between plants|from one to the next}',
          'a depth of <depth> centimetres and a distance of <space> centimetres {are best|suit them well}',
        ],
        slots,
      ),
      say(['<plant> need <needs>', '{what they need most is|they do best with} <needs>'], slots),
    ],
    [
      say(
        [
          '<rows> rows of <each> {seedlings|plants} make <total> in all',
          'this year <he> planted <total> of them, in <rows> rows of <each>',
        ],
        slots,
      ),
      say(
        [
          '{water|rain water} is given {in the evening|early in the day}, {never at noon|and always at the roots}',
          'a {full can|bucket} of water {every second day|twice a week} is enough',
          '{weeds|grass} must be {pulled out|removed} {every week|while they are small}',
        ],
        slots,
      ),
      say(
        [
          '{slugs|snails|caterpillars} {come at night|like young leaves}, so <he> {collects them by hand|puts ash around the bed}',
          '{frost|a late frost} can {kill|harm} the young plants, and so <he> covers them with {straw|old sheets}',
          '{bees|bumblebees} visit the flowers {in June|on warm days}, and without them there would be {no fruit|few fruits}',
        ],
        slots,
      ),
    ],
    ...asides(scene, writer.between(1, 2)),
    [
      say(
        [
          'next to them grow <other>, {which keep the soil moist|because the two go well together}',
          'on the other side stand <other> and <flower>',
          '<he> changes places with <other> every year, so that the soil can rest',
        ],
        slots,
      ),
      say(
        [
          '<his> {grandmother|grandfather|aunt} {taught|showed} {everything|all this} to the {whole family|children}',
          '{an old rule|a saying} in <town> goes: {sow with the moon|plant when the <tree> turn green}, and {harvest with the sun|pick before the first frost}',
          'the soil {near|beside} the river <river> is {dark|sandy|fertile}, {which helps|and easy to dig}',
        ],
        slots,
      ),
      say(
        [
          'in <harvest> <he> {invites|calls} <friend>, and together they {cook|make} <dish>',
          'the first basket {goes|is carried} to <friend> next door',
          'what is left over {goes|is carried} to the {school kitchen|neighbours}',
        ],
        slots,
      ),
      say(
        [
          'in winter the bed {sleeps|rests} under {leaves|straw}',
          'the best seeds are dried and kept in {paper bags|small jars} until {the next spring|<sow>}',
        ],
        slots,
      ),
    ],
  ]);
}
