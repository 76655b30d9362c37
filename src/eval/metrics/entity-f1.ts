/**
 * Precision, recall and F1 of named entities, counted over all documents together (micro). An entity is found where a
 * predicted one equals it, one for one: predicting it twice makes one of them false.
 */
import { countTokens, sharedCount } from './answer-tokens.ts';
import { answered, type MetricOptions, type MetricValue, ratioValue } from './metric-value.ts';

export interface SpanEntity {
  readonly type: string;
  /** Place of its first character, or token, and of the one after its last. */
  readonly start: number;
  readonly end: number;
}

export interface MentionEntity {
  readonly type: string;
  readonly text: string;
}

interface EntityItem<Entity> {
  readonly gold: readonly Entity[];
  /** Undefined where no list could be read out of the answer: then nothing is found. */
  readonly predicted: readonly Entity[] | undefined;
}

export interface EntityScores {
  readonly precision: MetricValue;
  readonly recall: MetricValue;
  readonly f1: MetricValue;
}

export interface EntityF1 extends EntityScores {
  /** The same for each type that occurs, in alphabetical order. */
  readonly types: ReadonlyMap<string, EntityScores>;
}

type Items<Entity> = readonly (EntityItem<Entity> | null)[];

/** Strict: the same boundaries and the same type. */
export function strictEntityF1(items: Items<SpanEntity>, options: MetricOptions = {}): EntityF1 {
  return byType(items, (entities) => entities.map(({ type, start, end }) => `${start} ${end} ${type}`), options);
}

/** The same boundaries, whatever the type. */
export function boundaryEntityF1(items: Items<SpanEntity>, options: MetricOptions = {}): EntityScores {
  return scores(items, (entities) => entities.map(({ start, end }) => `${start} ${end}`), options);
}

/**
 * The same type and the same words, for answers that list entities without saying where they stand. Each entity counts once
 * in a document, however often it occurs or is listed; case and spacing do not matter.
 */
export function mentionEntityF1(items: Items<MentionEntity>, options: MetricOptions = {}): EntityF1 {
  return byType(items, mentionKeys, options);
}

const mentionKeys: KeysOf<MentionEntity> = (entities) => [
  ...new Set(entities.map(({ type, text }) => JSON.stringify([type, text.trim().toLowerCase().split(/\s+/)]))),
];

/** What one document adds to precision, recall and F1. */
export interface EntityCounts {
  readonly gold: number;
  readonly predicted: number;
  readonly found: number;
}

/** Of one document, as `mentionEntityF1` counts. */
export function countMentions(gold: readonly MentionEntity[], predicted: readonly MentionEntity[]): EntityCounts {
  return countKeys(mentionKeys(gold), mentionKeys(predicted));
}

function countKeys(gold: readonly string[], predicted: readonly string[]): EntityCounts {
  const found = sharedCount(countTokens(gold), countTokens(predicted));
  return { gold: gold.length, predicted: predicted.length, found };
}

/** Keys of entities; those with equal keys are the same. */
type KeysOf<Entity> = (entities: readonly Entity[]) => readonly string[];

function byType<Entity extends { readonly type: string }>(
  items: Items<Entity>,
  keysOf: KeysOf<Entity>,
  options: MetricOptions,
): EntityF1 {
  const present = items.flatMap((item) => (item === null ? [] : [...item.gold, ...(item.predicted ?? [])]));
  const types = [...new Set(present.map(({ type }) => type))].sort();
  const ofType = (type: string): KeysOf<Entity> => {
    return (entities) => keysOf(entities.filter((entity) => entity.type === type));
  };
  return {
    ...scores(items, keysOf, options),
    types: new Map(types.map((type) => [type, scores(items, ofType(type), options)])),
  };
}

function scores<Entity>(items: Items<Entity>, keysOf: KeysOf<Entity>, { clusters }: MetricOptions): EntityScores {
  const counted = items.map((item) => item && countKeys(keysOf(item.gold), keysOf(item.predicted ?? [])));
  const kept = answered(counted, clusters);
  const found = ({ found }: { readonly found: number }) => found;
  return {
    precision: ratioValue(kept, found, ({ predicted }) => predicted),
    recall: ratioValue(kept, found, ({ gold }) => gold),
    f1: ratioValue(
      kept,
      (item) => 2 * item.found,
      ({ gold, predicted }) => gold + predicted,
    ),
  };
}
