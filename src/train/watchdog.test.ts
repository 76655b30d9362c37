import { describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { median, RollingWindow } from './rolling-window.ts';
import type { StepReport } from './trainer.ts';
import { Watchdog, type WatchdogOptions, watchdogStateSchema } from './watchdog.ts';

const options: WatchdogOptions = {
  warmupSteps: 0,
  steps: 400,
  maxGradientNorm: 1,
  onSpike: 'warn',
  onUnhealthy: 'warn',
  window: 20,
  spikeDeviations: 10,
  gradientNorms: [0.1, 10],
  fallingBy: 0.2,
};

const healthy = { labels: 100, tokens: 120, examples: 4, learningRate: 1e-3, gradientNorm: 0.5 };

/** A falling loss with the noise of small batches. */
function run(steps = 400): StepReport[] {
  const random = stream(3, 'losses');
  return Array.from({ length: steps }, (_, i) => {
    return { ...healthy, step: i + 1, loss: 2 + 2 * Math.exp(-i / 100) + 0.1 * random.normal() };
  });
}

function watch(reports: readonly StepReport[], changes: Partial<WatchdogOptions> = {}) {
  const watchdog = new Watchdog({ ...options, ...changes });
  const alarms = reports.flatMap((report) =>
    watchdog.observe(report).map((alarm) => ({ ...alarm, step: report.step })),
  );
  return { alarms, kinds: alarms.map(({ kind, step }) => [kind, step]), watchdog };
}

const at = (step: number, changes: Partial<StepReport>, reports = run()) =>
  reports.map((report) => (report.step === step ? { ...report, ...changes } : report));

describe('the watchdog', () => {
  it('keeps quiet in a healthy run', () => {
    expect(watch(run()).kinds).toEqual([]);
  });

  it('sees a spike, and one behind another', () => {
    const { kinds, alarms } = watch(at(205, { loss: 9 }, at(200, { loss: 5 })));
    expect(kinds).toEqual([
      ['loss_spike', 200],
      ['loss_spike', 205],
    ]);
    expect(alarms.map(({ first, stop }) => [first, stop])).toEqual([
      [true, false],
      [false, false],
    ]);
    expect(alarms[0].message).toMatch(/^step 200: the loss 5\.000 is a spike, \d+ deviations above the usual 2\.\d+$/);
  });

  it('would miss it by mean and standard deviation of the same steps: one spike hides the next', () => {
    const losses = [...run(20).map(({ loss }) => loss), 30];
    const mean = losses.reduce((a, b) => a + b) / losses.length;
    const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / losses.length);
    const window = new RollingWindow(21, losses);
    expect(9 - mean).toBeLessThan(options.spikeDeviations * deviation);
    expect(9 - window.figures().median).toBeGreaterThan(options.spikeDeviations * window.figures().deviation);
  });

  it('does not take a step for a spike because its neighbours happen to be alike', () => {
    const flat = run().map((report) => ({ ...report, loss: 2 - report.step * 1e-6 }));
    expect(watch(at(300, { loss: 2.1 }, flat)).kinds).toEqual([]);
  });

  it('asks for a step to be left out, or the run to be stopped, only where it was told to', () => {
    for (const onSpike of ['warn', 'skip', 'stop'] as const) {
      const { watchdog } = watch(run(199), { onSpike });
      const spike = at(200, { loss: 5 })[199];
      const reason = watchdog.review(spike);
      if (onSpike === 'warn') expect(reason).toBeUndefined();
      else expect(reason).toMatch(/is a spike/);
      expect(watchdog.observe(spike)).toMatchObject([{ kind: 'loss_spike', stop: onSpike === 'stop' }]);
    }
  });

  it('tells of what is not finite and of nothing to learn', () => {
    const reports = at(9, { labels: 0, loss: 0 }, at(8, { learningRate: Number.NaN }, at(7, { loss: Number.NaN })));
    const { kinds, alarms } = watch(reports, { onUnhealthy: 'stop' });
    expect(kinds).toEqual([
      ['not_finite', 7],
      ['not_finite', 8],
      ['nothing_to_learn', 9],
    ]);
    expect(alarms.every(({ stop }) => stop)).toBe(true);
  });

  it('waits for a whole window before it tells of gradients', () => {
    const large = (from: number, to: number, gradientNorm: number) =>
      run().map((report) => (report.step >= from && report.step < to ? { ...report, gradientNorm } : report));
    expect(watch(large(100, 119, 20)).kinds).toEqual([]);
    expect(watch(large(100, 141, 20)).kinds).toEqual([
      ['gradient_norm', 119],
      ['always_clipped', 119],
      ['gradient_norm', 139],
      ['always_clipped', 139],
    ]);
    expect(watch(large(100, 120, 2)).kinds).toEqual([['always_clipped', 119]]);
    // While the learning rate rises, a new model is clipped in every step.
    expect(watch(large(100, 130, 2), { warmupSteps: 110 }).kinds).toEqual([]);
    expect(watch(large(100, 131, 2), { warmupSteps: 110 }).kinds).toEqual([['always_clipped', 130]]);
    expect(watch(large(100, 120, 0.01)).kinds).toEqual([['gradient_norm', 119]]);
    expect(watch(large(100, 120, 2), { maxGradientNorm: Number.POSITIVE_INFINITY }).kinds).toEqual([]);
  });

  it('tells once when the loss has not fallen', () => {
    const random = stream(4, 'flat');
    const flat = run().map((report) => ({ ...report, loss: 2 + 0.001 * report.step + 0.05 * random.normal() }));
    expect(watch(flat).kinds).toEqual([['loss_not_falling', 80]]);
    expect(watch(flat.slice(0, 15), { steps: 15 }).kinds).toEqual([]);
  });

  it('goes on from its state as if it had not stopped', () => {
    const reports = at(205, { loss: 9 }, at(200, { loss: 5 })).map((report) => ({ ...report, gradientNorm: 20 }));
    const whole = watch(reports);
    for (const border of [10, 30, 199, 200, 205]) {
      const first = watch(reports.slice(0, border));
      const state = watchdogStateSchema.parse(JSON.parse(JSON.stringify(first.watchdog.state())));
      const second = new Watchdog(options, state);
      const rest = reports.slice(border).flatMap((report) => second.observe(report));
      expect([...first.alarms.map(({ step: _, ...alarm }) => alarm), ...rest]).toEqual(
        whole.alarms.map(({ step: _, ...alarm }) => alarm),
      );
      expect(second.alarms).toEqual(whole.watchdog.alarms);
    }
  });
});

describe('the rolling window', () => {
  it('has the median of odd and even counts, and forgets the oldest', () => {
    const window = new RollingWindow(3);
    for (const value of [100, 1, 2, 4]) window.push(value);
    expect(window.values).toEqual([1, 2, 4]);
    expect(window.figures()).toEqual({ median: 2, deviation: 1.4826 });
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});
