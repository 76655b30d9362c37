/**
 * One line that says how a stage is doing:
 *
 *     cpt  1,200/4,000  30%  [#####...............]  loss 3.412  8.1k tokens/s  12m 40s left
 *
 * A terminal redraws it in place; a file or a pipe gets a line now and then. It is written to a stream that the caller
 * passes, so libraries report progress without deciding where it goes.
 */

import { wantsColor } from './color.ts';
import { formatBytes } from './numbers.ts';

export interface Progress {
  readonly stage: string;
  readonly step: number;
  /** 0 where nobody knows. */
  readonly total: number;
  /** Tokens processed since the stage began, in this process. */
  readonly tokens?: number;
  readonly loss?: number;
  /** What steps are. Default `steps`; of bytes the rate is told. */
  readonly unit?: 'steps' | 'bytes';
}

export interface ProgressFigures extends Progress {
  /** Tokens, or bytes, per second. */
  readonly rate?: number;
  /** Seconds until the last step at the present speed. */
  readonly secondsLeft?: number;
}

/** What the line is written to: `process.stderr`, or a test's stand-in. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  /** Seconds between lines where there is no terminal. Default 10. */
  readonly interval?: number;
  readonly quiet?: boolean;
  /** Where NO_COLOR (https://no-color.org) is looked up. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

export interface ProgressLine {
  update(progress: Progress): void;
  /** Clears the line so that something else can be written; the next update draws it again. */
  clear(): void;
  /** Leaves the last state on a line of its own. */
  done(): void;
}

const REDRAW_MS = 100;
/** The speed shown is that of about the last this many seconds, so that it follows a change and still sits quietly. */
const SPEED_WINDOW_SECONDS = 15;
const BAR_CELLS = 20;
const CLEAR_LINE = '\r\x1b[K';

export function createProgressLine(output: ProgressOutput, options: ProgressOptions = {}): ProgressLine {
  const { interval = 10, quiet = false, env = process.env, now = () => performance.now() } = options;
  if (quiet) return { update() {}, clear() {}, done() {} };
  const terminal = output.isTTY === true;
  const color = wantsColor(output, env);
  const speed = speedometer();
  let latest: ProgressFigures | undefined;
  let shown: ProgressFigures | undefined;
  let drawnAt = Number.NEGATIVE_INFINITY;

  const draw = (): void => {
    if (latest === undefined) return;
    const width = terminal ? (output.columns ?? 80) - 1 : Number.POSITIVE_INFINITY;
    const line = formatProgress(latest, { color, width });
    output.write(terminal ? `${CLEAR_LINE}${line}` : `${line}\n`);
    shown = latest;
  };

  return {
    update(progress) {
      const at = now();
      latest = { ...progress, ...speed(progress, at / 1000) };
      const pause = terminal ? REDRAW_MS : interval * 1000;
      if (at - drawnAt < pause && progress.stage === shown?.stage) return;
      drawnAt = at;
      draw();
    },
    clear() {
      if (terminal && shown !== undefined) output.write(CLEAR_LINE);
      drawnAt = Number.NEGATIVE_INFINITY;
    },
    done() {
      if (latest !== undefined && (terminal || shown !== latest)) draw();
      if (terminal && latest !== undefined) output.write('\n');
      latest = undefined;
      shown = undefined;
    },
  };
}

/** The line itself, at most `width` characters wide: what matters least is left out first. */
export function formatProgress(
  { stage, step, total, loss, unit, rate, secondsLeft }: ProgressFigures,
  { color = false, width = Number.POSITIVE_INFINITY }: { readonly color?: boolean; readonly width?: number } = {},
): string {
  const isKnown = total > 0;
  const share = isKnown ? Math.min(1, Math.max(0, step / total)) : 0;
  const cells = Math.floor(share * BAR_CELLS);
  const [count, speed] =
    unit === 'bytes'
      ? [formatBytes, (n: number) => `${formatBytes(n)}/s`]
      : [group, (n: number) => `${compact(n)} tokens/s`];
  // In order of appearance; `weight` says which part goes first when the terminal is narrow.
  const parts = [
    { text: printable(stage), weight: 6, style: 1 },
    { text: isKnown ? `${count(step)}/${count(total)}` : count(step), weight: 5 },
    isKnown && { text: `${Math.floor(share * 100)}%`, weight: 2 },
    isKnown && { text: `[${'#'.repeat(cells)}${'.'.repeat(BAR_CELLS - cells)}]`, weight: 0, style: 2 },
    loss !== undefined && { text: `loss ${loss.toFixed(3)}`, weight: 4, style: 36 },
    rate !== undefined && { text: speed(rate), weight: 1 },
    isKnown && secondsLeft !== undefined && { text: `${formatDuration(secondsLeft)} left`, weight: 3 },
  ].filter((part) => part !== false);
  const length = () => parts.reduce((sum, part) => sum + part.text.length + 2, -2);
  while (parts.length > 1 && length() > width) {
    const least = parts.reduce((a, b) => (b.weight < a.weight ? b : a));
    parts.splice(parts.indexOf(least), 1);
  }
  return parts
    .map(({ text, style }) => {
      const cut = text.slice(0, width);
      return color && style !== undefined ? `\x1b[${style}m${cut}\x1b[0m` : cut;
    })
    .join('  ');
}

/** `95` -> "1m 35s"; two units at most, "--" for what is not a finite number of seconds. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '--';
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${whole % 60}s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)}h ${Math.floor((whole % 3600) / 60)}m`;
  return `${Math.floor(whole / 86_400)}d ${Math.floor((whole % 86_400) / 3600)}h`;
}

type Speed = Pick<ProgressFigures, 'rate' | 'secondsLeft'>;

/** Exponentially weighted speeds: totals of steps, tokens and seconds, each fading with the same time constant. */
function speedometer(): (progress: Progress, seconds: number) => Speed {
  let last: { progress: Progress; seconds: number } | undefined;
  let steps = 0;
  let tokens = 0;
  let elapsed = 0;
  return (progress, seconds) => {
    if (last === undefined || last.progress.stage !== progress.stage || progress.step < last.progress.step) {
      steps = tokens = elapsed = 0;
    } else {
      const passed = seconds - last.seconds;
      const kept = Math.exp(-passed / SPEED_WINDOW_SECONDS);
      steps = steps * kept + progress.step - last.progress.step;
      tokens = tokens * kept + (progress.tokens ?? 0) - (last.progress.tokens ?? 0);
      elapsed = elapsed * kept + passed;
    }
    last = { progress, seconds };
    if (elapsed <= 0 || steps <= 0) return {};
    const secondsLeft = (Math.max(0, progress.total - progress.step) * elapsed) / steps;
    if (progress.unit === 'bytes') return { rate: steps / elapsed, secondsLeft };
    return progress.tokens === undefined ? { secondsLeft } : { rate: tokens / elapsed, secondsLeft };
  };
}

function group(n: number): string {
  return n.toLocaleString('en-US');
}

/** Three significant figures: 812, 8.12k, 1.2M. */
function compact(n: number): string {
  if (n >= 1e6) return `${Number((n / 1e6).toPrecision(3))}M`;
  if (n >= 1e3) return `${Number((n / 1e3).toPrecision(3))}k`;
  return `${Number(n.toPrecision(3))}`;
}

/** A stage is named by the user: control characters in it must not move the cursor. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
