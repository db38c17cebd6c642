import { CatnapError } from '../core/errors.js';
import type { SettingFault, Zod } from '../core/kind.js';

/** Channels of a source that are heard: one, several that are mixed, or null: all of them, mixed. */
export type ChannelChoice = number | readonly number[] | null;

const CHANNELS_MAX = 64;

/** Which channels of a source are heard. */
export const channelSetting = (z: Zod) => {
  const channel = z
    .int()
    .min(0)
    .max(CHANNELS_MAX - 1);
  return z
    .union([channel, z.array(channel).min(1)])
    .nullable()
    .default(null)
    .describe('Channel to hear, counted from 0, or a list to mix; without it all of them are mixed to one.');
};

/** What is wrong with a choice of so many channels. */
export function channelFaults(choice: ChannelChoice, channels: number): readonly SettingFault[] {
  const missing = listed(choice).filter((channel) => channel >= channels);
  if (missing.length === 0) return [];
  const message = `expected a channel below ${channels} (\`channels\`), found ${missing.join(', ')}`;
  return [{ path: ['channel'], message }];
}

/**
 * The channels to mix.
 * @throws CatnapError `SOURCE_FORMAT` for one that is not there
 */
export function chosenChannels(choice: ChannelChoice, channels: number, name: string): readonly number[] {
  const [fault] = channelFaults(choice, channels);
  if (fault !== undefined) {
    throw new CatnapError(
      'SOURCE_FORMAT',
      `${name}: expected channel ${listed(choice).join(', ')}, found ${channels} counted from 0`,
    );
  }
  return choice === null ? Array.from({ length: channels }, (_, channel) => channel) : listed(choice);
}

function listed(choice: ChannelChoice): readonly number[] {
  if (choice === null) return [];
  return typeof choice === 'number' ? [choice] : choice;
}
