import type { UplinkConfig } from '../uplink/config.js';
import { createConfiguredRouter, type Router } from '../uplink/routing.js';
import { loadAskRouter } from './learnt-asks.js';

/** The routers that a configuration names. */
type Named = Pick<UplinkConfig['routing'], 'learnt' | 'beside'>;

/** Decides where questions go, by routers that may be exchanged while they are asked. */
export class LiveRouting {
  readonly #uplink: UplinkConfig;
  readonly #folder: string;
  #router: Router;
  #named: Named;

  /**
   * @param folder what paths of routers are relative to
   * @throws CatnapError as {@link loadAskRouter}.
   */
  constructor(uplink: UplinkConfig, folder: string) {
    this.#uplink = uplink;
    this.#folder = folder;
    this.#named = uplink.routing;
    this.#router = this.#by(uplink.routing);
  }

  readonly route: Router = (features, upload) => this.#router(features, upload);

  /**
   * Goes by the routers that a configuration names now; what else it says of the uplink waits for a restart.
   * @returns what is gone by from now on, for a person; null where that is what was before
   * @throws CatnapError as {@link loadAskRouter}; then what was before stands.
   */
  follow({ learnt, beside }: Named): string | null {
    if (learnt === this.#named.learnt && beside === this.#named.beside) return null;
    this.#router = this.#by({ learnt, beside });
    this.#named = { learnt, beside };
    const begun =
      learnt === null ? 'questions begin at the cheap provider' : `questions begin where ${learnt} says`;
    return beside === null ? begun : `${begun}; ${beside} is looked at`;
  }

  #by({ learnt, beside }: Named): Router {
    const { routing, providers } = this.#uplink;
    return createConfiguredRouter({ providers, routing: { ...routing, learnt, beside } }, (path) =>
      loadAskRouter(this.#folder, path),
    );
  }
}
