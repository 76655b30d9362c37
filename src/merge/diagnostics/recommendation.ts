/**
 * Whether two task vectors can be added, or the models had better be kept apart and chosen between (routing). Every step is a
 * criterion with its figure and its limit, so that the conclusion can be checked and disagreed with.
 *
 * Two limits are published: zero deltas above 50 % mean that the files do not hold the update, because a step of less than
 * half a unit in the last place rounds to nothing (arithmetic); dropping elements is safe where they stay within about 0.005
 * and breaks near 0.03 (Yu et al. 2024, Language Models are Super Mario, section 4). The others are rules of thumb of ours,
 * marked so: no paper that we know of gives a limit below which weight arithmetic works, and similarity of the parents goes
 * with the success of merging but does not predict it (Ueda et al. 2025, arXiv 2511.02451).
 */
import type { GroupFigures, PairFigures } from './figures.ts';
import type { Finding } from './finding.ts';
import type { DiffedModel, DiffedPair, Group } from './model-diff.ts';

export type Verdict = 'arithmetic' | 'route' | 'cannot tell' | 'impossible';

export interface Criterion {
  readonly name: string;
  readonly measured: string;
  /** What would be found if the two had nothing to do with each other. */
  readonly independent: string;
  /** The limit, in words. */
  readonly limit: string;
  readonly source: string;
  readonly says: 'for' | 'against' | 'open';
}

export interface Recommendation {
  readonly a: string;
  readonly b: string;
  readonly verdict: Verdict;
  /** One sentence, with its numbers. */
  readonly reason: string;
  readonly criteria: readonly Criterion[];
  /** What to mind whatever is done: scales, methods, modules that differ from the rest. */
  readonly advice: readonly string[];
}

/** Magnitude up to which elements of a delta may be dropped. */
export const smallDelta = 0.005;

/** Where dropping them breaks. */
const largeDelta = 0.03;

/** Standard deviations that count as more than chance. */
const surprise = 3;

const ours = 'rule of thumb';

/** @param figures of the matrices inside layers: norms close to 1 would hide how far the rest has moved */
export function ancestryFindings(letters: readonly string[], { models }: GroupFigures): readonly Finding[] {
  return letters.flatMap((model, i): Finding[] => {
    const { relative, norm } = models[i];
    const field = 'distance from the base';
    if (norm === 0)
      return [
        {
          severity: 'caution',
          model,
          field,
          found: '0',
          expected: 'a model that differs from the base',
          fix: 'There is nothing to merge: name a model that was trained on.',
        },
      ];
    if (relative === null || relative < 1) return [];
    return [
      {
        severity: 'impossible',
        model,
        field,
        found: `${round(relative)} times the norm of the base`,
        expected: 'less than 1: models with nothing in common are 1.41 apart where their norms are equal',
        fix: 'Name the model that this one was trained from as the base.',
      },
    ];
  });
}

export interface Evidence {
  readonly pairs: readonly DiffedPair[];
  readonly models: readonly DiffedModel[];
  /** As for `ancestryFindings`. */
  readonly figures: GroupFigures;
  readonly modules: readonly Group[];
  readonly noise: number;
  readonly findings: readonly Finding[];
}

export function recommend(evidence: Evidence): readonly Recommendation[] {
  const { pairs, figures } = evidence;
  return pairs.flatMap((pair, i) => (pair.kind === 'models' ? [judge(pair, i, figures.pairs[i], evidence)] : []));
}

function judge(pair: DiffedPair, index: number, found: PairFigures, evidence: Evidence): Recommendation {
  const { a, b } = pair;
  const blocking = evidence.findings.filter(
    ({ severity, model }) => severity === 'impossible' && (model === a || model === b),
  );
  const criteria = [
    instruments(evidence),
    distance(pair, evidence),
    resolution(pair, evidence),
    power(found),
    direction(found),
    signs(found),
    largestSigns(found),
    leading(found),
  ];
  const [against, open] = (['against', 'open'] as const).map((says) => criteria.filter((one) => one.says === says));
  const verdict =
    blocking.length > 0 ? 'impossible' : against.length > 0 ? 'route' : open.length > 0 ? 'cannot tell' : 'arithmetic';
  return {
    a,
    b,
    verdict,
    reason: reasonFor(verdict, { blocking, against, open, found }),
    criteria,
    advice: advise(pair, index, found, evidence),
  };
}

interface Grounds {
  readonly blocking: readonly Finding[];
  readonly against: readonly Criterion[];
  readonly open: readonly Criterion[];
  readonly found: PairFigures;
}

function reasonFor(verdict: Verdict, { blocking, against, open, found }: Grounds): string {
  const told = (criteria: readonly Criterion[]): string =>
    criteria.map(({ name, measured }) => `${name} ${measured}`).join('; ');
  switch (verdict) {
    case 'impossible':
      return blocking.map(({ model, field, found: what }) => `${model}, ${field}: ${what}`).join('; ');
    case 'route':
      return told(against);
    case 'cannot tell':
      return told(open);
    case 'arithmetic':
      return found.cosine === null
        ? 'they change different tensors'
        : `cosine ${signed(found.cosine)}, weighted sign conflict ${percent(found.weightedConflict)}`;
  }
}

/** Whether the same code sees a likeness that is there, and none where there is none. */
function instruments({ pairs, figures, noise }: Evidence): Criterion {
  const cosineOf = (kind: DiffedPair['kind']): PairFigures =>
    figures.pairs[pairs.findIndex((pair) => pair.kind === kind)];
  const [positive, negative] = [cosineOf('positive control'), cosineOf('negative control')];
  const due = 1 / Math.sqrt(1 + noise ** 2);
  const room = 4 * positive.independentDeviation;
  const works =
    positive.cosine !== null &&
    negative.cosine !== null &&
    // Noise has the size of A in each tensor, not in each element, so that the cosines have some room besides chance.
    Math.abs(positive.cosine - due) < room + 0.01 &&
    Math.abs(negative.cosine) < room + 0.001;
  return {
    name: 'controls',
    measured: `cosine of A with A + noise ${round(positive.cosine)}, with noise ${signed(negative.cosine)}`,
    independent: `${round(due)} and 0`,
    limit: `within ${round(room + 0.01)} and ${round(room + 0.001)}`,
    source: 'arithmetic',
    says: works ? 'for' : 'open',
  };
}

function distance({ a, b }: DiffedPair, { models, figures }: Evidence): Criterion {
  const distances = models.flatMap(({ letter }, i) =>
    letter === a || letter === b ? [figures.models[i].relative ?? 0] : [],
  );
  return {
    name: 'distance from the base',
    measured: distances.map((one) => round(one)).join(' and '),
    independent: 'small beside 1',
    limit: 'below 0.5',
    source: ours,
    says: Math.max(...distances) < 0.5 ? 'for' : 'against',
  };
}

function resolution({ a, b }: DiffedPair, { models, figures }: Evidence): Criterion {
  const zeros = models.flatMap(({ letter }, i) => (letter === a || letter === b ? [figures.models[i].zero ?? 1] : []));
  return {
    name: 'elements that did not change, in tensors that did',
    measured: zeros.map(percent).join(' and '),
    independent: '0 %',
    limit: 'below 50 %: else the files do not hold the update',
    source: 'half a step rounds to nothing',
    says: Math.max(...zeros) < 0.5 ? 'for' : 'open',
  };
}

function power({ signFlipDeviation, nonzero }: PairFigures): Criterion {
  return {
    name: 'deviation of the cosine when rows flip sign at random',
    measured: nonzero === 0 ? 'no element in common' : round(signFlipDeviation),
    independent: 'small beside 0.05',
    limit: `below ${round(0.05 / 2)}: else chance alone reaches the limits`,
    source: ours,
    says: nonzero === 0 || (signFlipDeviation ?? 1) < 0.05 / 2 ? 'for' : 'open',
  };
}

function direction({ cosine, independentDeviation, signFlipScore, nonzero }: PairFigures): Criterion {
  const opposed = cosine !== null && cosine < -0.05;
  return {
    name: 'cosine',
    measured: `${signed(cosine)} (${signed(signFlipScore, 1)} deviations of random signs)`,
    independent: `0 \u00b1 ${scientific(independentDeviation)}`,
    limit: `above \u22120.05, or no more than ${surprise} deviations below 0`,
    source: ours,
    says: nonzero === 0 || !opposed ? 'for' : (signFlipScore ?? 0) < -surprise ? 'against' : 'open',
  };
}

function signs({ weightedConflict, signConflict }: PairFigures): Criterion {
  return {
    name: 'weighted sign conflict',
    measured: `${percent(weightedConflict)} (unweighted ${percent(signConflict)})`,
    independent: '50 %',
    limit: 'at most 55 %',
    source: ours,
    says: (weightedConflict ?? 0) <= 0.55 ? 'for' : 'against',
  };
}

function largestSigns({ top }: PairFigures): Criterion {
  const { conflict, common, share, lift } = top[1];
  const chance = common > 0 ? 0.5 + surprise * (0.5 / Math.sqrt(common)) : 1;
  const limit = Math.max(0.55, chance);
  return {
    name: `sign conflict where both are among their largest ${100 * share} %`,
    measured: `${percent(conflict)} of ${common.toLocaleString('en-US')} elements, ${round(lift, 2)} times as many as by chance`,
    independent: '50 %',
    limit: `at most 55 %, or ${surprise} deviations above 50 %`,
    source: ours,
    says: (conflict ?? 0) <= limit ? 'for' : 'against',
  };
}

function leading({ left, right, leadingCosine }: PairFigures): Criterion {
  const shared = (left?.score ?? 0) > surprise && (right?.score ?? 0) > surprise;
  const side = (name: string, figures: PairFigures['left']): string =>
    `${name} ${round(figures?.overlap ?? null)} (random ${round(figures?.random ?? null)})`;
  return {
    name: 'leading directions',
    measured:
      left && right
        ? `overlap ${side('of outputs', left)}, ${side('of inputs', right)}, cosine there ${signed(leadingCosine)}`
        : 'none in common to compare',
    independent: 'the random overlap, cosine 0',
    limit: `no overlap on both sides by ${surprise} deviations with a cosine below \u22120.1`,
    source: ours,
    says: shared && (leadingCosine ?? 0) < -0.1 ? 'against' : 'for',
  };
}

function advise(pair: DiffedPair, index: number, found: PairFigures, { models, modules }: Evidence): readonly string[] {
  const { a, b } = pair;
  const advice: string[] = [];
  const { normRatio, cosine } = found;
  if (normRatio !== null && (normRatio > 3 || normRatio < 1 / 3)) {
    const [large, small, times] = normRatio > 1 ? [a, b, normRatio] : [b, a, 1 / normRatio];
    advice.push(
      `The task vector of ${large} is ${round(times, 1)} times as long as that of ${small}: it decides the signs of the sum unless ${small} gets more weight.`,
    );
  }
  if (cosine !== null && cosine > 0.2) {
    advice.push(
      `With a cosine of ${signed(cosine)} both carry part of the same change, and their sum has it twice: give them weights that add up to 1, or merge by TIES.`,
    );
  }
  for (const { letter, magnitudes } of models.filter(({ letter: one }) => one === a || one === b)) {
    const most = magnitudes['p99.9'];
    if (most <= smallDelta)
      advice.push(
        `${letter}: 99.9 % of its changes are within ${scientific(most)}, so that DARE may drop most of them.`,
      );
    else
      advice.push(
        `${letter}: changes reach ${scientific(most)} (99.9 %): DARE is ${most < largeDelta ? 'not known to be' : 'known not to be'} safe there.`,
      );
  }
  const odd = modules.filter(({ figures }) => {
    const { cosine: own, weightedConflict } = figures.pairs[index];
    return (
      own !== null && cosine !== null && Math.abs(own - cosine) > 0.15 && (own > 0.2 || (weightedConflict ?? 0) > 0.55)
    );
  });
  if (odd.length > 0) {
    const list = odd.map(({ name, figures }) => `${name} (cosine ${signed(figures.pairs[index].cosine)})`);
    advice.push(`Unlike the rest, and to be merged with weights of their own: ${list.join(', ')}.`);
  }
  return advice;
}

const round = (value: number | null, digits = 3): string => (value === null ? '\u2013' : value.toFixed(digits));

const signed = (value: number | null, digits = 3): string =>
  value === null ? '\u2013' : `${value > 0 ? '+' : ''}${value.toFixed(digits).replace('-', '\u2212')}`;

const percent = (value: number | null): string => (value === null ? '\u2013' : `${(100 * value).toFixed(1)} %`);

const scientific = (value: number): string => Number(value.toPrecision(2)).toString();
