import type { Value } from './jinja-library.ts';
import { COST, LimitError, type Limits } from './limits.ts';

const MAX_DEPTH = 64;

/**
 * What `a == b` is in Python: numbers and truth values by their number, lists and mappings by what they hold, and
 * nothing undefined equals `None`.
 */
export function pythonEquals(a: Value, b: Value, limits: Limits, depth = 0): boolean {
  if (depth > MAX_DEPTH) throw new LimitError(`nests values deeper than ${MAX_DEPTH}`);
  limits.spend(COST.node);
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return left === right;
  if (a.type !== b.type) return false;
  if (a.value === b.value) return true;
  if (Array.isArray(a.value) && Array.isArray(b.value)) {
    const others: readonly Value[] = b.value;
    if (a.value.length !== others.length) return false;
    return (a.value as readonly Value[]).every((item, i) => pythonEquals(item, others[i], limits, depth + 1));
  }
  if (a.type !== 'ObjectValue' || b.type !== 'ObjectValue' || a.value.size !== b.value.size) return false;
  for (const [key, item] of a.value) {
    const other = b.value.get(key);
    if (other === undefined || !pythonEquals(item, other, limits, depth + 1)) return false;
  }
  return true;
}

function numberOf({ value }: Value): number | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? Number(value) : undefined;
}
