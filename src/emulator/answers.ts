import type { PlainEvent } from '../uplink/providers/plain/protocol.js';

/** What an answer looks like under the default schema. */
export interface ScriptedAnswer {
  readonly label: string;
  readonly text: string;
  readonly action: { readonly name: string; readonly parameters: Readonly<Record<string, string>> } | null;
}

interface VoiceScript {
  readonly label: string;
  readonly heard: RegExp;
  readonly text: string;
}

const VOICE_SCRIPTS: readonly VoiceScript[] = [
  {
    label: 'weather',
    heard: /weather|rain|umbrella|forecast|snow|sunny/,
    text: 'Tomorrow stays mild at about 14 degrees, with light rain in the afternoon. An umbrella is a good idea.',
  },
  {
    label: 'directions',
    heard: /how (far|long)|train|bus|traffic|drive|route|station/,
    text: 'The next train leaves in twelve minutes from platform 3, and traffic on the way there is light.',
  },
  {
    label: 'cooking',
    heard: /recipe|cook|bake|dinner|oven|boil|pasta|bread|eggs?\b/,
    text: 'For two people: 200 grams of pasta, a clove of garlic, olive oil and a little chilli. It takes 12 minutes.',
  },
  {
    label: 'coffee-order',
    heard: /coffee|espresso|latte|cappuccino|mocha|americano|milk|sugar|syrup/,
    text: 'Your order is taken. It will be ready in about four minutes.',
  },
  {
    label: 'planning',
    heard: /remind|calendar|meeting|appointment|schedule|tomorrow|tonight|monday|friday/,
    text: 'You are free from three o’clock. Shall I put it down for half past three?',
  },
  {
    label: 'gift-idea',
    heard: /present|gift|birthday/,
    text: 'For someone who likes gardening: a good pair of secateurs, or a box of spring bulbs she can plant this autumn.',
  },
  {
    label: 'geography',
    heard: /capital of france/,
    text: 'The capital of France is Paris.',
  },
  {
    label: 'explanation',
    heard: /\bwhy\b|explain|how (does|do|is|are)|difference/,
    text: 'Briefly: one part does the quick, cheap check and only what passes is looked at more closely.',
  },
  {
    label: 'fact',
    heard: /\bwho\b|\bwhat\b|\bwhich\b|\bwhere\b|\bwhen\b|capital|population|tallest/,
    text: 'A scripted cloud keeps few facts. A real one, put in its place, would know.',
  },
  {
    label: 'entertainment',
    heard: /joke|story|sing|poem|funny/,
    text: 'Why did the sensor take a nap? Because nothing crossed its threshold.',
  },
  {
    label: 'summary',
    heard: /summar|news|headline|read|message|mail/,
    text: 'Three new messages: the parcel comes on Thursday, the school asks for a signature, and Ana says hello.',
  },
];

/** The scripted cloud's answer: sensible words for a demonstration, always the same for the same event. */
export function scriptedAnswer(event: PlainEvent): ScriptedAnswer {
  return event.kind === 'voice' ? voiceAnswer(event) : sensorAnswer(event);
}

function voiceAnswer(event: PlainEvent): ScriptedAnswer {
  const transcript = event.transcript?.trim() ?? '';
  if (transcript === '') {
    return event.clip === null
      ? { label: 'unclear', text: 'I could not make out any words. Please say it again.', action: null }
      : { label: 'audio', text: `I heard ${clipSeconds(event)} of speech.`, action: null };
  }
  const heard = transcript.toLowerCase();
  const script = VOICE_SCRIPTS.find((candidate) => candidate.heard.test(heard));
  if (script !== undefined) return { label: script.label, text: script.text, action: null };
  return {
    label: 'unknown-request',
    text: `You said: “${transcript.slice(0, 200)}”. I have no better answer than that yet.`,
    action: null,
  };
}

function clipSeconds(event: PlainEvent): string {
  const bytes = Buffer.byteLength(event.clip?.data ?? '', 'base64');
  return `${(bytes / 2 / (event.clip?.rateHz ?? 1)).toFixed(1)} s`;
}

interface SensorScript {
  readonly label: string;
  readonly channel: RegExp;
  readonly text: string;
}

const SENSOR_SCRIPTS: readonly SensorScript[] = [
  {
    label: 'bearing-wear',
    channel: /accel|vibration|imu|\bg[xyz]?\b/i,
    text: 'The vibration points at a worn bearing or a loose mount. Check the bearing on the drive side first.',
  },
  {
    label: 'blocked-flow',
    channel: /flow|pressure|volume|valve/i,
    text: 'Flow and pressure drift apart as when a valve is partly closed. Check the outlet valve and the filter.',
  },
  {
    label: 'overheating',
    channel: /temp|thermo/i,
    text: 'The temperature climbs faster than the load explains. Check the fan and the coolant before restarting.',
  },
  {
    label: 'electrical-load',
    channel: /current|voltage|power|amp/i,
    text: 'The current is well above its usual level: likely mechanical drag or a failing winding.',
  },
];

function sensorAnswer(event: PlainEvent): ScriptedAnswer {
  const channels = (event.trail ?? [])
    .flatMap((entry) => (entry.kind === 'abstain' ? [] : entry.contributions))
    .toSorted((a, b) => b.share - a.share)
    .map((contribution) => contribution.channel);
  const subject = channels[0] ?? JSON.stringify(event.summary ?? '');
  const script = SENSOR_SCRIPTS.find((candidate) => candidate.channel.test(subject));
  if (script !== undefined) return { label: script.label, text: script.text, action: null };
  return {
    label: 'unusual-reading',
    text: `The readings of ${channels[0] ?? event.source} left their normal range. Compare them with the last hour.`,
    action: null,
  };
}
