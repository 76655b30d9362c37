/** Titles of sections. */
import type { Scene } from './scene.ts';

/** A title line, which not every document has. */
export function heading(scene: Scene, ...titles: readonly string[]): string {
  return scene.writer.chance(0.65) ? scene.writer.pick(titles) : '';
}
