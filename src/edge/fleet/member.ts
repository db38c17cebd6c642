import { basename, dirname, join } from 'node:path';
import { codeOf } from '../../core/errors.js';
import * as z from '../../core/zod.js';
import type { Message } from '../../egress/broker.js';
import type { EdgeHouse, Speaker } from '../house.js';
import { type EdgeTopics, levelOf } from '../topics.js';
import { type Keeper, type NewFile, sha256Of } from './keeper.js';

/** What came of a request, as a device answers it. */
export const fleetResultSchema = z
  .object({ ok: z.boolean(), code: z.string(), detail: z.string() })
  .readonly();
export type FleetResult = z.infer<typeof fleetResultSchema>;

/** What a device that takes what is rolled out needs. */
export interface RollOutEdges {
  readonly configFile: string;
  readonly keeper: Keeper;
  /** Throws what is wrong with the text of a configuration for this device. */
  readonly check: (text: string) => void;
  /** Starts everything anew, by what stands in the files now. */
  readonly again: () => void;
}

/** What a device says of itself. */
export interface MemberDeps {
  readonly house: Pick<EdgeHouse, 'say'>;
  readonly topics: EdgeTopics;
  readonly device: string;
  /** What it is: said once it is connected, and when what was rolled out is confirmed. */
  readonly about: () => Readonly<Record<string, unknown>>;
  /** How it is: said where it changed. */
  readonly state: () => Readonly<Record<string, unknown>>;
  /** Null: it takes nothing that is rolled out. */
  readonly rollOut: RollOutEdges | null;
}

/** A configuration is some kB, a model some MB. */
const CONFIG_MAX_BYTES = 1 << 20;
const MODEL_MAX_BYTES = 256 << 20;
/** Folder of models that are rolled out, beside the configuration. */
const MODELS = 'models';

/** A device among those of a fleet: says what and how it is, and takes configurations and models where it may. */
export class FleetMember implements Speaker {
  readonly topics: readonly string[];
  readonly #deps: MemberDeps;
  readonly #set: string;
  #said = '';
  #isUp = false;

  constructor(deps: MemberDeps) {
    this.#deps = deps;
    this.#set = deps.topics.fleet(levelOf(deps.device), 'set');
    this.topics = [`${this.#set}/#`];
  }

  up(): void {
    this.#isUp = true;
    this.#said = '';
    this.#sayAbout();
    this.tell();
  }

  down(): void {
    this.#isUp = false;
  }

  /** Says how it is, where that has changed. */
  tell(): void {
    const state = JSON.stringify(this.#deps.state());
    if (!this.#isUp || state === this.#said) return;
    this.#said = state;
    this.#say('state', state);
  }

  take({ topic, payload, retained, properties }: Message): void {
    // What the broker kept was asked for at another time.
    if (retained || !topic.startsWith(`${this.#set}/`)) return;
    const { result, after } = this.#asked(topic.slice(this.#set.length + 1), payload, properties);
    const { responseTopic, correlationData } = properties;
    const answered =
      responseTopic === undefined
        ? Promise.resolve()
        : this.#deps.house.say(responseTopic, JSON.stringify(result), false, {
            ...(correlationData === undefined ? {} : { correlationData }),
            userProperties: { device: this.#deps.device },
          });
    // Its acknowledgement comes after this message has been taken.
    void answered.catch(() => {}).then(() => after?.());
  }

  #asked(
    what: string,
    payload: Buffer,
    { userProperties }: Message['properties'],
  ): { readonly result: FleetResult; readonly after?: () => void } {
    const { rollOut } = this.#deps;
    if (rollOut === null)
      return { result: refused('EGRESS_DENIED', 'edge.fleet.accept is false: nothing is taken here') };
    try {
      switch (what.split('/')[0]) {
        case 'config':
          return this.#takeConfig(rollOut, payload);
        case 'model':
          return takeModel(
            rollOut,
            what.slice('model/'.length),
            payload,
            String(userProperties?.sha256 ?? ''),
          );
        case 'keep':
          rollOut.keeper.keep();
          this.#sayAbout();
          return { result: done('kept') };
        case 'back':
          if (!rollOut.keeper.back(userProperties?.sha256?.toString()))
            return { result: refused('USAGE', 'nothing of that was rolled out here last') };
          return { result: done('as before; starts again'), after: rollOut.again };
        default:
          return { result: refused('USAGE', `expected config, model, keep or back, found ${what}`) };
      }
    } catch (error) {
      return { result: refused(codeOf(error), error instanceof Error ? error.message : String(error)) };
    }
  }

  #takeConfig(rollOut: RollOutEdges, payload: Buffer): { result: FleetResult; after?: () => void } {
    if (payload.length > CONFIG_MAX_BYTES)
      return { result: refused('CONFIG_INVALID', `expected at most ${CONFIG_MAX_BYTES} bytes`) };
    rollOut.check(payload.toString());
    return apply(rollOut, [{ path: rollOut.configFile, content: payload }]);
  }

  #sayAbout(): void {
    this.#say('about', JSON.stringify(this.#deps.about()));
  }

  #say(what: string, payload: string): void {
    const { house, topics, device } = this.#deps;
    house.say(topics.fleet(levelOf(device), what), payload, true).catch(() => {});
  }
}

function takeModel(
  rollOut: RollOutEdges,
  name: string,
  content: Buffer,
  sha256: string,
): { result: FleetResult; after?: () => void } {
  if (name === '' || name !== basename(name) || name.startsWith('.'))
    return { result: refused('USAGE', `expected the name of a file, found "${name}"`) };
  if (content.length > MODEL_MAX_BYTES || sha256Of(content) !== sha256) {
    const found = `${content.length} bytes of sha256 ${sha256Of(content)}`;
    return { result: refused('MODEL_CORRUPT', `${name}: expected sha256 ${sha256}, found ${found}`) };
  }
  return apply(rollOut, [{ path: join(dirname(rollOut.configFile), MODELS, name), content }]);
}

function apply({ keeper, again }: RollOutEdges, files: readonly NewFile[]) {
  keeper.apply(files);
  return { result: done('taken; starts again'), after: again };
}

function done(detail: string): FleetResult {
  return { ok: true, code: 'OK', detail };
}

function refused(code: string, detail: string): FleetResult {
  return { ok: false, code, detail };
}
