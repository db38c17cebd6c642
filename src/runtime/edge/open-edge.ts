import { EdgeAsker } from '../../edge/asker.js';
import { edgeTopics } from '../../edge/topics.js';
import { createBroker } from '../../egress/broker.js';
import { createUplinkWayOut } from '../../uplink/egress.js';
import type { EdgeReport, HeavyThreadEdge } from '../heavy/heavy-host.js';
import { systemClock, systemTime } from '../process/system-clock.js';
import type { EdgeWay } from './edge-line.js';

/** Connects the thread of the heavy process to the workers of the house, through the one gate of what leaves. */
export function openEdge(
  { device, version, broker, topic, egress }: HeavyThreadEdge,
  report: (told: EdgeReport) => void,
): EdgeWay {
  const gate = createUplinkWayOut(egress, false);
  const wayOut: Pick<typeof gate, 'leave'> = {
    leave: (passage, send) => {
      report({ kind: 'left', passage });
      return gate.leave(passage, send);
    },
  };
  const asker = new EdgeAsker({
    ...systemTime,
    broker: createBroker(broker, wayOut, systemTime.timer),
    wayOut,
    topics: edgeTopics(topic),
    device,
    version,
    onHealth: (health) => report({ kind: 'edge-health', health }),
  });
  asker.open();
  return {
    asker,
    clearance: gate,
    clock: systemClock,
    onPassed: (passed) => report({ kind: 'passed', passed }),
  };
}
