// Why a device does not connect, or why its connection ended.
import { get, query } from './api.js';
import { button, field, fill, h } from './dom.js';
import { language, t } from './words.js';

/** Explains a device or an address, when asked. */
export function explanation(target, signal) {
  const place = h('div', { role: 'status' });
  return h('div', null, button(t('explain'), () => explain(place, target, signal), { 'data-act': 'explain' }), place);
}

export function explainForm(signal) {
  const input = h('input', { name: 'explain', type: 'search', required: true, autocomplete: 'off', spellcheck: 'false' });
  const place = h('div', { role: 'status', 'data-explanation': '' });
  const isAddress = (text) => /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(text) || text.includes('::');
  const form = h('form', {
    class: 'row',
    submit: (event) => {
      event.preventDefault();
      const text = input.value.trim();
      explain(place, isAddress(text) ? { address: text } : { device: text }, signal);
    },
  }, field(t('deviceOrAddress'), input), h('button', { type: 'submit' }, t('explain')));
  return h('section', { class: 'panel' }, h('h2', null, t('whyNot')), form, place);
}

const explain = (place, target, signal) => fill(place, async () => view(await get(query('explain', target), signal)));

/** Any answer of the API as names and values; texts in the other language are left out. */
export function view(value) {
  if (Array.isArray(value)) return value.length === 0 ? t('none') : h('ul', null, value.map((item) => h('li', null, view(item))));
  if (value === null || typeof value !== 'object') return String(value ?? '');
  const texts = value[language];
  if (typeof texts === 'string') return h('span', null, texts);
  return h('dl', { class: 'facts' }, Object.entries(value)
    .filter(([, item]) => item !== null && item !== '')
    .map(([name, item]) => [h('dt', null, name), h('dd', null, view(item))]));
}
