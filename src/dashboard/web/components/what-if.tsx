import { useEffect, useState } from 'preact/hooks';
import { answerTo, ask } from '../model/commands.js';
import type { SourceView } from '../model/store.js';
import { Front } from './front.js';
import { Reliability } from './reliability.js';

const DAYS = 7;
/** A slider that still moves asks nothing. */
const STILL_MS = 600;

const SLIDERS = [
  { setting: 'tiny.reject', stage: 'tiny', bound: 'reject', name: 'Noticed from' },
  { setting: 'heavy.accept', stage: 'heavy', bound: 'accept', name: 'Believed from' },
] as const;

/** A slider goes by log-odds, from .0001 to .9999: thresholds that matter lie close to either end. */
const FARTHEST = 9.2;
const STEP = 0.1;
const DIGITS = 4;

type Changes = { readonly [Setting in (typeof SLIDERS)[number]['setting']]?: number };

/** Sliders of a source's thresholds: what others would have made of the last days, to be applied and taken back. */
export function WhatIf({ view }: { readonly view: SourceView }) {
  const [isOpen, open] = useState(false);
  return (
    <details class="what-if" onToggle={(event) => open(event.currentTarget.open)}>
      <summary class="muted small">What if it were stricter?</summary>
      {isOpen ? <Sliders view={view} /> : null}
    </details>
  );
}

function Sliders({ view: { source, description } }: { readonly view: SourceView }) {
  const [changes, change] = useState<Changes>({});
  const [answer, tell] = useState('');
  const isChanged = Object.keys(changes).length > 0;
  useEffect(() => {
    if (!isChanged) return undefined;
    const timer = setTimeout(async () => {
      tell((await answerTo({ kind: 'what-if', source, days: DAYS, changes })) ?? '');
    }, STILL_MS);
    return () => clearTimeout(timer);
  }, [source, isChanged, changes]);
  const inForce = ({ stage, bound }: (typeof SLIDERS)[number]) =>
    description?.stages.find(({ role }) => role === stage)?.thresholds?.[bound];
  const apply = async () => {
    for (const { setting, stage, bound } of SLIDERS) {
      const value = changes[setting];
      if (value !== undefined && !(await ask({ kind: 'threshold', source, stage, bound, value }))) return;
    }
    change({});
  };
  return (
    <>
      {SLIDERS.map((slider) => {
        const now = inForce(slider);
        if (now === undefined) return null;
        return (
          <ThresholdSlider
            key={slider.setting}
            name={slider.name}
            value={changes[slider.setting] ?? now}
            onMove={(value) => change({ ...changes, [slider.setting]: value })}
          />
        );
      })}
      <output class="small">
        {isChanged ? `In the last ${DAYS} days, ${answer || '…'}` : 'Move one to ask the journal.'}
      </output>
      <p class="what-if-buttons">
        <button type="button" class="plain" disabled={!isChanged} onClick={() => void apply()}>
          Apply
        </button>
        <button type="button" class="plain" onClick={() => void ask({ kind: 'undo-threshold', source })}>
          Undo the last
        </button>
      </p>
      <Front
        source={source}
        days={DAYS}
        onAccept={(accept) => change((before) => ({ ...before, 'heavy.accept': accept }))}
      />
      <Reliability source={source} days={DAYS} />
    </>
  );
}

interface ThresholdSliderProps {
  readonly name: string;
  readonly value: number;
  readonly onMove: (value: number) => void;
}

function ThresholdSlider({ name, value, onMove }: ThresholdSliderProps) {
  return (
    <label class="slider small">
      {name} <span class="number">{shown(value)}</span>
      <input
        type="range"
        min={-FARTHEST}
        max={FARTHEST}
        step={STEP}
        value={placeOf(value)}
        aria-valuetext={shown(value)}
        onInput={(event) => onMove(thresholdAt(Number(event.currentTarget.value)))}
      />
    </label>
  );
}

function placeOf(threshold: number): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, Math.log(threshold / (1 - threshold))));
}

function thresholdAt(place: number): number {
  return Number((1 / (1 + Math.exp(-place))).toFixed(DIGITS));
}

function shown(threshold: number): string {
  return String(Number(threshold.toFixed(DIGITS)));
}
