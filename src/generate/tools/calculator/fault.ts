/** Why an expression has no value. It leaves the calculator as a result, never as an exception. */

export type FaultCode =
  | 'syntax'
  | 'too-long'
  | 'too-deep'
  | 'out-of-range'
  | 'division-by-zero'
  | 'domain'
  | 'unknown-name'
  | 'arguments';

export class Fault extends Error {
  readonly code: FaultCode;
  /** UTF-16 units from the beginning of the expression. */
  readonly position: number;

  constructor(code: FaultCode, message: string, position: number) {
    super(message);
    this.code = code;
    this.position = position;
  }
}
