/** How far an ablation is, in chains. */

export interface ChainProgress {
  readonly variant: string;
  readonly seed: number;
  /** From 1. */
  readonly number: number;
  readonly total: number;
  /** Of this chain and all that follow; undefined before one has ended. */
  readonly secondsLeft: number | undefined;
}

export interface TimeKeeper {
  begin(variant: string, seed: number): ChainProgress;
  end(seconds: number): void;
}

/** Chains take what those before took on average: at equal tokens they are about equally long. */
export function createTimeKeeper(total: number): TimeKeeper {
  let [done, seconds] = [0, 0];
  return {
    begin(variant, seed) {
      const secondsLeft = done === 0 ? undefined : (seconds / done) * (total - done);
      return { variant, seed, number: done + 1, total, secondsLeft };
    },
    end(took) {
      done++;
      seconds += took;
    },
  };
}
