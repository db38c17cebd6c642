import type { SettingFault } from '../../core/kind.js';

/** That a setting names a provider which is not there; nothing where it is. */
export function unknownProvider(
  found: string,
  known: readonly string[],
  path: SettingFault['path'],
): readonly SettingFault[] {
  if (known.includes(found)) return [];
  return [{ path, message: `expected the name of a provider, found "${found}"`, among: { found, known } }];
}
