/**
 * Tales that grow by a line in every verse and tell everything again, as nursery tales do. Names and numbers are new in
 * each tale and repeated many times, which is how a model learns to look back at what was said.
 */
import { grouped } from '../grammar/numbers.ts';
import { capitalised } from '../grammar/polish.ts';
import { compose } from '../grammar/writer.ts';
import type { GeneralScene } from './scene.ts';

export function cumulativeTale(scene: GeneralScene): string {
  const { writer, phrase, say, place } = scene;
  const thing = phrase(
    [
      'the {house|mill|tower|barn} with <n> {windows|steps|stones} {in <town>|below <hill>}',
      'the {chest|basket|boat} of <owner> with <n> {nuts|pebbles|bells} in it',
      'the {tree|meadow|garden} of <owner>, <n> {paces|steps} from the <river>',
    ],
    { n: grouped(writer.between(12, 4000)), owner: person(scene) },
  );
  const links = writer
    .sample(
      [
        () => `the ${animal(scene)} that ${writer.vary('{slept in|watched|guarded|found|ran around}')}`,
        () => `the ${animal(scene)} that ${writer.vary('{chased|followed|feared|woke}')}`,
        () => `${person(scene)}, who ${writer.vary('{painted|visited|described|looked after}')}`,
        () => `${person(scene)}, who ${writer.vary('{counted|called|remembered|dreamt of}')}`,
        () =>
          `the ${writer.vary('{wind|rain|snow|fog}')} of ${grouped(writer.between(2, 990))} ${writer.vary('{days|hours}')} that ${writer.vary('{hid|surprised|kept away}')}`,
        () => `the child from ${neighbour(scene)} that ${writer.vary('{sang of|waved to|drew}')}`,
      ],
      writer.between(5, 6),
    )
    .map((link) => link());
  const opening = writer.vary('{This is|Here is|Look at}');
  const verses: string[] = [];
  for (let told = thing, i = 0; ; told = `${links[i++]} ${told}`) {
    verses.push(`${opening} ${told}.`);
    if (i === links.length) break;
  }
  return compose([
    writer.vary(`{A tale from ${place.name}|${capitalised(thing)}|What the children of ${place.name} say|}`),
    say([
      '{children|the children} of <town> {tell|know} this tale {by heart|in the evening}, and every verse {says|brings} {everything|all of it} again',
      '<friend>, a teacher, {heard|learnt} this tale in <season>; each line is {longer than|a little longer than} the one before',
      'one {tells|says} it {in one breath|without stopping}, {while <bird> listens|as they do in <town>}, and nobody may {forget|leave out} a line',
    ]),
    verses.join('\n'),
  ]);
}

const person = ({ region, place, writer }: GeneralScene) => writer.fresh(region.people(place)).name;
const animal = ({ place, neighbours, writer }: GeneralScene) =>
  writer.fresh([place, ...neighbours.map((neighbour) => neighbour.place)]).animal.name;
const neighbour = ({ neighbours, writer }: GeneralScene) => writer.fresh(neighbours).place.name;
