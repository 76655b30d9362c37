/** All that the report of a run tells, from what was done and measured. */
import { readEvents } from '../observe/events.ts';
import type { StageResult } from '../stages/train-stage.ts';
import type { GateResult } from './gate.ts';
import type { Measured } from './measure/measuring.ts';
import { summarise } from './measure/summarise.ts';
import { type MemoryPlan, peakMemory } from './memory-plan.ts';
import { nameOfResult, type PlannedStage } from './plan/plan-stages.ts';
import type { Prepared } from './prepare.ts';
import type { RunFolder, RunState } from './run-folder.ts';
import { BASE } from './schema/stage-names.ts';
import type { Measurement, RunSummary } from './summary.ts';

/** A stage that trained, now or before. */
export interface FinishedStage {
  readonly planned: PlannedStage;
  readonly training: StageResult;
  readonly gate: GateResult;
}

interface Facts {
  readonly run: RunFolder;
  readonly prepared: Prepared;
  /** By key of the model. */
  readonly measured: ReadonlyMap<string, Measured>;
  readonly state: RunState;
  readonly timing: RunSummary['timing'];
  readonly memory: MemoryPlan;
  readonly commands: readonly string[];
}

export function summariseRun(finished: readonly FinishedStage[], facts: Facts): RunSummary {
  const { run, prepared, measured, state, timing, memory, commands } = facts;
  const { recipe } = run;
  const { confidence } = recipe.evaluation.bits_per_byte;
  const base = measured.get(prepared.base.key)!;
  const measurement = (at: string, key: string, tokensSeen: number): Measurement => {
    const { bits, tasks } = measured.get(key)!;
    const sets = summarise(bits, at === BASE ? undefined : base.bits, { confidence, seed: recipe.seed });
    const figures = [...tasks.values()].map(({ task, metric, value, stderr, n }) => ({
      task,
      metric,
      value,
      stderr,
      n,
    }));
    return { at, tokensSeen, sets, ...(figures.length > 0 && { tasks: figures }) };
  };
  const seen = new Map([[prepared.base.key, 0]]);
  const measurements = finished.map(({ planned: { stage, input, result }, training }) => {
    const tokens = seen.get(input.key)! + training.tokens;
    seen.set(result.key, tokens);
    return measurement(stage.name, result.key, tokens);
  });
  return {
    recipe,
    state,
    versions: run.record.versions,
    machine: run.record.machine,
    base: {
      description: 'checkpoint' in recipe.base ? recipe.base.checkpoint : 'a new model',
      parameters: [...prepared.model.parameters.values()].reduce((sum, { weight }) => sum + weight.length, 0),
    },
    measurements: [measurement(BASE, prepared.base.key, 0), ...measurements],
    stages: finished.map(({ planned, training, gate }) => ({ name: planned.stage.name, ...training, gate })),
    data: Object.fromEntries([...prepared.sets].map(([name, { statistics }]) => [name, statistics])),
    events: eventsOf(finished, run.files.events),
    timing,
    memory: { predicted: memory.predicted, peak: peakMemory() },
    commands,
  };
}

/** Of the results that there are now, under the names that their stages have now. */
function eventsOf(finished: readonly FinishedStage[], path: string): RunSummary['events'] {
  if (finished.length === 0) return [];
  const names = new Map(finished.map(({ planned }) => [nameOfResult(planned.result), planned.stage.name]));
  return [...readEvents(path)].flatMap((event) => {
    const stage = names.get(event.result ?? '');
    return stage === undefined ? [] : [{ ...event, stage }];
  });
}
