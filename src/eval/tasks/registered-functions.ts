/**
 * What `!function module.name` may call. A task file only ever names a function; none is loaded from anywhere, so a task
 * of strangers runs no code but this. Modules are named after the data sets whose form they know.
 */
import { UsageError } from '../../errors.ts';
import { nearest } from '../../yaml/near-miss.ts';
import { conversationTurns, executedPrograms, holdsProgram } from './functions/convfinqa.ts';
import { auditQuestions } from './functions/cpa-audit.ts';
import { repliesInForm } from './functions/document-questions.ts';
import { entities, foundEntities, listsEntities, newsPieces } from './functions/finentity.ts';
import { statedFacts } from './functions/finworld.ts';
import { passingPrograms } from './functions/humaneval.ts';
import { followedInstructions } from './functions/ifeval.ts';
import { sentences } from './functions/phrasebank.ts';
import type { NoResults, Results } from './functions/results.ts';
import { answerScores, computedQuestions, holdsSpans, passageQuestions } from './functions/tatqa.ts';
import type { ScoringResources } from './scoring-resources.ts';
import type { Document } from './task.ts';

/** `process_docs`: turns the records of a split into its documents. */
interface DocumentsFunction {
  readonly kind: 'documents';
  readonly call: (records: readonly Document[]) => readonly Document[];
}

/** `doc_to_text`, `doc_to_target` and `doc_to_choice`. */
interface FieldFunction {
  readonly kind: 'field';
  readonly call: (document: Document) => string | number | readonly string[];
}

/** `process_results`: scores for the answers to a document, by metric. */
interface ResultsFunction {
  readonly kind: 'results';
  /** What it gives for every item, and how items become one number. */
  readonly metrics: Readonly<Record<string, 'mean' | 'weighted_mean'>>;
  /** Whether there is something in an answer that it scores; absent for one that takes answers as they are. */
  readonly reads?: (answer: string) => boolean;
  /** Whether it runs programs, for which the sandbox has to be installed. */
  readonly runsPrograms?: true;
  readonly call: (
    document: Document,
    answers: readonly string[],
    resources: ScoringResources,
  ) => Results | Promise<Results | NoResults>;
}

type RegisteredFunction = DocumentsFunction | FieldFunction | ResultsFunction;
type Kind = RegisteredFunction['kind'];
type OfKind<K extends Kind> = Extract<RegisteredFunction, { kind: K }>;

const FUNCTIONS: Readonly<Record<string, RegisteredFunction>> = {
  'convfinqa.executes': {
    kind: 'results',
    metrics: { execution_acc: 'mean', runs: 'mean' },
    reads: holdsProgram,
    call: executedPrograms,
  },
  'convfinqa.turns': { kind: 'documents', call: conversationTurns },
  'cpa_audit.questions': { kind: 'documents', call: auditQuestions },
  'document_questions.replies': {
    kind: 'results',
    metrics: { in_form: 'mean', names_option: 'mean', right_in_form: 'mean' },
    call: repliesInForm,
  },
  'finentity.entities': { kind: 'documents', call: entities },
  'finentity.finds': {
    kind: 'results',
    metrics: { entity_f1: 'weighted_mean', entity_precision: 'weighted_mean', entity_recall: 'weighted_mean' },
    reads: listsEntities,
    call: foundEntities,
  },
  'finentity.news': { kind: 'documents', call: newsPieces },
  'finworld.states': {
    kind: 'results',
    metrics: { fact_recall: 'weighted_mean', all_facts: 'mean' },
    call: statedFacts,
  },
  'humaneval.passes': {
    kind: 'results',
    metrics: { 'pass@1': 'mean' },
    runsPrograms: true,
    call: passingPrograms,
  },
  'ifeval.follows': {
    kind: 'results',
    metrics: {
      prompt_level_strict_acc: 'mean',
      prompt_level_loose_acc: 'mean',
      inst_level_strict_acc: 'weighted_mean',
      inst_level_loose_acc: 'weighted_mean',
    },
    call: followedInstructions,
  },
  'phrasebank.sentences': { kind: 'documents', call: sentences },
  'tatqa.computed': { kind: 'documents', call: computedQuestions },
  'tatqa.scores': {
    kind: 'results',
    metrics: { span_f1: 'mean', span_match: 'mean', scale_match: 'mean' },
    reads: holdsSpans,
    call: answerScores,
  },
  'tatqa.passages': { kind: 'documents', call: passageQuestions },
};

/**
 * The function of this name.
 * @param field where it is named, for messages
 * @throws UsageError for a name that is not registered, or that stands for a function of another kind.
 */
export function registeredFunction<K extends Kind>(name: string, kind: K, field: string): OfKind<K> {
  const known = Object.keys(FUNCTIONS).filter((key) => FUNCTIONS[key].kind === kind);
  const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (found !== undefined && isKind(found, kind)) return found;
  const meant = nearest(name, known);
  throw new UsageError({
    field,
    found: `!function ${name}${found === undefined ? '' : ', which does something else'}`,
    expected: `one of ${known.join(', ') || 'none'}`,
    fix:
      meant === undefined ? 'Functions of a task file are not loaded; write a template.' : `Did you mean "${meant}"?`,
  });
}

function isKind<K extends Kind>(entry: RegisteredFunction, kind: K): entry is OfKind<K> {
  return entry.kind === kind;
}
