import { resolve } from 'node:path';
import type { Command } from 'commander';
import { editConfig, setWithWhy } from '../config/edit.js';
import { loadConfig, needsAll, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { type Compared, ShadowComparison } from '../learning/shadow/comparison.js';
import { verdictOf } from '../learning/shadow/tell.js';
import { type Config, cascadeNameOf } from '../runtime/config.js';
import { compareKept } from '../runtime/watch-shadow.js';
import { answer, type RegisterCommand } from './command.js';
import { promoteRouter, rollBackRouter } from './promote-router.js';
import { keepPromotion, type Promotion, promotionNow, promotionToTakeBack } from './promotions-file.js';
import { configPathOf, stateDirOf } from './state-dir.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly force: boolean;
  readonly router: boolean;
  readonly json: boolean;
}

/** When a running Catnap goes by it. */
const WHEN = 'a running Catnap takes it over within a second';

/** `catnap promote`: a source goes by its candidate from now on, and the one before listens beside. */
export const registerPromote: RegisterCommand = (program) => {
  add(
    program,
    'promote',
    'have a source go by the cascade that listens beside it, and the other listen beside',
  )
    .option('--force', 'also where it is not told to be better, or told to be worse', false)
    .action(async (source: string | undefined, flags: Flags) => {
      const { file, config, stateDir } = opened(flags);
      if (flags.router) {
        const { said, promotion } = await promoteRouter(file, config, stateDir, flags.force);
        answer(said, promotion, flags.json);
        return;
      }
      if (source === undefined) throw noSource();
      const to = config.shadow[source];
      if (to === undefined)
        throw new CatnapError(
          'USAGE',
          `${source}: expected a source with a cascade beside it (\`shadow\`), found none`,
        );
      const why = await reasonFor(stateDir, source, to, flags.force);
      const promotion = promotionOf(config, source, to, false);
      exchange(file, promotion, why);
      keepPromotion(stateDir, promotion);
      const said = `${source} goes by ${to} and ${promotion.from} is beside it; ${WHEN}\n${why}\n`;
      answer(said, { ...promotion, why }, flags.json);
    });
};

/** `catnap rollback`: takes back the newest promotion of a source. */
export const registerRollback: RegisterCommand = (program) => {
  add(program, 'rollback', 'have a source go by what it went by before its newest promotion').action(
    (source: string | undefined, flags: Flags) => {
      const { file, config, stateDir } = opened(flags);
      if (flags.router) {
        const { said, promotion } = rollBackRouter(file, config, stateDir);
        answer(said, promotion, flags.json);
        return;
      }
      if (source === undefined) throw noSource();
      const now = cascadeNameOf(config.sources, source);
      const newest = promotionToTakeBack(stateDir, source, now);
      if (newest === null)
        throw new CatnapError('USAGE', `${source}: expected a promotion to take back, found none`);
      const promotion = promotionOf(config, source, newest.from, true);
      exchange(file, promotion, `takes back the promotion of ${newest.at}`);
      keepPromotion(stateDir, promotion);
      const said = `${source} goes by ${newest.from} again and ${now} is beside it; ${WHEN}\n`;
      answer(said, promotion, flags.json);
    },
  );
};

function noSource(): CatnapError {
  return new CatnapError('USAGE', 'expected the id of a source, or --router, found neither');
}

function add(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .argument('[source]', 'id of the source')
    .option('--router', 'whom to ask first (`uplink.routing`) instead', false)
    .option('--config <file>', 'configuration; catnap.yaml where there is one')
    .option('--state <folder>', 'state folder')
    .option('--json', 'print JSON', false);
}

function opened(flags: Flags): { readonly file: string; readonly config: Config; readonly stateDir: string } {
  const file = configPathOf(flags);
  if (file === null)
    throw new CatnapError('USAGE', '--config: expected a configuration, found no catnap.yaml here');
  return {
    file,
    config: loadConfig(file, process.env, needsNothing),
    stateDir: resolve(stateDirOf({ ...flags, config: file })),
  };
}

/** What the comparison says for it. */
async function reasonFor(stateDir: string, source: string, to: string, isForced: boolean): Promise<string> {
  const comparison = new ShadowComparison();
  await compareKept(comparison, stateDir);
  const isIts = (compared: Compared): boolean =>
    compared.source === source && compared.candidate.startsWith(`${to}@`);
  const compared = comparison.told().find(isIts);
  const why = compared === undefined ? `${to} has decided nothing yet` : verdictOf(compared);
  if (isForced || compared?.verdict === 'better') return why;
  throw new CatnapError('USAGE', `${why}; --force promotes it all the same`);
}

function promotionOf(config: Config, source: string, to: string, isRollback: boolean): Promotion {
  const from = cascadeNameOf(config.sources, source) ?? '';
  return promotionNow({ source, from, to, isRollback });
}

/** Both change places in one write of the file. */
function exchange(file: string, { at, source, from, to }: Promotion, why: string): void {
  editConfig(
    file,
    (document) => {
      const { sources } = document.toJS() as { readonly sources: readonly { readonly id: string }[] };
      const place = ['sources', sources.findIndex(({ id }) => id === source), 'cascade'];
      setWithWhy(document, place, to, `catnap, ${at.slice(0, 10)}: in place of ${from}; ${why}`);
      document.setIn(['shadow', source], document.createNode(from));
    },
    needsAll,
  );
}
