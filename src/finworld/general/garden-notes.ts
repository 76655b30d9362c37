/** Sowing, tending and gathering. */

import { count } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { asides } from './asides.ts';
import { type GeneralScene, months, pronouns } from './scene.ts';

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
