/**
 * How figures are compared with the year before. Every rate is the exact quotient of the two statement lines, rounded
 * to the digits shown; the verbs are in the past tense because it agrees with any subject.
 */
import { roundedQuotient } from '../grammar/numbers.ts';
import type { Scene } from './scene.ts';

/** Tenths of a percent by which `current` exceeds `previous`; both positive. */
export function growthTenths(current: number, previous: number): number {
  return roundedQuotient(current - previous, previous, 1000);
}

/** A rate of revenue in tenths of a percent. */
export function shareTenths(part: number, whole: number): number {
  return roundedQuotient(part, whole, 1000);
}

const verbs = {
  leapt: '{jumped|surged|climbed sharply|leapt|increased strongly|rose steeply}',
  rose: '{rose|increased|grew|climbed|went up|advanced|moved up}',
  inched: '{edged up|inched up|rose slightly|ticked up|grew marginally}',
  dipped: '{edged down|slipped|fell slightly|eased|dipped}',
  fell: '{fell|decreased|declined|dropped|went down|came down}',
  plunged: '{tumbled|slumped|fell sharply|dropped steeply|contracted}',
} as const;

function verb(tenths: number): string {
  if (tenths >= 150) return verbs.leapt;
  if (tenths >= 20) return verbs.rose;
  if (tenths > 0) return verbs.inched;
  if (tenths > -20) return verbs.dipped;
  return tenths > -150 ? verbs.fell : verbs.plunged;
}

/** How a document calls the period under review and the one before it. */
export interface Period {
  readonly now: string;
  readonly last: string;
}

function yearOf(scene: Scene): Period {
  return { now: String(scene.report.year), last: String(scene.previous.year) };
}

/** A verb phrase for two positive amounts of money: "rose 5.3% to $120.4 million from $114.3 million". */
export function moved(scene: Scene, current: number, previous: number, period = yearOf(scene)): string {
  const tenths = growthTenths(current, previous);
  const { writer, style } = scene;
  const slots = {
    last: period.last,
    verb: writer.vary(verb(tenths)),
    rate: style.percent(Math.abs(tenths)),
    current: style.money(current),
    previous: style.money(previous),
    difference: style.money(Math.abs(current - previous)),
  };
  if (tenths === 0) {
    return scene.phrase(
      [
        '{held steady at|stayed at|remained at} <current>',
        'came in at <current>, {almost the same as|level with} <last>',
      ],
      slots,
    );
  }
  return scene.phrase(
    tenths > 0
      ? [
          '<verb> <rate> to <current>{ from <previous>| from <previous> in <last>| from <previous> a year earlier|}',
          '<verb> by <rate>, from <previous> to <current>',
          '<verb> to <current>, {an increase of <rate> over|<rate> above|<rate> more than} the <previous> {of <last>|recorded a year earlier|reported for <last>}',
          '{came to|amounted to|totalled|reached} <current>, {up <rate>|an increase of <rate>|a gain of <rate>}{ year on year| on the year| on <last>| over the prior year}',
          '<verb> by <difference>, or <rate>, to <current>',
          '{reached|came to|amounted to} <current>, compared with <previous> in <last>, {an increase of|growth of} <rate>',
          '<verb> from <previous> to <current>, {a gain of|an increase of} <rate>',
        ]
      : [
          '<verb> <rate> to <current>{ from <previous>| from <previous> in <last>| from <previous> a year earlier|}',
          '<verb> by <rate>, from <previous> to <current>',
          '<verb> to <current>, {a decrease of <rate> from|<rate> below|<rate> less than} the <previous> {of <last>|recorded a year earlier|reported for <last>}',
          '{came to|amounted to|totalled} <current>, {down <rate>|a decrease of <rate>|a decline of <rate>}{ year on year| on the year| on <last>| from the prior year}',
          '<verb> by <difference>, or <rate>, to <current>',
          '{came to|amounted to} <current>, compared with <previous> in <last>, {a decrease of|a decline of} <rate>',
          '<verb> from <previous> to <current>, a {decline|reduction} of <rate>',
        ],
    slots,
  );
}

/** A whole sentence about a line that may be negative, such as net income. `label` has no article: "net income". */
export function profitSentence(
  scene: Scene,
  label: 'net income' | 'operating income' | 'pre-tax income',
  current: number,
  previous: number,
  period = yearOf(scene),
): string {
  const loss = label === 'net income' ? 'net loss' : label === 'operating income' ? 'operating loss' : 'pre-tax loss';
  const { style } = scene;
  const slots = {
    ...period,
    label,
    loss,
    current: style.money(Math.abs(current)),
    previous: style.money(Math.abs(previous)),
  };
  if (current > 0 && previous > 0) {
    return scene.say(
      [
        '<label> <movement>',
        'in <now>, <label> <movement>',
        'at <short>, <label> <movement>',
        '<label> <movement>, {reflecting|following} <cause>',
      ],
      {
        label,
        now: period.now,
        movement: () => moved(scene, current, previous, period),
        cause: () => scene.phrase(current >= previous ? ['<tailwind>'] : ['<headwind>']),
      },
    );
  }
  if (current <= 0 && previous > 0) {
    return scene.say(
      [
        '<we> recorded a <loss> of <current>, after <label> of <previous> in <last>',
        'the <label> of <previous> earned in <last> turned into a <loss> of <current>{, largely because of <headwind>|}',
        '[after <label> of <previous> a year earlier ~ <we> {made|posted|reported} a <loss> of <current>]',
      ],
      slots,
    );
  }
  if (current > 0) {
    return scene.say(
      [
        '<we> returned to profit, with <label> of <current> after a <loss> of <previous> in <last>',
        'a <loss> of <previous> in <last> gave way to <label> of <current>{, helped by <tailwind>|}',
        '[after a <loss> of <previous> the year before ~ <we> {earned|reported|posted} <label> of <current>]',
      ],
      slots,
    );
  }
  return current >= previous
    ? scene.say(
        [
          'the <loss> narrowed to <current> from <previous> {a year earlier|in <last>}',
          '<we> reduced the <loss> from <previous> to <current>',
        ],
        slots,
      )
    : scene.say(
        [
          'the <loss> widened to <current> from <previous> {a year earlier|in <last>}',
          'the <loss> deepened from <previous> to <current>{, as <headwind> weighed on results|}',
        ],
        slots,
      );
}

/** A sentence about a margin of two years: parts and wholes are statement lines. The part must not be negative. */
export function marginSentence(
  scene: Scene,
  name: 'gross margin' | 'operating margin' | 'net margin',
  [part, whole]: readonly [number, number],
  [previousPart, previousWhole]: readonly [number, number],
): string {
  if (part < 0 || previousPart < 0) {
    return scene.say(
      [
        'the <name> was negative {in at least one of the two years|in one of the years shown}, so a comparison of margins says little',
      ],
      { name },
    );
  }
  const { style } = scene;
  const points = Math.abs(roundedQuotient(part, whole, 10_000) - roundedQuotient(previousPart, previousWhole, 10_000));
  const slots = {
    name,
    profit: { 'gross margin': 'gross profit', 'operating margin': 'operating income', 'net margin': 'net income' }[
      name
    ],
    current: style.percent(shareTenths(part, whole)),
    previous: style.percent(shareTenths(previousPart, previousWhole)),
    points: `${points} basis point${points === 1 ? '' : 's'}`,
  };
  if (shareTenths(part, whole) === shareTenths(previousPart, previousWhole))
    return scene.say(
      [
        'the <name> was {almost |practically |}unchanged at <current>',
        'the <name> stayed {close to|near|at} <current>',
      ],
      slots,
    );
  return part * previousWhole > previousPart * whole
    ? scene.say(
        [
          'the <name> {widened|improved|expanded|rose} {by <points> |}to <current>{ from <previous>|}',
          'the <name> {stood at|came to|was} <current>, {against|compared with|up from} <previous> {a year earlier|in <lastYear>|the year before}',
          '[thanks to <tailwind> ~ the <name> {widened|improved|rose} to <current> from <previous>]',
          'as a share of revenue, <profit> came to <current> after <previous>, which means that the <name> {gained|added} <points>',
        ],
        slots,
      )
    : scene.say(
        [
          'the <name> {narrowed|contracted|shrank|fell} {by <points> |}to <current>{ from <previous>|}',
          'the <name> {stood at|came to|was} <current>, {against|compared with|down from} <previous> {a year earlier|in <lastYear>|the year before}',
          '[because of <headwind> ~ the <name> {narrowed|declined|fell} to <current> from <previous>]',
          'as a share of revenue, <profit> came to <current> after <previous>, which means that the <name> {lost|gave up} <points>',
        ],
        slots,
      );
}
