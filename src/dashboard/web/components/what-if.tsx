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
        const value = changes[slider.setting] ?? now;
        return (
          <label key={slider.setting} class="slider small">
            {slider.name} <span class="number">{value.toFixed(2)}</span>
            <input
              type="range"
              min={0}
              max={1}
              step={0.01}
              value={value}
              onInput={(event) => change({ ...changes, [slider.setting]: Number(event.currentTarget.value) })}
            />
          </label>
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
