// The page's second script: views and readers that nobody sees at first.
import { flameSvg, foldedStacks, speedscope, topTable } from './model/export';
import { decodeReference } from './payload/reference';
import { later } from './later-parts';
import { Accelerators } from './views/accelerators';
import { CompareView } from './views/compare';
import { MemoryView } from './views/memory';
import { Panels } from './views/panels';
import { TimelineView } from './views/timeline';

Object.assign(later, { Accelerators, CompareView, MemoryView, Panels, TimelineView, decodeReference, flameSvg, foldedStacks, speedscope, topTable });
