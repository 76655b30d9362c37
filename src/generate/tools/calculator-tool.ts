import { type CalculateOptions, calculate } from './calculator/calculate.ts';
import { MAX_CHARACTERS } from './calculator/limits.ts';
import { type DecodingTool, ToolError } from './decoding-tool.ts';

/**
 * The calculator of SNFinLLM (arXiv:2408.02302): the model writes `[Calculator(12% * 1,500)->`, the tool goes on with
 * `180]`. An expression without a value gets its reason, `[Calculator(1/0)->[error: division by zero]]`.
 */
export function calculatorTool(options?: CalculateOptions): DecodingTool {
  return {
    name: 'calculator',
    trigger: { open: '[Calculator(', close: ')->', maxBody: MAX_CHARACTERS },
    frame: { after: ']' },
    run: ({ body }) => {
      const result = calculate(body, options);
      if (result.ok) return result.text;
      const place = result.code === 'syntax' ? ` at character ${result.position + 1}` : '';
      throw new ToolError(result.message + place);
    },
  };
}
