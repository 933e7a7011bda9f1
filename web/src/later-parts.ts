// What only a later act needs lies in a script of its own, later.js. It fills this in before the page begins.
import type { CompareView } from './views/compare';
import type { Accelerators } from './views/accelerators';
import type { MemoryView } from './views/memory';
import type { TimelineView } from './views/timeline';
import type { Panels } from './views/panels';
import type { decodeReference } from './payload/reference';
import type { flameSvg, foldedStacks, speedscope, topTable } from './model/export';

export interface Later {
  'CompareView': typeof CompareView;
  'Accelerators': typeof Accelerators;
  'TimelineView': typeof TimelineView;
  'MemoryView': typeof MemoryView;
  'Panels': typeof Panels;
  'decodeReference': typeof decodeReference;
  'flameSvg': typeof flameSvg;
  'foldedStacks': typeof foldedStacks;
  'speedscope': typeof speedscope;
  'topTable': typeof topTable;
}

export const later = {} as Later;
