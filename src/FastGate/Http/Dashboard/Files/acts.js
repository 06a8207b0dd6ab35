// Acts on one device.
import { act, devicePath } from './api.js';
import { confirm } from './dialog.js';
import { field, h } from './dom.js';
import { messageFields } from './messages.js';
import { t } from './words.js';

export function kick(id) {
  const reason = h('input', { name: 'reason', maxlength: 100, autocomplete: 'off' });
  return confirm({
    title: t('kick'), danger: true, press: t('kick'), text: t('kickText', id), fields: [field(t('reason'), reason)],
    work: async (request) => {
      await act('POST', `${devicePath(id)}/kick`, reason.value ? { reason: reason.value } : {}, request);
      return t('kicked', id);
    },
  });
}

export function message(id) {
  const fields = messageFields();
  return confirm({
    title: t('message'), press: t('send'), text: id, fields: fields.elements,
    work: async (request) => {
      await act('POST', `${devicePath(id)}/message`, fields.value(), request);
      return t('messageSent', id);
    },
  });
}

export function command(id) {
  const tool = h('input', { name: 'tool', autocomplete: 'off', spellcheck: 'false', list: 'device-tools' });
  const body = h('textarea', { name: 'arguments', spellcheck: 'false' });
  const timeout = h('input', { name: 'timeout', type: 'number', min: 1, max: 300, value: 10, required: true });
  const ttl = h('input', { name: 'ttl', type: 'number', min: 1, max: 2592000, value: 3600, required: true });
  body.value = '{}';
  return confirm({
    title: t('command'), press: t('send'), text: t('commandText', id),
    fields: [field(t('tool'), tool), field(t('argumentsOrMessage'), body), field(t('timeoutSeconds'), timeout), field(t('ttlSeconds'), ttl)],
    work: async (request) => {
      const json = JSON.parse(body.value || '{}');
      const what = tool.value.trim() === '' ? { raw: json } : { tool: tool.value.trim(), arguments: json };
      const answer = await act('POST', `${devicePath(id)}/commands`, { ...what, timeout: Number(timeout.value), ttl: Number(ttl.value) }, request);
      return t('commandAccepted', answer.id, answer.state);
    },
  });
}

export function cancelCommand(id) {
  return confirm({
    title: t('cancelCommand'), danger: true, press: t('cancelCommand'), text: String(id),
    work: async (request) => {
      await act('DELETE', `commands/${encodeURIComponent(id)}`, undefined, request);
      return t('commandCancelled', id);
    },
  });
}

export function tags(id, present) {
  const input = h('input', { name: 'tags', autocomplete: 'off', spellcheck: 'false', value: present.join(', ') });
  return confirm({
    title: t('tags'), press: t('save'), text: id, fields: [field(t('tagsSeparated'), input)],
    work: async (request) => {
      const list = input.value.split(/[,，]/).map((tag) => tag.trim()).filter((tag) => tag !== '');
      await act('PUT', `${devicePath(id)}/tags`, { tags: list }, request);
      return t('tagsSaved', id);
    },
  });
}

/** A ban of one device, or of an address or network. */
export function ban(device = '', address = '') {
  const target = h('input', { name: 'target', required: true, value: device || address, autocomplete: 'off', spellcheck: 'false' });
  const kind = h('select', { name: 'kind' }, h('option', { value: 'device' }, t('device')), h('option', { value: 'address' }, t('addressOrNetwork')));
  const minutes = h('input', { name: 'minutes', type: 'number', min: 1 });
  const reason = h('input', { name: 'reason', maxlength: 100, autocomplete: 'off' });
  kind.value = device || !address ? 'device' : 'address';
  return confirm({
    title: t('ban'), danger: true, press: t('ban'), text: t('banText'),
    fields: [field(t('kind'), kind), field(t('target'), target), field(t('minutesOrEmpty'), minutes), field(t('reason'), reason)],
    work: async (request) => {
      const body = { [kind.value]: target.value.trim() };
      if (minutes.value) body.minutes = Number(minutes.value);
      if (reason.value) body.reason = reason.value;
      await act('POST', 'bans', body, request);
      return t('banned', target.value.trim());
    },
  });
}

/** Confirms the code that a device shows or speaks. */
export function activate() {
  const code = h('input', { name: 'code', required: true, pattern: '[0-9]{6}', inputmode: 'numeric', autocomplete: 'off' });
  return confirm({
    title: t('activate'), press: t('activate'), text: t('activateText'), fields: [field(t('code'), code)],
    work: async (request) => t('activated', (await act('POST', 'activations', { code: code.value.trim() }, request)).deviceId),
  });
}

export function unban(id, target) {
  return confirm({
    title: t('unban'), press: t('unban'), text: target,
    work: async (request) => {
      await act('DELETE', `bans/${encodeURIComponent(id)}`, undefined, request);
      return t('unbanned', target);
    },
  });
}
