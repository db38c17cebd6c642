import { useEffect, useState } from 'preact/hooks';
import type { KnownFault } from '../../commands.js';
import { ask, replyTo } from '../model/commands.js';
import { faultsChange, seenText } from '../model/faults.js';
import { feed } from '../model/store.js';
import { LineForm } from './line-form.js';

/** Faults without a name, and examples of one name, that are shown; the rest is counted. */
const MOST_UNNAMED = 5;
const MOST_LOOKS = 3;

/** The faults that a sensor knows: what each name stands for, and those that nobody has named. */
export function Faults({ source }: { readonly source: string }) {
  const [isOpen, open] = useState(false);
  return (
    <details class="what-if faults" onToggle={(event) => open(event.currentTarget.open)}>
      <summary class="muted small">Faults and their names</summary>
      {isOpen ? <List source={source} /> : null}
    </details>
  );
}

function List({ source }: { readonly source: string }) {
  const [faults, show] = useState<readonly KnownFault[] | null>(null);
  const change = faultsChange(feed.value, source);
  useEffect(() => {
    // What was asked last is what is shown, in whatever order the answers come.
    let isNewest = true;
    void replyTo({ kind: 'known-faults', source }).then((reply) => {
      if (isNewest && reply !== null) show(reply.faults ?? []);
    });
    return () => {
      isNewest = false;
    };
  }, [source, change]);
  if (faults === null) return null;
  const unnamed = faults.filter(({ name }) => name === null);
  const left = unnamed.length - MOST_UNNAMED;
  return (
    <>
      {faults.length === 0 ? <p class="muted small">None so far.</p> : null}
      <ul>
        {faults.map((fault) =>
          fault.name === null ? null : (
            <Named key={fault.name} source={source} name={fault.name} fault={fault} />
          ),
        )}
        {unnamed.slice(0, MOST_UNNAMED).map((fault) => (
          <Unnamed key={fault.last?.detection ?? fault.looks[0]} fault={fault} />
        ))}
      </ul>
      {left > 0 ? (
        <p class="muted small">
          And {left} more without a name: <code>catnap faults list {source}</code>
        </p>
      ) : null}
    </>
  );
}

function Named({
  source,
  name,
  fault,
}: {
  readonly source: string;
  readonly name: string;
  readonly fault: KnownFault;
}) {
  const [isWriting, write] = useState(false);
  return (
    <li data-fault={name}>
      <Head title={name} fault={fault} />
      <span class="fault-buttons">
        <button type="button" class="plain" aria-label={`Rename ${name}`} onClick={() => write(!isWriting)}>
          Rename
        </button>
        <button
          type="button"
          class="plain"
          aria-label={`Forget ${name}`}
          title="It is an unknown fault when it comes again"
          onClick={() => void ask({ kind: 'forget-fault', source, name })}
        >
          Forget
        </button>
      </span>
      {isWriting ? (
        <LineForm
          name={`New name of ${name}`}
          hint="(a known one joins them)"
          onText={(to) => {
            write(false);
            if (to !== '') void ask({ kind: 'rename-fault', source, from: name, to });
          }}
        />
      ) : null}
    </li>
  );
}

function Unnamed({ fault }: { readonly fault: KnownFault }) {
  const [isWriting, write] = useState(false);
  const { last } = fault;
  return (
    <li data-fault="">
      <Head title="No name yet" fault={fault} />
      {last === null ? null : (
        <button type="button" class="plain" onClick={() => write(!isWriting)}>
          Name it
        </button>
      )}
      {isWriting && last !== null ? (
        <LineForm
          name="Name of this fault"
          hint="closed valve"
          onText={(name) => {
            write(false);
            if (name !== '') void ask({ kind: 'name-fault', detection: last.detection, name });
          }}
        />
      ) : null}
    </li>
  );
}

function Head({ title, fault }: { readonly title: string; readonly fault: KnownFault }) {
  const looks = [...new Set(fault.looks)];
  return (
    <div class="fault">
      <b>{title}</b> <span class="muted small">{seenText(fault)}</span>
      {looks.slice(0, MOST_LOOKS).map((look) => (
        <p key={look} class="muted small">
          {look}
        </p>
      ))}
    </div>
  );
}
