// The language of the page and its formats of numbers and times.
import { chinese } from './chinese.js';
import { english } from './english.js';

const languages = { en: english, zh: chinese };
const key = 'fastgate-language';

export const language = languages[localStorage.getItem(key)] ? localStorage.getItem(key) : navigator.language.startsWith('zh') ? 'zh' : 'en';
const locale = language === 'zh' ? 'zh-CN' : 'en';

document.documentElement.lang = locale;

/** The page is loaded again, because texts are everywhere in it. */
export function setLanguage(name) {
  localStorage.setItem(key, name);
  location.reload();
}

export const t = (name, ...values) => values.reduce((text, value, index) => text.replaceAll(`{${index}}`, value), languages[language][name]);

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium', hour12: false });

export const number = (value) => (Number.isFinite(value) ? whole.format(value) : '–');
export const rate = (value) => (Number.isFinite(value) ? decimal.format(value) : '–');
export const bytes = (value) => (Number.isFinite(value) ? `${decimal.format(value / 1048576)} MB` : '–');
export const percent = (value) => (Number.isFinite(value) ? `${decimal.format(value * 100)} %` : '–');
export const milliseconds = (value) => (Number.isFinite(value) ? `${whole.format(value)} ms` : '–');
export const time = (value) => (value && !Number.isNaN(new Date(value).getTime()) ? moment.format(new Date(value)) : '');

/** A duration in its two largest units. */
export function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  const parts = [[Math.floor(seconds / 86400), 'd'], [Math.floor(seconds / 3600) % 24, 'h'], [Math.floor(seconds / 60) % 60, 'min'], [Math.floor(seconds) % 60, 's']];
  const first = parts.findIndex(([count]) => count > 0);
  return first < 0 ? '0 s' : parts.slice(first, first + 2).map(([count, unit]) => `${count} ${unit}`).join(' ');
}
