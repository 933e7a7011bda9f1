// The page's second script: views and readers that nobody sees at first.
import { flameSvg, foldedStacks, speedscope, topTable } from './model/export';
import { decodeReference } from './payload/reference';
import { later } from './later-parts';
import { Accelerators } from './views/accelerators';
import { CompareView } from './views/compare';
import { Panels } from './views/panels';

Object.assign(later, { Accelerators, CompareView, Panels, decodeReference, flameSvg, foldedStacks, speedscope, topTable });
