// The overview: figures, plots and tables from the event stream.
import { facts, h, panel, table } from './dom.js';
import { listen, live, series, sum } from './live.js';
import { plot } from './plot.js';
import { bytes, duration, milliseconds, number, percent, rate, t } from './words.js';

export function show(main, { signal }) {
  const figures = h('dl', { class: 'figures' });
  const ends = h('div');
  const stages = h('div');
  const providers = h('div');
  const loops = h('div');
  const memory = h('div');
  const plots = [
    [plot(t('devices'), [{ label: t('devices'), format: number, least: 10 }], signal), (point) => point.event.devices],
    [plot(t('connectsAndEnds'), [{ label: t('connectsPerSecond'), format: rate, least: 1 }, { label: t('endsPerSecond'), format: rate }], signal),
      (point) => point.rates.connects, (point) => point.rates.ends],
    [plot(t('turnsPerSecond'), [{ label: t('turnsPerSecond'), format: rate, least: 1 }], signal), (point) => point.rates.turns],
    [plot(t('loops'), [{ label: t('busiestLoop'), format: percent, least: 0.01 }], signal), (point) => Math.max(0, ...point.event.loops.map((loop) => loop.busy))],
    [plot(t('memory'), [{ label: t('resident'), format: bytes, least: 1048576 }, { label: t('managed'), format: bytes }], signal),
      (point) => point.event.memory.residentBytes, (point) => point.event.memory.managedBytes],
  ];
  main.append(
    h('h1', null, t('overview')),
    figures,
    h('div', { class: 'grid' }, plots.map(([one]) => one.root)),
    h('div', { class: 'grid' },
      panel(t('endsByReason'), ends), panel(t('stages'), stages), panel(t('providers'), providers), panel(t('loops'), loops), panel(t('memory'), memory)));
  if (!live.last) figures.append(h('div', null, h('dd', null, t('waitsForEvents'))));

  listen((event) => {
    const rates = live.points.at(-1)?.rates ?? {};
    figures.replaceChildren(
      figure('devices', t('devices'), event.devices),
      figure('open', t('openConnections'), event.open),
      figure('connects', t('connects'), event.connects),
      figure('ends', t('ends'), sum(event.ends)),
      figure('turns', t('turns'), sum(event.turns)),
      figure('uptime', t('uptime'), event.uptimeSeconds, duration),
      figure('turnRate', t('turnsPerSecond'), rates.turns, rate));
    ends.replaceChildren(counts(event.ends, 'reason'));
    stages.replaceChildren(table(
      [
        { title: t('stage'), cell: (stage) => stage.name },
        { title: t('count'), number: true, cell: (stage) => number(stage.count) },
        { title: t('mean'), number: true, cell: (stage) => milliseconds(stage.meanMs) },
      ],
      event.stages, t('none'), (stage) => ({ 'data-stage': stage.name, 'data-value': stage.count })), counts(event.turns, 'outcome'));
    providers.replaceChildren(table(
      [
        { title: t('provider'), cell: (provider) => provider.name },
        { title: t('model'), cell: (provider) => provider.model },
        { title: t('breaker'), cell: (provider) => h('span', { class: /open/i.test(provider.breaker ?? '') ? 'bad' : 'good' }, provider.breaker) },
        { title: t('inFlight'), number: true, cell: (provider) => number(provider.inFlight) },
      ],
      event.llm, t('none')));
    loops.replaceChildren(table(
      [
        { title: t('loop'), cell: (loop) => String(loop.loop) },
        { title: t('connections'), number: true, cell: (loop) => number(loop.connections) },
        { title: t('busy'), cell: (loop) => [h('meter', { min: 0, max: 1, value: loop.busy, 'aria-label': t('busy') }), ` ${percent(loop.busy)}`] },
      ],
      event.loops, t('noLoops')));
    memory.replaceChildren(facts([[t('resident'), bytes(event.memory.residentBytes)], [t('managed'), bytes(event.memory.managedBytes)]]));
    for (const [one, ...select] of plots) one.show(series(...select));
  }, signal);
}

/** The exact value is in an attribute, because the text depends on the language. */
const figure = (name, title, value, format = number) => h('div', null, h('dt', null, title), h('dd', { 'data-figure': name, 'data-value': value }, format(value)));

const counts = (values, kind) => table(
  [{ title: t(kind), cell: ([name]) => name }, { title: t('count'), number: true, cell: ([, count]) => number(count) }],
  Object.entries(values ?? {}).filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a),
  t('none'),
  ([name, count]) => ({ [`data-${kind}`]: name, 'data-value': count }));
