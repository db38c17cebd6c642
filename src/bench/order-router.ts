import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CascadeEvent, EventOf } from '../core/events/events.js';
import { type Interval, wilson } from '../core/intervals.js';
import { mean } from '../core/moments.js';
import { quantile } from '../core/quantile.js';
import { mulberry32 } from '../core/random.js';
import { Emulator } from '../emulator/emulator.js';
import { dealt } from '../learning/groups.js';
import { pastDetections } from '../learning/past/past-detection.js';
import { type AskExample, askExampleOf, learnAsks } from '../learning/router/learn-asks.js';
import { uplinkSchema } from '../runtime/config.js';
import { systemClock, systemTimer } from '../runtime/process/system-clock.js';
import { uplinkEdges } from '../runtime/uplink-edges.js';
import { createUplink } from '../uplink/uplink.js';
import { spoken } from './cost-cloud.js';
import { isSameOrder, type Order, readLiterally } from './cost-orders.js';
import type { OrderQuestion } from './order-questions.js';

/** A scripted provider: how long it thinks, and what a question costs. */
export interface ScriptedProvider {
  readonly thinkMs: number;
  readonly perCall: number;
}

/** What is asked of {@link benchOrderRouter}. */
export interface OrderRouterOptions {
  readonly cheap: ScriptedProvider;
  readonly dear: ScriptedProvider;
  /** Parts that the orders are dealt into: a router is learnt of all but one, and asked about that one. */
  readonly folds: number;
  /** As of `catnap tune --router`. */
  readonly wrongTurns: number;
  readonly onAnswer: () => void;
}

/** One way of asking, over all orders. */
export interface OrderRoute {
  /** Offer to verdict, mean: of orders that end at the dear provider where the cheap one is asked first, and others. */
  readonly endingDearMs: number;
  readonly othersMs: number;
  readonly askedCheap: number;
  readonly askedDear: number;
  readonly money: number;
  /** Orders answered with the intent and every slot that was said. */
  readonly right: number;
}

/** The plain cascade of providers beside one that begins where a router says. */
export interface OrderRouterBench {
  readonly orders: number;
  /** Of them, those that end at the dear provider where the cheap one is asked first. */
  readonly endingDear: number;
  readonly plain: OrderRoute;
  readonly learnt: OrderRoute;
  /** Saved of an order that ends at the dear provider, mean. */
  readonly savedMs: number;
  readonly savedInterval: Interval;
  /** Orders that begin at the dear provider, and those of them that the cheap one would have answered. */
  readonly begunDear: number;
  readonly wrongTurns: number;
  readonly wrongInterval: Interval;
  /** Parts of which no router was sure enough to send anything past the cheap provider. */
  readonly partsWithout: number;
  /** What asking the dear provider alone would cost. */
  readonly dearMoney: number;
}

/** Orders of a day: a journal is learnt from by days. */
const ORDERS_A_DAY = 10;
const DRAWS = 2_000;
const SEED = 1;

/**
 * Asks the real uplink about orders that were heard: first the cheap provider each time, then as a router says that was
 * learnt of that on other orders. Both providers are scripted and on loopback. The cheap one answers with what
 * literally stands in the transcript, and says that it does not know where that is no drink; the dear one knows what
 * was said. `completeness` judges.
 */
export async function benchOrderRouter(
  questions: readonly OrderQuestion[],
  options: OrderRouterOptions,
): Promise<OrderRouterBench> {
  const dayOf = daysOf(questions);
  const parts = dealt(dayOf.values(), options.folds).map((part) =>
    questions.filter(({ name }) => part.has(dayOf.get(name) ?? '')),
  );
  const folder = mkdtempSync(join(tmpdir(), 'catnap-router-'));
  const far = await FarEnds.start(questions, options);
  try {
    const plain = (await Promise.all(parts.map((part) => far.ask(part, null)))).flat();
    const examples = await Promise.all(plain.map((asked) => exampleOf(asked, dayOf.get(asked.name) ?? '')));
    const routers = parts.map((part, at) => {
      const days = new Set(part.map(({ name }) => dayOf.get(name)));
      const others = examples.flatMap((each) => (each === null || days.has(each.group) ? [] : [each]));
      const { learnt } = learnAsks(others, options);
      const file = join(folder, `${at}.json`);
      writeFileSync(file, JSON.stringify(learnt));
      return { file, isSure: learnt.least !== null };
    });
    const learnt = (
      await Promise.all(parts.map((part, at) => far.ask(part, routers[at]?.file ?? null)))
    ).flat();
    return {
      ...compared(plain, learnt),
      partsWithout: routers.filter(({ isSure }) => !isSure).length,
      dearMoney: questions.length * options.dear.perCall,
    };
  } finally {
    await far.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A question with what came back. */
interface Asked extends OrderQuestion {
  readonly verdict: EventOf<'verdict'>;
  readonly waitedMs: number;
}

/** Two scripted providers, and uplinks to them. */
class FarEnds {
  private constructor(
    private readonly cheap: Emulator,
    private readonly dear: Emulator,
    private readonly options: OrderRouterOptions,
  ) {}

  static async start(questions: readonly OrderQuestion[], options: OrderRouterOptions): Promise<FarEnds> {
    const said = new Map(questions.map(({ escalation, order }) => [escalation.key, order]));
    const { cheap, dear } = options;
    return new FarEnds(
      await Emulator.start(systemTimer, {
        wordMs: 0,
        thinkMs: cheap.thinkMs,
        answer: ({ transcript }) => spoken(understood(transcript)),
      }),
      await Emulator.start(systemTimer, {
        wordMs: 0,
        thinkMs: dear.thinkMs,
        answer: ({ key }) => spoken(said.get(key) ?? null),
      }),
      options,
    );
  }

  /** Asks one after the other, as a device does. @param learnt file of a router; null: the cheap one first */
  async ask(questions: readonly OrderQuestion[], learnt: string | null): Promise<readonly Asked[]> {
    const { cheap, dear } = this.options;
    const provider = (name: string, { url }: Emulator, { perCall }: ScriptedProvider) => {
      return { kind: 'plain', name, url, price: { perCall } };
    };
    const config = uplinkSchema.parse({
      providers: [provider('cheap', this.cheap, cheap), provider('dear', this.dear, dear)],
      judges: ['completeness'],
      routing: { learnt },
      budget: [],
      actions: { order: { kind: 'log' } },
    });
    let tell: (event: CascadeEvent) => void = () => {};
    const uplink = await createUplink(config, {
      publish: (event) => tell(event),
      ...uplinkEdges('.'),
      run: 'bench',
      stateDir: null,
    });
    const asked: Asked[] = [];
    try {
      for (const question of questions) {
        const begun = systemClock.monotonicMs();
        const answered = new Promise<EventOf<'verdict'>>((resolve, reject) => {
          tell = (event) => {
            if (event.type === 'verdict') resolve(event);
            if (event.type === 'undelivered') reject(new Error(`${question.name}: ${event.detail}`));
          };
        });
        await uplink.offer(question.escalation);
        const verdict = await answered;
        asked.push({ ...question, verdict, waitedMs: systemClock.monotonicMs() - begun });
        this.options.onAnswer();
      }
    } finally {
      await uplink.close(1_000);
    }
    return asked;
  }

  async close(): Promise<void> {
    await this.cheap.close();
    await this.dear.close();
  }
}

/** What the cheap provider takes from a transcript: the values that literally stand in it; null without a drink. */
function understood(transcript: string | null): Order | null {
  const order = readLiterally(transcript ?? '');
  return order.slots.coffee_drink === undefined ? null : order;
}

/** By recording: its day, so that what was heard of it in noise is of the same. */
function daysOf(questions: readonly OrderQuestion[]): ReadonlyMap<string, string> {
  const names = [...new Set(questions.map(({ name }) => name))];
  return new Map(
    names.map((name, at) => [name, `day ${String(Math.floor(at / ORDERS_A_DAY)).padStart(4, '0')}`]),
  );
}

/** As `catnap tune --router` learns it from a journal. */
async function exampleOf({ told, verdict }: Asked, day: string): Promise<AskExample | null> {
  for await (const past of pastDetections(inOrder([...told, verdict]), [])) {
    const example = askExampleOf(past);
    return example === null ? null : { ...example, group: day };
  }
  return null;
}

async function* inOrder(events: readonly CascadeEvent[]): AsyncIterable<CascadeEvent> {
  yield* events;
}

function compared(
  plain: readonly Asked[],
  learnt: readonly Asked[],
): Omit<OrderRouterBench, 'partsWithout' | 'dearMoney'> {
  const ending = plain.map(endsDear);
  const saved = plain.flatMap(({ waitedMs }, at) =>
    ending[at] === true ? [waitedMs - (learnt[at]?.waitedMs ?? 0)] : [],
  );
  const begun = learnt.map(({ verdict }) => askedIn(verdict)[0] === 'dear');
  const begunDear = begun.filter(Boolean).length;
  const wrongTurns = begun.filter((isDear, at) => isDear && ending[at] === false).length;
  return {
    orders: plain.length,
    endingDear: saved.length,
    plain: routeOf(plain, ending),
    learnt: routeOf(learnt, ending),
    savedMs: mean(saved),
    savedInterval: bootstrapped(saved),
    begunDear,
    wrongTurns,
    wrongInterval: wilson(wrongTurns, begunDear),
  };
}

function endsDear({ verdict }: Asked): boolean {
  return verdict.provider === 'dear';
}

function routeOf(all: readonly Asked[], ending: readonly boolean[]): OrderRoute {
  const msOf = (isDear: boolean) =>
    mean(all.filter((_, at) => ending[at] === isDear).map(({ waitedMs }) => waitedMs));
  const askedAt = (name: string) => all.filter(({ verdict }) => askedIn(verdict).includes(name)).length;
  return {
    endingDearMs: msOf(true),
    othersMs: msOf(false),
    askedCheap: askedAt('cheap'),
    askedDear: askedAt('dear'),
    money: all.reduce((sum, { verdict }) => sum + verdict.cost.money, 0),
    right: all.filter(isRight).length,
  };
}

/** Who was asked, in order; of one alone there are no steps. */
function askedIn({ steps, provider }: EventOf<'verdict'>): readonly string[] {
  return steps?.map((step) => step.provider) ?? [provider];
}

function isRight(asked: Asked): boolean {
  if (endsDear(asked)) return true;
  const answer = understood(asked.escalation.transcript);
  return answer !== null && isSameOrder(asked.order, answer);
}

/** 95% of the mean, by the percentiles of draws with replacement (Efron 1979). */
function bootstrapped(values: readonly number[]): Interval {
  const random = mulberry32(SEED);
  const means = Array.from({ length: DRAWS }, () =>
    mean(values.map(() => values[Math.floor(random() * values.length)] ?? 0)),
  );
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) };
}
