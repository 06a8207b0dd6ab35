// The fields of a filter, for the list of devices and for acts on many.
import { field, h } from './dom.js';
import { t } from './words.js';

const names = ['prefix', 'address', 'firmware', 'board', 'tag', 'minAge', 'maxAge'];
const ages = ['minAge', 'maxAge'];

export function filterFields(changed = () => {}) {
  const inputs = Object.fromEntries(names.map((name) => [name, h('input', {
    name, type: ages.includes(name) ? 'number' : name === 'prefix' ? 'search' : 'text', min: ages.includes(name) ? 0 : null,
    autocomplete: 'off', spellcheck: 'false', input: changed,
  })]));
  return {
    elements: names.map((name) => field(t(name), inputs[name])),
    /** What is given, as the API names it. */
    value: () => Object.fromEntries(names
      .map((name) => [name, inputs[name].value.trim()])
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, ages.includes(name) ? Number(value) : value])),
  };
}

export const describe = (filter) => {
  const parts = Object.entries(filter).map(([name, value]) => `${t(name)}: ${value}`);
  return parts.length === 0 ? t('allDevices') : parts.join(', ');
};
