// Handshakes that failed or used a fallback, ended connections, and explanations.
import { get, query } from './api.js';
import { ban } from './acts.js';
import { button, field, fill, h, table } from './dom.js';
import { explainForm, explanation } from './explain.js';
import { number, t, time } from './words.js';

const pageSize = 100;

export function show(main, { signal, operate }) {
  const handshakes = h('div', { 'data-handshakes': '' });
  const records = h('div', { 'data-records': '' });
  const reason = h('input', { name: 'reason', type: 'search', autocomplete: 'off', spellcheck: 'false', change: () => loadRecords() });
  main.append(
    h('h1', null, t('handshakes')),
    explainForm(signal),
    h('div', { class: 'row' }, button(t('refresh'), () => load(), { 'data-act': 'refresh' })),
    handshakes,
    h('h2', null, t('records')),
    h('form', { class: 'row', submit: (event) => { event.preventDefault(); loadRecords(); } }, field(t('reason'), reason)),
    records);

  const load = () => Promise.all([
    fill(handshakes, async () => {
      const page = await get(query('handshakes', { limit: pageSize }), signal);
      return [h('p', { class: 'soft' }, t('ofHandshakes', number(page.handshakes.length), number(page.total))), table(handshakeColumns(), page.handshakes, t('noHandshakes'))];
    }),
    loadRecords(),
  ]);

  const loadRecords = () => fill(records, async () => {
    const page = await get(query('records', { limit: pageSize, reason: reason.value.trim() }), signal);
    return table(recordColumns, page.records, t('none'));
  });

  const handshakeColumns = () => [
    { title: t('time'), cell: (one) => time(one.at) },
    { title: t('remoteAddress'), cell: (one) => one.remoteAddress },
    { title: t('device'), cell: (one) => device(one.deviceId) },
    { title: t('status'), number: true, cell: (one) => String(one.status) },
    { title: t('error'), cell: (one) => [one.error, one.auth].filter((text) => text).join(', ') },
    { title: t('target'), cell: (one) => one.target },
    { title: t('sources'), cell: (one) => (one.sources ?? []).map((source) => `${source.source}: ${source.outcome}`).join(', ') },
    { title: t('explanation'), cell: (one) => explanation(one.deviceId ? { device: one.deviceId } : { address: host(one.remoteAddress) }, signal) },
    ...(operate ? [{ title: '', cell: (one) => button(t('ban'), () => ban('', host(one.remoteAddress)), { class: 'danger', 'data-act': 'ban' }) }] : []),
  ];
  load();
}

const device = (id) => (id ? h('a', { href: `#/devices/${encodeURIComponent(id)}` }, id) : '');

/** The address without its port. */
const host = (address) => address.replace(/^\[(.*)\]:\d+$/, '$1').replace(/^([^:]*):\d+$/, '$1');

const recordColumns = [
  { title: t('time'), cell: (record) => time(record.at) },
  { title: t('device'), cell: (record) => device(record.deviceId ?? record.device) },
  { title: t('remoteAddress'), cell: (record) => record.address ?? record.remoteAddress },
  { title: t('reason'), cell: (record) => record.reason },
];
