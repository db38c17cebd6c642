import type { Counted } from '../past/evidence.js';
import type { WhatIf } from './what-if.js';

/** What other thresholds would have made of the past, in a sentence. */
export function tellWhatIf(whatIf: WhatIf): string {
  const { believed, gone, perhapsGone, added, perhapsAdded, settled, unsettled, perhapsSettled, almost } =
    whatIf;
  const parts = [
    change(gone, perhapsGone, 'fewer'),
    ...(added.detections + perhapsAdded.detections === 0 ? [] : [change(added, perhapsAdded, 'more')]),
  ];
  if (believed.cloudCalls > 0 && gone.cloudCalls + perhapsGone.cloudCalls > 0) {
    const share = (calls: number) => Math.round((100 * calls) / believed.cloudCalls);
    const [least, most] = [gone.cloudCalls, gone.cloudCalls + perhapsGone.cloudCalls];
    parts.push(`${between(share(least), share(most))}% fewer cloud calls`);
  }
  if (gone.money + perhapsGone.money > 0)
    parts.push(`$${between(gone.money.toFixed(2), (gone.money + perhapsGone.money).toFixed(2))} less`);
  if (unsettled.detections + perhapsSettled.detections > 0)
    parts.push(
      `of ${settled.detections} settled here ${change(unsettled, NONE, 'passed on')}` +
        (perhapsSettled.detections === 0 ? '' : `, ${between(0, perhapsSettled.detections)} more settled`),
    );
  if (almost.noticed > 0) parts.push(`heavy asked of ${almost.noticed} of ${almost.told} near misses too`);
  const unknown = unknownIn(whatIf);
  if (unknown.length > 0) parts.push(`not known: ${unknown.join(', ')}`);
  return `of ${counted(believed)}: ${parts.join('; ')}`;
}

const NONE: Counted = { detections: 0, right: 0, wrong: 0, unsaid: 0, cloudCalls: 0, money: 0 };

/** Of what the journal cannot say what the change would have made of it, and why. */
function unknownIn({ perhapsGone, perhapsAdded, almost, unseen }: WhatIf): readonly string[] {
  const open = perhapsGone.detections + perhapsAdded.detections;
  return [
    ...(open === 0 ? [] : [`${open} of which only the ends of heavy's confidence are`]),
    ...(almost.noticed === 0
      ? []
      : [`what heavy would say of those ${almost.noticed}, which it never looked at`]),
    ...(unseen.untold === 0 ? [] : [`${unseen.untold} near misses that were too many to tell`]),
    ...(unseen.below === null
      ? []
      : [`all that tiny was less sure of than ${toldThreshold(unseen.below)}, which nobody looked at`]),
  ];
}

function toldThreshold(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function change(sure: Counted, perhaps: Counted, word: 'fewer' | 'more' | 'passed on'): string {
  const [least, most] = [sure.detections, sure.detections + perhaps.detections];
  const wakes = `${between(least, most)} ${word}`;
  if (most === 0) return wakes;
  const right = between(sure.right, sure.right + perhaps.right);
  const unsaid = sure.unsaid + perhaps.unsaid;
  return `${wakes}, ${right} of them real${unsaid === 0 ? '' : ` and ${between(sure.unsaid, unsaid)} not known`}`;
}

function counted({ detections }: Counted): string {
  return detections === 1 ? '1 wake' : `${detections} wakes`;
}

function between(least: number | string, most: number | string): string {
  return least === most ? `${least}` : `${least} to ${most}`;
}
