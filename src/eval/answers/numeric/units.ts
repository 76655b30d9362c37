/** Units behind a number. */

import type { NumberUnit } from './quantity.ts';

const UNITS: readonly (readonly [string, Exclude<NumberUnit, 'none'>])[] = [
  [
    '%{1,3}(?:[ ]?(?:points?(?![A-Za-z])|ポイント|pts?(?![A-Za-z])))?|per[ -]?cents?(?:age)?(?:[ -]points?)?(?![A-Za-z])|[Pp]ercent(?:age)?s?(?:[ -]points?)?(?![A-Za-z])|pct\\.?(?![A-Za-z])|ppts?(?![A-Za-z])|pp(?![A-Za-z])|p\\.p\\.|Prozent(?:punkten?)?(?![A-Za-z])|pour cent|points de pourcentage|por ?cento|por ciento|puntos porcentuales|pontos percentuais|per ?cento|punti percentuali|procent(?:enten|punten)?(?![A-Za-z])|パーセント(?:ポイント)?|ポイント|个?百分点|個?百分點|퍼센트|%p',
    'percent',
  ],
  [
    'bps?(?![A-Za-z])|basis[ -]points?(?![A-Za-z])|Basispunkten?(?![A-Za-z])|points? de base|puntos b[aá]sicos|个?基点|個?基點|ベーシスポイント|ベーシス・ポイント',
    'basis_points',
  ],
  ['‰|per ?mille?(?![A-Za-z])|Promille', 'per_mille'],
  [
    '(?:x|X|×)(?![\\p{L}\\d])(?!\\s{0,2}[-(]?\\.?\\d)|-?times(?![A-Za-z])(?!\\s{0,2}\\d)|倍|-?fold(?![A-Za-z])|배|:1(?![\\d:]|\\.\\d)|(?: to |-to-)(?:1|one)(?![\\d%]|[.,]\\d|\\s?%|\\s\\p{L})',
    'multiple',
  ],
];

export const UNIT_BEHIND = UNITS.map(([pattern]) => pattern).join('|');

const patterns = UNITS.map(([pattern, unit]) => [new RegExp(`^(?:${pattern})`, 'u'), unit] as const);

export const unitOf = (written: string): NumberUnit =>
  patterns.find(([pattern]) => pattern.test(written))?.[1] ?? 'none';
