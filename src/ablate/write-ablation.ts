/** The files of an ablation: for programs, and for people. */
import { writeFileAtomically } from '../files/atomic-write.ts';
import type { Ablation } from './ablation.ts';
import type { AblationFolder } from './ablation-folder.ts';
import { renderAblationReport } from './report/render-ablation-report.ts';

export async function writeAblation(ablation: Ablation, { json, report }: AblationFolder['files']): Promise<void> {
  await writeFileAtomically(json, `${JSON.stringify({ version: 1, ...ablation }, undefined, 2)}\n`);
  await writeFileAtomically(report, renderAblationReport(ablation));
}
