// The server itself: its state, its log levels, reload and restart, and the last acts of all operators.
import { act, get, query } from './api.js';
import { confirm } from './dialog.js';
import { button, facts, field, fill, h, panel, table } from './dom.js';
import { nodesPanel } from './nodes.js';
import { duration, number, t, time } from './words.js';

const levels = ['Trace', 'Debug', 'Information', 'Warning', 'Error', 'Critical', 'None'];
const auditSize = 50;
const pollMs = 200;
const restartMs = 120_000;

export function show(main, { signal, operate }) {
  const state = h('div', { 'data-status': '' });
  const nodes = nodesPanel({ signal, operate });
  const logLevels = h('div', { 'data-levels': '' });
  const audit = h('div', { 'data-audit': '' });
  const after = (work) => async () => { if (await work()) await refresh(); };
  main.append(
    h('h1', null, t('server')),
    h('div', { class: 'row' },
      button(t('refresh'), () => refresh(), { 'data-act': 'refresh' }),
      operate && [
        button(t('reload'), after(reload), { 'data-act': 'reload' }),
        button(t('restart'), after(restart), { class: 'danger', 'data-act': 'restart' }),
      ]),
    h('div', { class: 'grid' },
      panel(t('state'), state),
      nodes.element,
      h('section', { class: 'panel wide' },
        h('h2', null, t('logLevels')), operate && h('div', { class: 'row' }, button(t('change'), after(changeLevel), { 'data-act': 'log-level' })), logLevels),
      h('section', { class: 'panel wide' }, h('h2', null, t('audit')), audit)));
  refresh();

  function refresh() {
    return Promise.all([
      fill(state, async () => status(await get('status', signal))),
      nodes.load(),
      fill(logLevels, async () => table(levelColumns, (await get('log-level', signal)).levels, t('none'))),
      fill(audit, async () => table(auditColumns, (await get(query('audit', { limit: auditSize }), signal)).acts, t('none'))),
    ]);
  }
}

const status = (report) => facts([
  [t('version'), report.version],
  [t('since'), time(report.startedAt)],
  [t('uptime'), duration(report.uptimeSeconds)],
  [t('ready'), t(report.ready ? 'yes' : 'no')],
  [t('reason'), (report.reasons ?? []).join(', ')],
  [t('listenerDevices'), report.listeners?.devices],
  [t('listenerHttp'), report.listeners?.http],
  [t('listenerAdmin'), report.listeners?.admin],
  [t('restarts'), report.restart && number(report.restart.restarts)],
]);

const levelColumns = [
  { title: t('category'), cell: (one) => one.category },
  { title: t('level'), cell: (one) => one.level },
  { title: t('source'), cell: (one) => one.source },
  { title: t('until'), cell: (one) => time(one.until) },
];

const auditColumns = [
  { title: t('time'), cell: (one) => time(one.at) },
  { title: t('role'), cell: (one) => one.role },
  { title: t('remoteAddress'), cell: (one) => one.address },
  { title: t('act'), cell: (one) => one.act },
  { title: t('target'), cell: (one) => one.target },
  { title: t('outcome'), cell: (one) => one.outcome },
  { title: t('requestId'), cell: (one) => one.requestId },
];

const reload = () => confirm({
  title: t('reload'), press: t('reload'), text: t('reloadText'),
  work: async (request) => t((await act('POST', 'reload', undefined, request)).changed ? 'reloaded' : 'nothingChanged'),
});

const restart = () => confirm({
  title: t('restart'), danger: true, press: t('restart'), text: t('restartText'),
  work: async (request) => {
    const accepted = await act('POST', 'restart', undefined, request);
    for (const until = Date.now() + restartMs; Date.now() < until;) {
      await new Promise((resolve) => { setTimeout(resolve, pollMs); });
      const report = await get('restart').catch(() => null); // The restart closes the connections of HTTP.
      if (report?.refused && report.refused.at >= accepted.at) throw new Error(report.refused.reason);
      if (report?.restarts > accepted.restarts) return t('restarted', number(report.last.connections), number(report.last.closed), number(report.last.gapMs));
    }
    throw new Error(t('restartUnknown'));
  },
});

function changeLevel() {
  const category = h('input', { name: 'category', autocomplete: 'off', spellcheck: 'false', placeholder: 'FastGate.Connections' });
  const level = h('select', { name: 'level' }, levels.map((name) => h('option', { value: name }, name)), h('option', { value: '' }, t('asConfigured')));
  const minutes = h('input', { name: 'minutes', type: 'number', min: 1 });
  level.value = 'Debug';
  return confirm({
    title: t('logLevels'), press: t('change'), text: t('levelText'),
    fields: [field(t('category'), category), field(t('level'), level), field(t('minutesOrEmpty'), minutes)],
    work: async (request) => {
      const body = {};
      if (category.value.trim()) body.category = category.value.trim();
      if (level.value) body.level = level.value;
      if (minutes.value) body.minutes = Number(minutes.value);
      await act('PUT', 'log-level', body, request);
      return t('levelChanged', body.category ?? t('allCategories'), body.level ?? t('asConfigured'));
    },
  });
}
