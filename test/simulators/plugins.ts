import { simulatorPlugin as gitple } from './gitple/controlPanel';
import { simulatorPlugin as lifty } from './lifty/controlPanel';
import { simulatorPlugin as omnize } from './omnize/controlPanel';
import { simulatorPlugin as simplesDesk } from './simplesdesk/controlPanel';
import { simulatorPlugin as voxfree } from './voxfree/controlPanel';

/** The providers of the control page, in the order of their tabs. */
export const plugins = { omnize, gitple, lifty, simplesDesk, voxfree };
