// The list of devices: the server filters and pages, so that the list is never whole in this page.
import { act, devicePath, get, query } from './api.js';
import { confirm } from './dialog.js';
import { button, field, fill, h, table } from './dom.js';
import { describe, filterFields } from './filter.js';
import { messageFields } from './messages.js';
import { duration, number, t, time } from './words.js';

const pageSize = 50;
const typingMs = 250;

export function show(main, { signal, operate }) {
  const filter = filterFields(() => {
    clearTimeout(timer);
    timer = setTimeout(() => load([]), typingMs);
  });
  const list = h('div', { 'data-list': '' });
  const total = h('p', { role: 'status', 'data-total': '' });
  const previous = button(t('previousPage'), () => load(cursors.slice(0, -1)));
  const following = button(t('nextPage'), () => load([...cursors, next]));
  let timer = 0;
  let cursors = [];
  let next = null;
  let matched = 0;
  let loading = new AbortController();

  const [prefix, ...more] = filter.elements;
  main.append(
    h('h1', null, t('devices')),
    h('form', { role: 'search', submit: (event) => { event.preventDefault(); load([]); } },
      h('div', { class: 'row' }, prefix, button(t('refresh'), () => load(cursors), { 'data-act': 'refresh' })),
      h('details', null, h('summary', null, t('moreFilters')), h('div', { class: 'row' }, more))),
    total,
    list,
    h('div', { class: 'row' }, previous, following),
    operate ? h('div', { class: 'row' }, button(t('messageMatching'), message, { 'data-act': 'message' }), button(t('kickMatching'), kick, { class: 'danger', 'data-act': 'kick' })) : '');
  signal.addEventListener('abort', () => { clearTimeout(timer); loading.abort(); }, { once: true });
  load([]);

  /** The newest request wins: an answer to earlier typing must not replace a later one. */
  async function load(pages) {
    loading.abort();
    loading = new AbortController();
    const mine = loading.signal;
    await fill(list, async () => {
      const page = await get(query('devices', { ...filter.value(), cluster: true, limit: pageSize, after: pages.at(-1) }), mine);
      cursors = pages;
      next = page.next ?? null;
      matched = page.total;
      total.textContent = t('matching', number(page.total));
      total.dataset.total = page.total;
      previous.disabled = cursors.length === 0;
      following.disabled = next === null;
      const rows = table(page.devices.some((device) => device.node) ? [...columns, nodeColumn] : columns, page.devices, t('noDevices'));
      return [...(page.problems ?? []).map((problem) => h('p', { class: 'error' }, problem)), rows];
    });
  }

  async function kick() {
    const selected = filter.value();
    const perSecond = h('input', { type: 'number', min: 1, max: 10000, value: 100, required: true, name: 'rate' });
    const done = await confirm({
      title: t('kickMatching'), danger: true, press: t('kickNumber', number(matched)), text: t('kickMatchingText', number(matched), describe(selected)),
      fields: [field(t('perSecond'), perSecond)],
      work: async (id) => t('kicking', number((await act('POST', 'kick', { filter: selected, rate: Number(perSecond.value) }, id)).matched)),
    });
    if (done) load([]);
  }

  async function message() {
    const selected = filter.value();
    const fields = messageFields();
    await confirm({
      title: t('messageMatching'), press: t('send'), text: t('messageMatchingText', number(matched), describe(selected)), fields: fields.elements,
      work: async (id) => t('sentTo', number((await act('POST', 'message', { filter: selected, ...fields.value() }, id)).matched)),
    });
  }
}

const nodeColumn = { title: t('node'), cell: (device) => device.node };

const columns = [
  { title: t('device'), cell: (device) => h('a', { href: `#/${devicePath(device.deviceId)}` }, device.deviceId) },
  { title: t('remoteAddress'), cell: (device) => device.remoteAddress },
  { title: t('since'), cell: (device) => time(device.connectedAt) },
  { title: t('idle'), number: true, cell: (device) => duration(device.idleSeconds) },
  { title: t('board'), cell: (device) => device.board },
  { title: t('firmware'), cell: (device) => device.firmware },
  { title: t('tags'), cell: (device) => (device.tags ?? []).map((tag) => h('span', { class: 'tag' }, tag)) },
];
