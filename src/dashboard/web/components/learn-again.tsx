import { ask } from '../model/commands.js';
import { Menu } from './menu.js';

/** Has a sensor learn anew, as after maintenance; in two steps, for what was learnt is gone then. */
export function LearnAgain({ source }: { readonly source: string }) {
  return (
    <Menu name="Learn again" label={`Learn ${source} again`}>
      {(close) => (
        <button
          type="button"
          onClick={() => {
            close();
            void ask({ kind: 'learn-again', source });
          }}
        >
          Forget what is normal
        </button>
      )}
    </Menu>
  );
}
