/** The kinds of finance documents and how often each is written. */

import type { Genre } from '../genre.ts';
import { analystNote } from './analyst-note.ts';
import { businessSection } from './business.ts';
import { minutes, rateDecision } from './central-bank.ts';
import { conceptLesson } from './concept-lesson.ts';
import { creditAgreement } from './credit-agreement.ts';
import { earningsCall } from './earnings-call.ts';
import { earningsNews } from './earnings-news.ts';
import { figuresNote } from './figures-note.ts';
import { liquiditySection } from './liquidity.ts';
import { managementDiscussion } from './management-discussion.ts';
import { marketWrap } from './market-wrap.ts';
import { outlookSection } from './outlook.ts';
import { riskFactors } from './risk-factors.ts';
import type { Scene } from './scene.ts';
import { segmentNote } from './segment-note.ts';
import { statementTables } from './tables.ts';

/** Documents about the economy as a whole carry no company. */
export const economyGenres: ReadonlySet<string> = new Set(['rate-decision', 'minutes']);

export const financeGenres: readonly Genre<Scene>[] = [
  { id: 'business', weight: 9, write: businessSection },
  { id: 'risk-factors', weight: 8, write: riskFactors },
  { id: 'management-discussion', weight: 12, write: managementDiscussion },
  { id: 'liquidity', weight: 9, write: liquiditySection },
  { id: 'segment-note', weight: 7, write: segmentNote },
  { id: 'outlook', weight: 7, write: outlookSection },
  { id: 'earnings-news', weight: 11, write: earningsNews },
  { id: 'analyst-note', weight: 9, write: analystNote },
  { id: 'earnings-call', weight: 8, write: earningsCall },
  { id: 'statement-tables', weight: 6, write: statementTables },
  { id: 'figures-note', weight: 24, write: figuresNote },
  { id: 'credit-agreement', weight: 6, write: creditAgreement },
  { id: 'concept-lesson', weight: 12, write: conceptLesson },
  { id: 'rate-decision', weight: 3, write: rateDecision },
  { id: 'minutes', weight: 3, write: minutes },
  { id: 'market-wrap', weight: 5, write: marketWrap },
];
