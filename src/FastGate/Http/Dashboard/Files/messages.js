// The fields of a message to one device or to many.
import { field, h } from './dom.js';
import { t } from './words.js';

export function messageFields() {
  const kind = h('select', { name: 'kind' }, h('option', { value: 'speak' }, t('speak')), h('option', { value: 'system' }, t('system')));
  const text = h('textarea', { name: 'text', required: true, maxlength: 1000 });
  return { elements: [field(t('kind'), kind), field(t('text'), text)], value: () => ({ kind: kind.value, text: text.value }) };
}
