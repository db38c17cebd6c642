import { afterEach, describe, expect, it } from 'vitest';
import { ChatFarEnd, type ChatReply, says } from '../../../support/chat-far-end.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { auditOf, escalation, Published, uplinkTo } from '../../../support/uplink.js';

type Script = (asked: number) => ChatReply | Promise<ChatReply>;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const RAIN = says('Rain is expected in the afternoon.');
const PRICE = { small: 0.001, other: 0.002, big: 0.1 };

function chat(name: string, { url }: ChatFarEnd, perCall: number) {
  return { kind: 'chat', name, url, price: { perCall } };
}

async function served(script: Script): Promise<ChatFarEnd> {
  let asked = 0;
  const far = await ChatFarEnd.start(() => script(asked++));
  closers.push(() => far.close());
  return far;
}

describe('two cheap answers that have to agree', () => {
  const SNOW = says('Snow falls all night long.', 'snow');

  /** Three servers, of which the second is asked for the sake of comparison. */
  async function compared(second: ChatReply | Script, config: object = {}, first: Script = () => RAIN) {
    const [small, other] = [
      await served(first),
      await served(typeof second === 'function' ? second : () => second),
    ];
    const big = await served(() => RAIN);
    const providers = [
      chat('small', small, PRICE.small),
      chat('other', other, PRICE.other),
      chat('big', big, PRICE.big),
    ];
    const published = new Published();
    const stateDir = temporaryFolder();
    const judges = [{ kind: 'agreement', with: 'other' }];
    const uplink = await uplinkTo('', published, { providers, judges, ...config }, { stateDir });
    closers.push(() => uplink.close(0));
    const asked = escalation();
    await uplink.offer(asked);
    await published.until((all) => all.of('verdict').length === 1);
    await uplink.close(1_000);
    const rows = await auditOf(stateDir);
    const told = rows.map(({ provider, outcome }) => `${provider} ${outcome}`);
    return { small, other, big, verdict: published.of('verdict')[0], rows, told, asked };
  }

  it('lets the first stand where the second says the same, and pays for both', async () => {
    const { verdict, big, rows, told, asked } = await compared(RAIN);
    expect(verdict).toMatchObject({
      provider: 'small',
      steps: [
        { provider: 'other', outcome: 'compared' },
        { provider: 'small', outcome: 'answered', judges: [{ kind: 'agreement', confidence: 1 }] },
      ],
    });
    expect(verdict?.cost.money).toBeCloseTo(PRICE.small + PRICE.other);
    expect(big.requests).toEqual([]);
    expect(told).toEqual(['other compared', 'small answered']);
    // Under a key of its own, so that no far end takes it for the first.
    expect(rows.map(({ key }) => key)).toEqual([`${asked.key}#2`, asked.key]);
  });

  it('asks the dear one where they differ, and the second not once more', async () => {
    const { verdict, other, told } = await compared(SNOW);
    expect(verdict).toMatchObject({ provider: 'big' });
    expect(other.requests).toHaveLength(1);
    expect(told).toEqual(['other compared', 'small passed-on', 'big answered']);
  });

  it('takes the dearer of two that differ where nobody else can be asked', async () => {
    const spent = { budget: [{ what: 'money', per: 'day', limit: 0.01, provider: 'big' }] };
    const { verdict, told } = await compared(SNOW, spent);
    expect(verdict).toMatchObject({ provider: 'other', text: 'Snow falls all night long.' });
    expect(verdict?.cost.money).toBeCloseTo(PRICE.small + PRICE.other);
    expect(told).toEqual(['other compared', 'small passed-on']);
  });

  it('asks the dear one where the second fails, is away or can no longer be paid', async () => {
    const failed = await compared({ status: 400 });
    expect(failed.verdict).toMatchObject({ provider: 'big' });
    const spent = await compared(RAIN, {
      budget: [{ what: 'money', per: 'day', limit: 0.001, provider: 'other' }],
    });
    expect(spent.verdict).toMatchObject({
      provider: 'big',
      steps: [
        { provider: 'small', outcome: 'passed-on', judges: [{ because: 'no second answer' }] },
        { provider: 'other', outcome: 'over-budget' },
        { provider: 'big', outcome: 'answered' },
      ],
    });
    expect(spent.other.requests).toEqual([]);
  });

  describe('asked at the same time', () => {
    const config = { asksAhead: true };
    const later = async (reply: ChatReply) => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      return reply;
    };

    it.each([
      ['the same', RAIN, 'small', ['other compared', 'small answered']],
      ['another', SNOW, 'big', ['other compared', 'small passed-on', 'big answered']],
    ] as const)('goes by the second that says %s, and asks it no more', async (_, reply, provider, steps) => {
      const { verdict, told, other } = await compared(() => later(reply), config);
      expect(verdict).toMatchObject({ provider });
      expect(told).toEqual(steps);
      expect(other.requests).toHaveLength(1);
    });

    describe.each(['other', 'small'])('with %s as the one to compare with', (name) => {
      it.each([
        ['the same', RAIN, 'other', ['small compared', 'other answered']],
        ['another', SNOW, 'big', ['small compared', 'other passed-on', 'big answered']],
      ] as const)(
        'holds the first beside a quicker second that says %s, and tells so',
        async (_, reply, provider, steps) => {
          const judges = [{ kind: 'agreement', with: name }];
          const { verdict, told, small, other } = await compared(reply, { ...config, judges }, () =>
            later(RAIN),
          );
          expect(verdict).toMatchObject({ provider });
          expect(verdict?.steps?.map((step) => `${step.provider} ${step.outcome}`)).toEqual(steps);
          expect(told).toEqual(steps);
          expect([small, other].map(({ requests }) => requests.length)).toEqual([1, 1]);
          expect(verdict?.cost.money).toBeCloseTo(
            steps.reduce((sum, step) => sum + PRICE[step.split(' ')[0] as keyof typeof PRICE], 0),
          );
        },
      );
    });
  });

  it('has the same provider say it twice where no other is named', async () => {
    const { small, verdict, told } = await compared(RAIN, { judges: ['agreement'] }, (asked) =>
      asked === 0 ? RAIN : SNOW,
    );
    expect(small.requests).toHaveLength(2);
    expect(verdict).toMatchObject({ provider: 'other' });
    expect(told.slice(0, 2)).toEqual(['small compared', 'small passed-on']);
  });
});
