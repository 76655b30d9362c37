/** Whoever asks for something by a name that nothing has would not notice that it is not done. */
import { UsageError } from '../errors.ts';

export interface OtherFields {
  /** What a field with a value may be called. */
  readonly names: readonly string[];
  /** What has no such field. */
  readonly owner: string;
  readonly fix: string;
}

/** @throws UsageError that names the first field with a value that is none of `names` */
export function refuseOtherFields(given: object, { names, owner, fix }: OtherFields): void {
  const other = Object.entries(given).find(([name, value]) => value !== undefined && !names.includes(name))?.[0];
  if (other === undefined) return;
  throw new UsageError({
    field: other,
    found: `a field that ${owner} does not have`,
    expected: names.join(', '),
    fix,
  });
}
