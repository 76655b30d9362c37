/**
 * Lists that are read out and read out again. Names nobody has heard and numbers nobody can guess say nothing about each
 * other, so what comes next is known from the first reading only: no other text teaches copying as fast.
 */
import { grouped } from '../grammar/numbers.ts';
import { capitalised } from '../grammar/polish.ts';
import type { Writer } from '../grammar/writer.ts';
import { compose } from '../grammar/writer.ts';
import type { GeneralScene } from './scene.ts';

export function rollCall(scene: GeneralScene): string {
  const { writer, say, place } = scene;
  const length = writer.between(3, writer.chance(0.5) ? 7 : 24);
  const entry = writer.pick(entries);
  const between = writer.pick([', ', '; ', ' and ', '\n', ' - ']);
  const list = Array.from({ length }, () => entry(writer)).join(between);
  const again = writer.pick(['once more', 'again']);
  const opening = say(
    [
      '{the clerk|the porter|the teacher} of <town> reads out the list:',
      'on the board in <town> {stands|one reads}:',
      '<friend> {calls out|writes down}:',
    ],
    { town: place.name },
  ).replace(/\.$/, '');
  const readings = Array.from({ length: writer.between(1, 2) }, () =>
    writer.phrase(['{the crier|a child|the baker} says it <again>:', '<again>, so that all {hear|know} it:'], {
      again,
    }),
  );
  return compose([`${opening}\n${list}.`, ...readings.map((reading) => `${capitalised(reading)}\n${list}.`)]);
}

const syllables = (
  'ba be bi bo bu ca co da de di do du fa fe fi fo ga go ha he hi ho ja jo ka ke ki ko la le li lo lu ma me mi mo mu ' +
  'na ne ni no nu pa pe pi po pu ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we wi wo ya yo za ze zo ' +
  'ber den lin mor ton ham wick stow field bridge ley ford worth gate mar cor hal bex birch ash elm oak thorn win kel'
).split(' ');

const unheard = (writer: Writer): string =>
  capitalised(Array.from({ length: writer.between(2, 3) }, () => writer.pick(syllables)).join(''));

function number(writer: Writer): string {
  const size = writer.pick([100, 1000, 1000, 10_000, 100_000]);
  const whole = grouped(writer.draw(size));
  return writer.chance(0.4) ? `${whole}.${writer.draw(10)}` : whole;
}

const entries: readonly ((writer: Writer) => string)[] = [
  unheard,
  number,
  (writer) => `${unheard(writer)} ${number(writer)}`,
  (writer) => (writer.chance(0.5) ? unheard(writer) : number(writer)),
];
