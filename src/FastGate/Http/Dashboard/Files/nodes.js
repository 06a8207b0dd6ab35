// The nodes of the cluster, and their drains. Nothing is shown without a cluster.
import { act, get } from './api.js';
import { confirm } from './dialog.js';
import { button, field, fill, h, table } from './dom.js';
import { bytes, duration, number, percent, t } from './words.js';

export function nodesPanel({ signal, operate }) {
  const list = h('div', { 'data-nodes': '' });
  const element = h('section', { class: 'panel wide', hidden: true }, h('h2', null, t('nodes')), list);
  return { element, load };

  function load() {
    return fill(list, async () => {
      const page = await get('nodes', signal);
      element.hidden = !page.node;
      const rows = table([...columns, ...(operate ? [{ title: '', cell: control }] : [])], page.nodes, t('none'));
      return page.localOnly ? [h('p', { class: 'error' }, t('localOnly', page.localOnly)), rows] : rows;
    });
  }

  function control(node) {
    if (!node.load) return '';
    return node.load.draining
      ? button(t('cancelDrain'), after(() => end(node.name)), { 'data-act': 'node-drain-cancel' })
      : button(t('drain'), after(() => start(node.name)), { class: 'danger', 'data-act': 'node-drain' });
  }

  function after(work) {
    return async () => { if (await work()) await load(); };
  }
}

const columns = [
  { title: t('node'), cell: (one) => one.name },
  { title: t('state'), cell: (one) => t(!one.alive ? 'nodeGone' : one.load?.draining ? 'drain_draining' : 'ready') },
  { title: t('leaseAge'), cell: (one) => duration(one.leaseAgeSeconds), number: true },
  { title: t('devices'), cell: (one) => one.load && `${number(one.load.devices)} / ${number(one.load.deviceLimit)}`, number: true },
  { title: t('inFlight'), cell: (one) => one.load && number(one.load.turnsInProgress), number: true },
  { title: t('loops'), cell: (one) => one.load?.loops.map(percent).join(', '), number: true },
  { title: t('resident'), cell: (one) => one.load && bytes(one.load.residentBytes), number: true },
  { title: t('version'), cell: (one) => one.load?.version },
  { title: t('tags'), cell: (one) => one.load?.tags?.join(', ') },
  { title: t('address'), cell: (one) => one.load?.url },
];

const path = (node) => `nodes/${encodeURIComponent(node)}/drain`;

function start(node) {
  const perSecond = h('input', { type: 'number', name: 'rate', min: 1, max: 100000, value: 100, required: true });
  return confirm({
    title: t('drain'), danger: true, press: t('startDrain'), text: t('nodeDrainText', node), fields: [field(t('perSecond'), perSecond)],
    work: async (request) => {
      await act('POST', path(node), { rate: Number(perSecond.value) }, request);
      return t('drainStarted');
    },
  });
}

const end = (node) => confirm({
  title: t('cancelDrain'), press: t('cancelDrain'), text: t('cancelDrainText'),
  work: async (request) => {
    await act('DELETE', path(node), undefined, request);
    return t('drainCancelled');
  },
});
