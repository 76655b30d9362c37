/** Lives of people, past and present, with dates that agree with ages. */

import { count, ordinal } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, pronouns } from './scene.ts';

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
