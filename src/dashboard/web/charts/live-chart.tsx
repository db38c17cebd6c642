import { useEffect, useRef } from 'preact/hooks';
import { onLevel } from '../model/store.js';
import { theme } from '../model/theme.js';
import type { LiveChart } from './signal-charts.js';

/** Hosts a chart: draws it with the screen when its source has news, at its parent's width, in the theme in force. */
export function ChartHost({
  source,
  label,
  make,
}: {
  readonly source: string;
  readonly label: string;
  readonly make: (parent: HTMLElement) => LiveChart;
}) {
  const host = useRef<HTMLDivElement>(null);
  const inForce = theme.value;

  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    document.documentElement.dataset.theme = inForce;
    const chart = make(parent);
    let scheduled = 0;
    const schedule = (): void => {
      scheduled ||= requestAnimationFrame(() => {
        scheduled = 0;
        chart.draw();
      });
    };
    const leave = onLevel((changed) => {
      if (changed === source) schedule();
    });
    const observer = new ResizeObserver(() => chart.resize(parent.clientWidth));
    observer.observe(parent);
    schedule();
    return () => {
      leave();
      observer.disconnect();
      cancelAnimationFrame(scheduled);
      chart.destroy();
    };
  }, [source, inForce, make]);

  return <div class="chart" ref={host} role="img" aria-label={label} />;
}
