/** What it takes to do a paper's experiment again, at the size of one machine: a file for each. */
import type { Engine } from '../runtime/engine.ts';

export interface Claim {
  /** Short and unique in its reproduction, such as `V2`. */
  readonly id: string;
  /** What is claimed. */
  readonly statement: string;
  /** What would be measured if it held. */
  readonly expected: string;
  readonly measured: string;
  /** What the same measurement gives where the claim must not hold, or what it is compared with. */
  readonly control: string;
  readonly holds: boolean;
}

/** Where the experiment of one seed is done. */
export interface Lab {
  readonly engine: Engine;
  readonly seed: number;
  /** For what is made on the way; it is kept for the next time. */
  readonly folder: string;
  readonly signal?: AbortSignal;
  /** The number of units of work that were just done, of `workPerSeed`. */
  advance(part: string, work: number): void;
  /** What `make` gives, or gave before: figures are kept under their name, so that an interrupted experiment goes on. */
  once<Figures>(name: string, make: () => Promise<Figures>): Promise<Figures>;
}

export interface Reproduction<Evidence = unknown> {
  readonly name: string;
  readonly title: string;
  /** Paper and place in it. */
  readonly source: string;
  /** The experiment in a few sentences. */
  readonly method: string;
  /** Raised when figures of an earlier version do not count any more. */
  readonly version: number;
  /** Units of work of one seed, for the time that is left. */
  readonly workPerSeed: number;
  /** One seed's figures, as JSON can hold them. */
  measure(lab: Lab): Promise<Evidence>;
  /** What they say together, in the order of the page. */
  judge(evidence: readonly Evidence[]): readonly Claim[];
}

/** Hides what the evidence is, so that reproductions can stand in one list. */
export interface AnyReproduction extends Omit<Reproduction, 'judge'> {
  judge(evidence: readonly never[]): readonly Claim[];
}

export interface ReproductionResult {
  readonly name: string;
  readonly seeds: readonly number[];
  readonly claims: readonly Claim[];
}
