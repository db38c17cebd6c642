import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EventOf } from '../../src/core/events/events.js';
import { anomalyStatePath } from '../../src/sensor/normal/state-path.js';
import { hello } from '../support/bridge.js';
import { Daemon } from '../support/daemon.js';
import { voiceRecording } from '../support/replay.js';
import { type PumpFault, pumpChannels, pumpRows } from '../support/sensor-rows.js';
import { plug, ScriptedBoard, until } from '../support/serial.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

const quiet = 'dashboard: { enabled: false }\njournal: { enabled: false }\n';
const SCALE = 0.001;
const ROWS_PER_FRAME = 20;

let stateDir: string;
beforeEach(() => {
  stateDir = temporaryFolder();
});

/** What the pump's board says it is. */
const pumpBoard = hello({
  rateHz: 1,
  rowsPerFrame: ROWS_PER_FRAME,
  format: 'i32',
  channels: pumpChannels.map((channel) => ({ ...channel, scale: SCALE, offset: 0 })),
});

/** Sends rows of the pump `[from, to)` as its board would, faster than they would come. */
async function sample(board: ScriptedBoard, rows: readonly (readonly number[])[], from: number, to: number) {
  for (let firstRow = from; firstRow < to; firstRow += ROWS_PER_FRAME) {
    const values = rows
      .slice(firstRow, firstRow + ROWS_PER_FRAME)
      .flat()
      .map((value) => Math.round(value / SCALE));
    board.send({
      kind: 'samples',
      session: 100,
      firstRow,
      channels: pumpChannels.length,
      format: 'i32',
      values,
    });
    await delay(5);
  }
}

describe.runIf(requireTool('a sensor daemon that is killed', 'socat'))('a fault that lasts', () => {
  it('is known to be the same after kill -9 in its midst, and is told of once', async () => {
    const scratch = temporaryFolder();
    await using _cable = await plug(`${scratch}/board`, `${scratch}/host`);
    await using board = await ScriptedBoard.open(`${scratch}/board`, pumpBoard);
    const yaml = `${quiet}sources: [{ id: pump, kind: serial, path: ${scratch}/host, idleMs: 600000 }]
cascades: { sensor: { kind: sensor, learnSeconds: 400 } }\n`;
    const lasting: PumpFault = { fromRow: 600, toRow: 1000, shift: [-3, 0.4, 0] };
    const rows = pumpRows(1400, 81, [lasting]);

    const first = Daemon.run(yaml, { stateDir });
    await until('the handshake', () => board.heard.length > 0);
    await sample(board, rows, 0, 700);
    const verified = await first.event('verified');
    expect(verified.resumed).toBeUndefined();
    await first.event('escalated');
    first.kill('SIGKILL');
    expect(await first.exit()).toBe('SIGKILL');
    const saved = JSON.parse(readFileSync(anomalyStatePath(stateDir, 'pump'), 'utf8'));
    expect(saved.fault).toMatchObject({ label: 'anomaly' });

    const asked = board.heard.length;
    const second = Daemon.run(yaml, { stateDir });
    try {
      await until('another handshake', () => board.heard.length > asked);
      await sample(board, rows, 800, 1400);
      const again = await second.event('verified');
      expect(again).toMatchObject({ resumed: true, degraded: false, label: 'anomaly' });
      const ended: EventOf<'ended'> = await second.event('ended');
      expect(ended.detection).toBe(again.detection);
      expect(second.events.filter(({ type }) => type === 'escalated' || type === 'settled')).toEqual([]);
      await second.until(
        () => JSON.parse(readFileSync(anomalyStatePath(stateDir, 'pump'), 'utf8')).fault === null,
        'the fault is over and still kept',
      );
    } finally {
      await second.end();
    }
  });
});

describe('several sources at once', () => {
  it('a word and a bearing within the window are a matter for the cloud, said why', async () => {
    const motor = join(root, 'fixtures/demo/motor.bridge');
    const daemon = Daemon.run(
      `${quiet}
sources:
  - { id: office, kind: file, path: ${voiceRecording('settled')}, realtime: false }
  - { id: motor, kind: serial-recording, path: ${motor}, speed: 4, cascade: motor }
cascades:
  motor:
    kind: sensor
    rowSeconds: 0.25
    learnSeconds: 60
    faults: { anomaly: { kind: log } }
    policy: { togetherSeconds: 600 }
`,
      { stateDir },
    );
    try {
      await daemon.event('verified', ({ source }) => source === 'office');
      const escalated = await daemon.event('escalated', ({ source }) => source === 'motor');
      expect(escalated.reasons).toEqual(['several-sources']);
    } finally {
      await daemon.end();
    }
  });

  it('alone, the same fault is settled by its answer', async () => {
    const motor = join(root, 'fixtures/demo/motor.bridge');
    const daemon = Daemon.run(
      `${quiet}
sources: [{ id: motor, kind: serial-recording, path: ${motor}, speed: 0 }]
cascades: { sensor: { kind: sensor, rowSeconds: 0.25, learnSeconds: 60, faults: { anomaly: { kind: log } } } }
`,
      { stateDir },
    );
    try {
      expect(await daemon.event('settled')).toMatchObject({ source: 'motor', reasons: ['known-fault'] });
    } finally {
      await daemon.end();
    }
  });
});
