// The frame of the dashboard: sign-in, pages, language and theme.
import { forgetToken, get, hasToken, setToken } from './api.js';
import { field, find, h, say } from './dom.js';
import { start } from './live.js';
import { language, setLanguage, t } from './words.js';
import * as device from './device.js';
import * as devices from './devices.js';
import * as fleet from './fleet.js';
import * as handshakes from './handshakes.js';
import * as overview from './overview.js';
import * as server from './server.js';

const pages = { overview, devices, handshakes, fleet, server };
const themeKey = 'fastgate-theme';
const main = find('main');

let operate = false;
let page = new AbortController();
let session = new AbortController();

function showFrame() {
  find('skip').textContent = t('skip');
  find('pages').setAttribute('aria-label', t('pages'));
  find('pages').replaceChildren(...Object.keys(pages).map((name) => h('a', { href: `#/${name}` }, t(name))));
  const themes = h('select', { id: 'theme', 'aria-label': t('theme'), change: () => setTheme(themes.value) },
    ['system', 'light', 'dark'].map((name) => h('option', { value: name }, t(`${name}Theme`))));
  themes.value = localStorage.getItem(themeKey) ?? 'system';
  const languages = h('select', { id: 'language', 'aria-label': t('language'), change: () => setLanguage(languages.value) },
    h('option', { value: 'en', lang: 'en' }, 'English'), h('option', { value: 'zh', lang: 'zh-CN' }, '中文'));
  languages.value = language;
  find('choices').replaceChildren(languages, themes, h('button', { type: 'button', id: 'leave', hidden: !hasToken(), click: leave }, t('signOut')));
  // The address names the page, so the link to the content must not change it.
  find('skip').addEventListener('click', (event) => { event.preventDefault(); main.focus(); });
  setTheme(themes.value);
}

function setTheme(name) {
  localStorage.setItem(themeKey, name);
  document.documentElement.dataset.theme = name;
  document.dispatchEvent(new Event('theme'));
}

function leave() {
  forgetToken();
  location.reload();
}

/** Shows the page of the address. The page before ends its requests by its signal. */
function route() {
  page.abort();
  page = new AbortController();
  const [name, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  const shown = pages[name] ? name : 'overview';
  for (const link of find('pages').children) {
    if (link.getAttribute('href') === `#/${shown}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  say('');
  main.replaceChildren();
  const id = shown === 'devices' && rest.length > 0 ? decode(rest.join('/')) : '';
  document.title = `${id || t(shown)} – FastGate`;
  const view = { signal: page.signal, operate };
  if (id) device.show(main, view, id);
  else pages[shown].show(main, view);
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function navigate() {
  if (document.body.dataset.state !== 'ready') return;
  route();
  main.focus();
}

function signIn(message) {
  page.abort();
  session.abort();
  document.body.dataset.state = 'sign-in';
  const input = h('input', { type: 'password', name: 'token', id: 'token', required: true, autocomplete: 'off' });
  main.replaceChildren(h('h1', null, t('signIn')), h('p', null, t('signInText')),
    h('form', { submit: (event) => { event.preventDefault(); setToken(input.value.trim()); begin(); } },
      h('div', { class: 'row' }, field(t('token'), input), h('button', { type: 'submit' }, t('signIn'))),
      h('p', { class: 'error', role: 'alert' }, message)));
  input.focus();
}

async function begin() {
  const asked = hasToken();
  try {
    operate = (await get('caller')).role.toLowerCase() === 'operate';
  } catch (error) {
    if (error.status === 401 || error.status === 429) {
      forgetToken();
      signIn(asked ? error.message : '');
    } else {
      main.replaceChildren(h('p', { class: 'error', role: 'alert' }, error.message), h('button', { type: 'button', click: begin }, t('again')));
      document.body.dataset.state = 'failed';
    }
    return;
  }

  session.abort();
  session = new AbortController();
  document.body.dataset.state = 'ready';
  document.body.dataset.role = operate ? 'operate' : 'view';
  find('leave').hidden = !hasToken();
  start(session.signal, (state) => {
    document.body.dataset.live = state;
    find('live').textContent = t(`live_${state}`);
  });
  route();
}

document.addEventListener('sign-in', () => {
  // A token that was changed while the dashboard is open.
  if (document.body.dataset.state !== 'ready') return;
  forgetToken();
  signIn(t('tokenRefused'));
});
window.addEventListener('hashchange', navigate);
showFrame();
begin();
