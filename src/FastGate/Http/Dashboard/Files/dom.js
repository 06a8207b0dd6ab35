// Elements from data. Texts become text nodes only: ids and names of devices come from clients and may contain markup.
export const find = (id) => document.getElementById(id);

export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const button = (text, click, attributes) => h('button', { type: 'button', click, ...attributes }, text);

export const field = (text, input) => h('label', null, h('span', null, text), input);

export const panel = (title, ...children) => h('section', { class: 'panel' }, h('h2', null, title), ...children);

/** Pairs of a name and a value; values that are not known are left out. */
export const facts = (pairs) => h('dl', { class: 'facts' }, pairs
  .filter(([, value]) => value !== null && value !== undefined && value !== '')
  .map(([name, value]) => [h('dt', null, name), h('dd', null, value)]));

/** Columns are { title, cell(row), number? }; a cell returns a text or an element. */
export function table(columns, rows, empty, row = () => null) {
  if (rows.length === 0) return h('p', { class: 'soft' }, empty);
  const kind = (column) => (column.number ? { class: 'number' } : null);
  return h('div', { class: 'scroll' }, h('table', null,
    h('thead', null, h('tr', null, columns.map((column) => h('th', { scope: 'col', ...kind(column) }, column.title)))),
    h('tbody', null, rows.map((item) => h('tr', row(item), columns.map((column) => h('td', kind(column), column.cell(item) ?? '')))))));
}

/** Shows what the work returns, or why it failed. */
export async function fill(place, work) {
  try {
    place.replaceChildren(...[await work()].flat());
  } catch (error) {
    if (error.name !== 'AbortError') place.replaceChildren(h('p', { class: 'error', role: 'alert' }, error.message));
  }
}

/** Announces the result of an act to the eye and to a screen reader. */
export function say(text) {
  find('done').textContent = text;
}
