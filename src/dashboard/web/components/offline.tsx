import { ask } from '../model/commands.js';
import { hasCloud, health, isOffline, OFFLINE_COMPONENT } from '../model/store.js';

/** Switches the asking of the cloud off and on, pressed while it is off; nothing where there is no cloud to ask. */
export function OfflineSwitch() {
  const isOn = isOffline.value;
  if (!hasCloud.value && !isOn) return null;
  return (
    <button
      type="button"
      class="plain"
      aria-pressed={isOn}
      title={isOn ? health.value.get(OFFLINE_COMPONENT)?.detail : 'Ask no cloud from now on'}
      onClick={() => void ask({ kind: 'offline', isOn: !isOn })}
    >
      Offline
    </button>
  );
}
