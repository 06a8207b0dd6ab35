// Drain and bans.
import { act, get } from './api.js';
import { activate, ban, unban } from './acts.js';
import { confirm } from './dialog.js';
import { button, facts, field, fill, h, panel, table } from './dom.js';
import { describe, filterFields } from './filter.js';
import { number, t, time } from './words.js';

const drainMs = 1_000;

export function show(main, { signal, operate }) {
  const drain = h('div', { 'data-drain': '', role: 'status' });
  const bans = h('div', { 'data-bans': '' });
  const activations = h('div', { 'data-activations': '' });
  const filter = filterFields();
  const perSecond = h('input', { type: 'number', name: 'rate', min: 1, max: 100000, value: 100, required: true });
  const close = h('select', { name: 'close' }, [1001, 1012].map((status) => h('option', { value: status }, t(`close_${status}`))));
  const cancel = button(t('cancelDrain'), endDrain, { 'data-act': 'drain-cancel' });
  main.append(
    h('h1', null, t('fleet')),
    panel(t('drain'), h('p', { class: 'soft' }, t('drainText')), drain,
      operate && h('form', { submit: startDrain }, h('div', { class: 'row' }, field(t('perSecond'), perSecond), field(t('closeStatus'), close), filter.elements),
        h('div', { class: 'row' }, h('button', { type: 'submit', class: 'danger', 'data-act': 'drain' }, t('startDrain')), cancel))),
    h('p', null),
    panel(t('bans'), operate && h('div', { class: 'row' }, button(t('ban'), async () => { if (await ban()) loadBans(); }, { class: 'danger', 'data-act': 'ban' })), bans),
    h('p', null),
    panel(t('activations'), operate && h('div', { class: 'row' }, button(t('activate'), async () => { if (await activate()) loadActivations(); }, { 'data-act': 'activate' })), activations));
  const loadBans = () => fill(bans, async () => table(
    [
      { title: t('target'), cell: (one) => target(one) },
      { title: t('since'), cell: (one) => time(one.at) },
      { title: t('until'), cell: (one) => time(one.until) || t('withoutEnd') },
      { title: t('reason'), cell: (one) => one.reason },
      ...(operate ? [{ title: '', cell: (one) => button(t('unban'), async () => { if (await unban(one.id, target(one))) loadBans(); }, { 'data-act': 'unban' }) }] : []),
    ],
    (await get('bans?limit=1000', signal)).bans, t('noBans')));

  const loadActivations = () => fill(activations, async () => table(
    [
      { title: t('device'), cell: (one) => one.deviceId },
      { title: t('board'), cell: (one) => one.board },
      { title: t('address'), cell: (one) => one.address },
      { title: t('since'), cell: (one) => time(one.at) },
      { title: t('until'), cell: (one) => time(one.until) },
    ],
    (await get('activations', signal)).activations, t('noActivations')));

  const timer = setInterval(loadDrain, drainMs);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  loadDrain();
  loadBans();
  loadActivations();

  async function loadDrain() {
    if (document.hidden) return;
    await fill(drain, async () => {
      const report = await get('drain', signal);
      cancel.disabled = report.state === 'none';
      if (report.state === 'none') return h('p', null, t('drain_none'));
      const all = report.closed + report.waiting + report.remaining;
      return [
        h('progress', { max: Math.max(all, 1), value: report.closed, 'aria-label': t('drain') }),
        facts([
          [t('state'), t(`drain_${report.state}`)], [t('filter'), report.filter], [t('since'), time(report.startedAt)], [t('perSecond'), number(report.rate)],
          [t('closeStatus'), String(report.close)], [t('closed'), number(report.closed)], [t('remaining'), number(report.remaining)], [t('refused'), number(report.refused)],
        ]),
      ];
    });
  }

  async function startDrain(event) {
    event.preventDefault();
    const selected = filter.value();
    await confirm({
      title: t('drain'), danger: true, press: t('startDrain'), text: t('drainQuestion', describe(selected), perSecond.value),
      work: async (id) => {
        await act('POST', 'drain', { rate: Number(perSecond.value), filter: selected, close: Number(close.value) }, id);
        return t('drainStarted');
      },
    });
    loadDrain();
  }

  async function endDrain() {
    await confirm({
      title: t('cancelDrain'), press: t('cancelDrain'), text: t('cancelDrainText'),
      work: async (id) => {
        await act('DELETE', 'drain', undefined, id);
        return t('drainCancelled');
      },
    });
    loadDrain();
  }
}

const target = (one) => one.device ?? one.address ?? one.range ?? '';
