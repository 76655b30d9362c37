/** Whether to colour what is written to `output`: a terminal whose user has not set NO_COLOR (https://no-color.org). */
export function wantsColor(
  output: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  return output.isTTY === true && !env.NO_COLOR;
}
