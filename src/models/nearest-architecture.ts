/** What to say of a `model_type` that is unknown: which known architecture is nearest to its configuration. */
import { nearest as nearestName } from '../yaml/near-miss.ts';
import type { Architecture } from './architecture.ts';

type Fields = Readonly<Record<string, unknown>>;
type Architectures = Readonly<Record<string, Architecture<unknown>>>;

interface Candidate {
  readonly name: string;
  /** Fields of the configuration that the architecture does not have, or reads otherwise. */
  readonly strange: readonly string[];
  /** Fields that it cannot do without, and the configuration does not have. */
  readonly missing: readonly string[];
  /** How many further fields it has. */
  readonly others: number;
}

const choose = 'Choose a checkpoint of a supported architecture';

/**
 * What to do with a configuration. Its text model is named where it has one, then an architecture that its name begins, means
 * or contains, then one whose every necessary field it has.
 */
export function adviseNearest(fields: Fields, known: Architectures): string {
  const { model_type: type, text_config: text } = fields;
  const ofText = isFields(text) ? text.model_type : undefined;
  if (typeof ofText === 'string') {
    return Object.hasOwn(known, ofText)
      ? `Its text_config is that of "${ofText}", which is supported: save the text model alone, with text_config as its config.json.`
      : `Its text_config is of another unknown model_type, ${JSON.stringify(ofText)}. ${choose}.`;
  }
  const candidates = Object.entries(known).map(([name, architecture]) => candidateOf(name, architecture, fields));
  const complete = candidates.filter(({ missing }) => missing.length === 0);
  const named = typeof type === 'string' ? ofName(type, candidates, complete) : [];
  const [best] = (named.length > 0 ? named : complete).toSorted((a, b) => distanceOf(a) - distanceOf(b));
  if (best === undefined) return `${choose}.`;
  const { name, strange, missing } = best;
  const odds = [
    ...(strange.length > 0 ? [`has another meaning, or none, for ${listed(strange)}`] : []),
    ...(missing.length > 0 ? [`needs ${listed(missing)}`] : []),
  ];
  if (odds.length > 0) return `It is nearest to "${name}", but that ${odds.join(', and ')}. ${choose}.`;
  const same = `The fields are those of "${name}", but fields alike do not say that the computation is the same.`;
  return `${same} ${choose}; if this is one under another name, correct model_type.`;
}

function candidateOf(name: string, architecture: Architecture<unknown>, fields: Fields): Candidate {
  const odd = architecture.strangeFields({ ...fields, model_type: name });
  return {
    name,
    strange: odd.filter((field) => Object.hasOwn(fields, field)),
    missing: odd.filter((field) => !Object.hasOwn(fields, field)),
    // Most others come from Llama, which is the plainest.
    others: name === 'llama' ? 0 : architecture.absentFields(fields).length,
  };
}

/** Those that a name may mean. A slip of the pen has the right fields; a relative may have others. */
function ofName(type: string, all: readonly Candidate[], complete: readonly Candidate[]): readonly Candidate[] {
  const begun = all.filter(({ name }) => type.length >= shortestBeginning && name.startsWith(type));
  if (begun.length > 0) return begun;
  const namesOf = (candidates: readonly Candidate[]) => candidates.map(({ name }) => name);
  const contained = namesOf(all).filter((name) => type.includes(name));
  const longest = contained.toSorted((a, b) => b.length - a.length)[0];
  const meant = nearestName(type, namesOf(complete)) ?? longest;
  return all.filter(({ name }) => name === meant);
}

const shortestBeginning = 3;

/** First by what does not fit, then by what the architecture has beside. */
const distanceOf = ({ strange, missing, others }: Candidate): number =>
  1e6 * (strange.length + missing.length) + others;

/** Fields named in an error; more would hide the rest of it. */
const mostFields = 4;

const listed = (fields: readonly string[]): string =>
  fields.slice(0, mostFields).join(', ') + (fields.length > mostFields ? ', ...' : '');

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
