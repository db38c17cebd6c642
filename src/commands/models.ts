import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Document, isCollection } from 'yaml';
import { checkModel, type ModelCheck } from '../bench/model-check.js';
import { editConfig, voiceCascadeIn } from '../config/edit.js';
import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { valueAt } from '../core/json.js';
import { AS_TRAINED } from '../core/thresholds.js';
import { createWayOut } from '../egress/way-out.js';
import { writeCalibration } from '../models/calibration-file.js';
import { planChoice } from '../models/choose.js';
import { download } from '../models/download.js';
import { jsonAt } from '../models/json-file.js';
import type { Choice } from '../models/kind.js';
import { shippedModels } from '../models/manifest.js';
import { readWakeFile, wakeFamilyOf } from '../models/wake-file.js';
import { systemTime } from '../runtime/process/system-clock.js';
import { createStage, VOICE_KINDS } from '../runtime/stages.js';
import { choiceNamed } from '../voice/config.js';
import { fileSettings, weightsBehind } from '../voice/file-settings.js';
import type { PlannedVoiceStage } from '../voice/stages/stage-kind.js';
import { vocabularyOf } from '../voice/words/known.js';
import { cascadeOf, collect, percent, progressOver, UNHURRIED_MS } from './bench-common.js';
import { cascadeCommands, type RegisterCommand } from './command.js';

interface Flags {
  readonly config: string;
  readonly cascade: string;
  readonly json: boolean;
}

interface AddFlags extends Flags {
  readonly sha256?: string;
  readonly weights?: string;
  readonly weightsSha256?: string;
}

interface CheckFlags {
  readonly other: readonly string[];
  readonly word?: string;
  readonly write: boolean;
  readonly json: boolean;
}

/** `catnap models`: models of wake words, those that ship and those of others. */
export const registerModels: RegisterCommand = (program) => {
  const models = program
    .command('models')
    .description('wake word models: those that ship, and those of others');
  const add = cascadeCommands(models);
  add('add', 'try whether a model runs here, and have a cascade listen through it')
    .argument('<file>', 'an .onnx, .tflite or .eim, or a manifest .json; or its https address')
    .option('--sha256 <digest>', 'of what is fetched, which may be nothing else')
    .option('--weights <address>', 'of the weights, where a manifest is fetched')
    .option('--weights-sha256 <digest>', 'of those')
    .action(addModel);
  add('list', 'list the models that ship, and what a cascade listens through').action(listModels);
  add('remove', 'listen through a model no longer; its file stays')
    .argument('<name>', 'its word or file')
    .action(removeModel);
  models
    .command('check')
    .description('misses, false accepts and CPU of a model on recordings, and how sure its scores are')
    .argument('<model>', 'its file, or a model that ships')
    .argument('<clips...>', 'recordings in each of which its word is said once')
    .option('--other <file>', 'recording in which it is not said; may be given again', collect, [])
    .option('--word <label>', 'which of its words, where it has several')
    .option(
      '--write',
      'write the calibration beside the model, whose scores are read by it from then on',
      false,
    )
    .option('--json', 'print JSON', false)
    .action(check);
};

async function addModel(named: string, flags: AddFlags): Promise<void> {
  const path = /^https?:/u.test(named) ? await fetched(named, flags) : resolve(named);
  const family = fileSettings(path)?.kind;
  if (family === undefined)
    throw new CatnapError(
      'MODEL_SHAPE',
      `model ${named}: expected an .onnx or .tflite, an .eim, or a .json of type micro, openWakeWord or classifier, found ${sortOf(path)}`,
    );
  const { words, spoken } = await tried(choiceNamed(process.cwd(), path, VOICE_KINDS.stages));
  const written = fromConfig(flags, path);
  edit(flags, (document, place) => {
    const before = (document.toJS() as Readonly<Record<string, unknown>>) ?? {};
    document.setIn(
      place,
      document.createNode(withModel(valueAt(before, place), family, written, flags), { flow: true }),
    );
  });
  const verified = spoken?.map(({ say }) => `"${say}"`).join(', ') ?? '';
  if (flags.json) {
    process.stdout.write(`${JSON.stringify({ model: written, family, words, spoken: spoken ?? [] })}\n`);
    return;
  }
  process.stdout.write(`${written} listens for ${words.join(', ')}; written to ${flags.config}.\n`);
  process.stdout.write(
    verified === ''
      ? 'How it is said is not known: nobody verifies it. If it is a word, `say` has it verified (docs/MODELS.md).\n'
      : `What it notices is verified by the sounds of ${verified}.\n`,
  );
  process.stdout.write('A Catnap that runs already listens through it once it is restarted.\n');
}

/** What a file is that no model can be read from. */
function sortOf(path: string): string {
  const ending = extname(path).toLowerCase();
  if (ending !== '.json') return ending === '' ? 'a file without an ending' : ending;
  const type = valueAt(jsonAt(path), ['type']);
  return type === undefined ? 'one that is no JSON with a type' : `type ${JSON.stringify(type)}`;
}

/** A file as a configuration names it. */
function fromConfig({ config }: Flags, path: string): string {
  const way = relative(dirname(resolve(config)), path);
  return way.startsWith('..') ? way : `./${way}`;
}

/** Fetches what the address names into `models/` beside the configuration. */
async function fetched(url: string, flags: AddFlags): Promise<string> {
  const folder = join(dirname(resolve(flags.config)), 'models');
  const wayOut = createWayOut(loadConfig(flags.config, process.env, needsNothing).uplink.offline);
  const pinned = async (from: string, sha256: string | undefined, option: string) => {
    if (sha256 === undefined || !/^[0-9a-f]{64}$/u.test(sha256))
      throw new CatnapError('USAGE', `${from}: expected ${option} with its 64 hexadecimal digits`);
    mkdirSync(folder, { recursive: true });
    const path = join(folder, basename(new URL(from).pathname));
    await download({ url: from, sha256, path, wayOut, time: systemTime });
    return path;
  };
  if (flags.weights !== undefined) await pinned(flags.weights, flags.weightsSha256, '--weights-sha256');
  return pinned(url, flags.sha256, '--sha256');
}

/** Loads a model once, so that whatever is wrong with it is told now. */
async function tried(choice: Choice): Promise<PlannedVoiceStage> {
  const request = { name: 'models', words: null, ...AS_TRAINED, budgetMs: UNHURRIED_MS };
  const planned = await planChoice(VOICE_KINDS.stages, choice, request);
  await (await createStage(planned.spec)).dispose();
  return planned;
}

/** What `tiny.model` becomes with one more. */
function withModel(before: unknown, family: string, path: string, { cascade, config }: Flags): unknown {
  if (before === undefined || before === path) return path;
  if (typeof before === 'string' && wakeFamilyOf(resolve(dirname(config), before)) === family)
    return { kind: family, models: [before, path] };
  if (isOfFamily(before, family))
    return { ...before, models: [...before.models.filter((each) => each !== path), path] };
  const found = toldModel(before);
  throw new CatnapError(
    'USAGE',
    `cascades.${cascade}.tiny.model: expected none yet, or models of ${family} beside which it may stand, found ${found}`,
  );
}

function isOfFamily(value: unknown, family: string): value is { kind: string; models: readonly unknown[] } {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('models' in value)) return false;
  return value.kind === family && Array.isArray(value.models);
}

function edit(
  { config, cascade }: Flags,
  change: (document: Document, place: readonly string[]) => void,
): void {
  editConfig(config, (document) => {
    const at = voiceCascadeIn(document, cascade);
    change(document, [...at, 'tiny', 'model']);
  });
}

function removeModel(called: string, flags: Flags): void {
  const folder = dirname(resolve(flags.config));
  const isMeant = (model: unknown): boolean => {
    const file = typeof model === 'string' ? model : String(valueAt(model, ['model']));
    const names = [file, basename(file), basename(file, extname(file)), valueAt(model, ['name'])];
    const path = resolve(folder, file);
    if (names.includes(called) || path === resolve(called)) return true;
    // One whose file is gone has only those names left.
    return existsSync(path) && wakeFamilyOf(path) !== null && readWakeFile(path).name === called;
  };
  edit(flags, (document, place) => {
    const before = valueAt(document.toJS(), place);
    const models = valueAt(before, ['models']);
    const listed = Array.isArray(models) ? (models as readonly unknown[]) : [before];
    const left = listed.filter((model) => !isMeant(model));
    if (before === undefined || left.length === listed.length)
      throw new CatnapError(
        'USAGE',
        `"${called}": expected a model of ${flags.config}, found none of that name`,
      );
    if (left.length === 0) deleteWithEmptied(document, place);
    else document.setIn([...place, 'models'], document.createNode(left));
  });
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ removed: called })}\n`
      : `${called} is listened through no longer; its file stays.\n`,
  );
}

/** Deletes what stands at a place, and the mapping that it leaves empty. */
function deleteWithEmptied(document: Document, place: readonly string[]): void {
  document.deleteIn(place);
  const above = place.slice(0, -1);
  const left = document.getIn(above, true);
  if (isCollection(left) && left.items.length === 0) document.deleteIn(above);
}

function listModels(flags: Flags, command: Command): void {
  const shipped = shippedModels().map(({ manifest: { name, kind, version, licence } }) => ({
    name,
    kind,
    version,
    licence,
  }));
  // What ships is told whatever is wrong with a configuration, and where there is none.
  if (!flags.json)
    for (const { name, kind, version, licence } of shipped)
      process.stdout.write(`${name.padEnd(14)} ${kind.padEnd(14)} ${version.padEnd(8)} ${licence}\n`);
  const isMeant = command.getOptionValueSource('config') !== 'default';
  const listened = isMeant || existsSync(flags.config) ? listenedThrough(flags) : null;
  if (flags.json) {
    const { listens = null, words = [] } = listened ?? {};
    process.stdout.write(`${JSON.stringify({ shipped, listens, words })}\n`);
    return;
  }
  if (listened === null)
    process.stdout.write(
      `\nNo ${flags.config} is here (--config): what a cascade listens through is not known.\n`,
    );
  else {
    const { named, words } = listened;
    const known = words.length === 0 ? 'words that it says itself once it is started' : words.join(', ');
    process.stdout.write(`\ncascades.${flags.cascade} listens through ${named}: ${known}\n`);
  }
}

/** What a cascade of the configuration listens through, and for. */
function listenedThrough(flags: Flags) {
  const { model } = cascadeOf(flags, 'voice').tiny;
  const words = vocabularyOf(VOICE_KINDS.stages, model)?.words ?? [];
  return typeof model === 'string'
    ? { listens: { model, ...vocabularyOf(VOICE_KINDS.stages, model) }, named: model, words }
    : { listens: model, named: toldModel(model), words };
}

/** A model of a configuration in words: its name or files, or its kind and where it is found. */
function toldModel(model: unknown): string {
  if (typeof model === 'string') return model;
  const listed = valueAt(model, ['models']);
  if (Array.isArray(listed))
    return listed.map((each) => (typeof each === 'string' ? each : valueAt(each, ['model']))).join(', ');
  const found = valueAt(model, ['path']) ?? valueAt(model, ['url']) ?? valueAt(model, ['model']) ?? '';
  return `${valueAt(model, ['kind'])} ${found}`;
}

async function check(named: string, clips: readonly string[], flags: CheckFlags): Promise<void> {
  const choice = choiceNamed(process.cwd(), named, VOICE_KINDS.stages);
  const planned = await tried(choice);
  const word = flags.word ?? (planned.words.length === 1 ? planned.words[0] : undefined);
  if (word === undefined || !planned.words.includes(word))
    throw new CatnapError('USAGE', `model ${named}: expected --word among ${planned.words.join(', ')}`);
  const stage = await createStage(planned.spec);
  const progress = progressOver(clips.length + flags.other.length);
  const { hopSamples } = planned.traits;
  const options = { stage, hopSamples, word, clips, others: flags.other, onRecording: progress.step };
  const found = await checkModel(options).finally(async () => {
    progress.stop();
    await stage.dispose();
  });
  const written = flags.write ? writeFor(named, word, found) : null;
  if (flags.json) process.stdout.write(`${JSON.stringify({ ...found, written })}\n`);
  else process.stdout.write(rendered(word, found, written));
}

function writeFor(named: string, word: string, { calibration, clips, otherSeconds }: ModelCheck): string {
  const path = resolve(named);
  const settings = fileSettings(path);
  if (settings === null)
    throw new CatnapError(
      'USAGE',
      `--write: expected the file of a model of others, found ${named}; \`catnap tune\` sees to the rest`,
    );
  if (calibration === null)
    throw new CatnapError(
      'USAGE',
      '--write: expected five recordings of the word and a minute of others (--other) at least',
    );
  return writeCalibration(weightsBehind(path, settings), calibration, {
    word,
    clips: clips.length,
    otherSeconds,
  });
}

function rendered(word: string, found: ModelCheck, written: string | null): string {
  const { clips, missed, otherSeconds, falseAccepts, cpuShare } = found;
  const lines = [
    ...clips
      .filter(({ isHeard }) => !isHeard)
      .map(({ file, score }) => `missed  ${file}  score ${score.toFixed(3)}`),
    `${word}: ${missed} of ${clips.length} missed (${percent(missed / Math.max(1, clips.length))})`,
    otherSeconds === 0
      ? 'no other recordings (--other): how often it wakes for nothing is not known'
      : `${falseAccepts} false in ${(otherSeconds / 3600).toFixed(2)} h without it`,
    `${percent(cpuShare)} of one core while it listens`,
    ...(written === null ? [] : [`${written} written: its scores are read by it from now on`]),
  ];
  return `${lines.join('\n')}\n`;
}
