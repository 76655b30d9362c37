/** The x in [low, high] at which an increasing function reaches `target`, to the last bit that bisection can tell. */
export function invert(increasing: (x: number) => number, target: number, low: number, high: number): number {
  let [a, b] = [low, high];
  for (;;) {
    const middle = a + (b - a) / 2;
    if (middle <= a || middle >= b) return middle;
    if (increasing(middle) < target) a = middle;
    else b = middle;
  }
}
