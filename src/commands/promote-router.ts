import { dirname, resolve } from 'node:path';
import { editConfig, setWithWhy } from '../config/edit.js';
import { CatnapError } from '../core/errors.js';
import { verdictOfRoutes } from '../learning/shadow/tell.js';
import type { Config } from '../runtime/config.js';
import { loadAskRouter } from '../runtime/learnt-asks.js';
import { routesKept } from '../runtime/watch-shadow.js';
import { keepPromotion, type Promotion, promotionNow, promotionToTakeBack } from './promotions-file.js';

/** What promotions call the router; no source is called so. */
const ROUTER = 'uplink.routing';
/** What the rules alone are called there. */
const RULES = '';

/** What was exchanged, and that in a sentence. */
interface Exchanged {
  readonly said: string;
  readonly promotion: Promotion;
}

/**
 * `catnap promote --router`: questions begin where the router beside says, and the one before is looked at.
 * @throws CatnapError `USAGE` where there is none, or it is not told to be better and not forced.
 */
export async function promoteRouter(
  file: string,
  config: Config,
  stateDir: string,
  isForced: boolean,
): Promise<Exchanged> {
  const { learnt, beside } = config.uplink.routing;
  if (beside === null)
    throw new CatnapError('USAGE', 'expected a router beside (`uplink.routing.beside`), found none');
  const { name } = loadAskRouter(dirname(resolve(file)), beside);
  const told = (await routesKept(stateDir)).told();
  const compared = told?.candidate === name ? told : null;
  const why = compared === null ? `${beside} has decided nothing yet` : verdictOfRoutes(compared);
  if (!isForced && compared?.verdict !== 'better')
    throw new CatnapError('USAGE', `${why}; --force promotes it all the same`);
  const promotion = promotionNow({ source: ROUTER, from: learnt ?? RULES, to: beside, isRollback: false });
  exchange(file, promotion, why);
  keepPromotion(stateDir, promotion);
  const said = `questions begin where ${beside} says; a running Catnap takes it over within a second\n${why}\n`;
  return { said, promotion };
}

/**
 * `catnap rollback --router`: takes the newest promotion of a router back.
 * @throws CatnapError `USAGE` where there is none.
 */
export function rollBackRouter(file: string, config: Config, stateDir: string): Exchanged {
  const now = config.uplink.routing.learnt ?? RULES;
  const newest = promotionToTakeBack(stateDir, ROUTER, now);
  if (newest === null)
    throw new CatnapError('USAGE', 'expected a promotion of a router to take back, found none');
  const promotion = promotionNow({ source: ROUTER, from: now, to: newest.from, isRollback: true });
  exchange(file, promotion, `takes back the promotion of ${newest.at}`);
  keepPromotion(stateDir, promotion);
  const where = newest.from === RULES ? 'at the cheap provider' : `where ${newest.from} says`;
  return {
    said: `questions begin ${where} again; a running Catnap takes it over within a second\n`,
    promotion,
  };
}

/** Both change places in one write of the file; rules have no file to be looked at. */
function exchange(file: string, { at, from, to }: Promotion, why: string): void {
  editConfig(file, (document) => {
    const set = (setting: 'learnt' | 'beside', path: string, told: string) => {
      if (path === RULES) document.deleteIn(['uplink', 'routing', setting]);
      else setWithWhy(document, ['uplink', 'routing', setting], path, told);
    };
    set('learnt', to, `catnap, ${at.slice(0, 10)}: ${why}`);
    set('beside', from, `catnap, ${at.slice(0, 10)}: had the say before`);
  });
}
