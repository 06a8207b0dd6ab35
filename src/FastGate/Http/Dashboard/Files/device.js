// The page of one device, connected or not.
import * as acts from './acts.js';
import { devicePath, get, query } from './api.js';
import { button, facts, fill, h, panel, table } from './dom.js';
import { explanation } from './explain.js';
import { tracePanel } from './trace.js';
import { duration, milliseconds, number, t, time } from './words.js';

export function show(main, { signal, operate }, id) {
  const state = h('div', { 'data-device': '' });
  const commands = h('div', { 'data-commands': '' });
  let tags = [];
  const after = (work) => async () => { if (await work()) await refresh(); };
  const cancelColumn = {
    title: '',
    cell: (command) => (command.state.toLowerCase() === 'queued' ? button(t('cancel'), after(() => acts.cancelCommand(command.id)), { 'data-act': 'cancel' }) : ''),
  };
  main.append(
    h('h1', null, id),
    h('div', { class: 'row' },
      button(t('refresh'), () => refresh(), { 'data-act': 'refresh' }),
      operate && [
        button(t('message'), after(() => acts.message(id)), { 'data-act': 'message' }),
        button(t('command'), after(() => acts.command(id)), { 'data-act': 'command' }),
        button(t('tags'), after(() => acts.tags(id, tags)), { 'data-act': 'tags' }),
        button(t('kick'), after(() => acts.kick(id)), { class: 'danger', 'data-act': 'kick' }),
        button(t('ban'), after(() => acts.ban(id)), { class: 'danger', 'data-act': 'ban' }),
      ]),
    state,
    h('div', { class: 'grid' },
      h('section', { class: 'panel wide' }, h('h2', null, t('commands')), commands),
      panel(t('whyNot'), explanation({ device: id }, signal)),
      operate && tracePanel({ device: id }, signal)));
  refresh();

  function refresh() {
    return Promise.all([
      fill(state, async () => {
        const device = await get(devicePath(id), signal);
        tags = device.tags ?? [];
        return h('div', { class: 'grid' }, sections(device));
      }),
      fill(commands, async () => {
        const page = await get(query(`${devicePath(id)}/commands`, { limit: 20 }), signal);
        return table([...commandColumns, ...(operate ? [cancelColumn] : [])], page.commands, t('none'));
      }),
    ]);
  }
}

const commandColumns = [
  { title: t('id'), cell: (command) => String(command.id) },
  { title: t('tool'), cell: (command) => command.tool ?? t('rawMessage') },
  { title: t('state'), cell: (command) => command.state },
  { title: t('created'), cell: (command) => time(command.createdAt) },
  { title: t('result'), cell: (command) => [command.result, command.reason].filter((text) => text).map((text) => h('pre', null, typeof text === 'string' ? text : JSON.stringify(text))) },
];

function sections(device) {
  return [
    panel(t('connection'), facts([
      [t('state'), device.connected === false ? t('notConnected') : device.phase],
      [t('since'), time(device.connectedAt)],
      [t('idle'), device.idleSeconds === undefined ? null : duration(device.idleSeconds)],
      [t('node'), device.node],
      [t('remoteAddress'), device.remoteAddress],
      [t('session'), device.sessionId],
      [t('client'), device.clientId],
      [t('identitySource'), device.identitySource],
      [t('hello'), yesOrNo(device.helloSeen)],
      [t('audio'), device.audio],
      [t('language'), device.language],
      [t('offersTools'), yesOrNo(device.offersTools)],
    ])),
    panel(t('device'), facts([
      [t('board'), device.board],
      [t('firmware'), device.firmware],
      [t('reported'), time(device.reportedAt)],
      [t('tags'), (device.tags ?? []).length === 0 ? null : h('span', null, device.tags.map((tag) => h('span', { class: 'tag' }, tag)))],
      [t('turns'), device.counters && number(device.counters.turns)],
      [t('failedTurns'), device.counters && number(device.counters.failedTurns)],
      [t('cancelledTurns'), device.counters && number(device.counters.cancelledTurns)],
      [t('ends'), device.counters && number(device.counters.endedConnections)],
    ])),
    panel(t('lastEnds'), table(
      [
        { title: t('time'), cell: (end) => time(end.at) },
        { title: t('reason'), cell: (end) => end.reason },
        { title: t('age'), number: true, cell: (end) => duration(end.ageSeconds) },
      ],
      device.lastEnds ?? [], t('none'))),
    h('section', { class: 'panel wide' }, h('h2', null, t('lastTurns')), table(turnColumns, device.lastTurns ?? [], t('none'))),
  ];
}

const yesOrNo = (value) => (value === undefined ? null : t(value ? 'yes' : 'no'));

const stages = ['endpointMs', 'recognitionMs', 'waitMs', 'firstTextMs', 'firstSoundMs', 'answerMs', 'totalMs'];

const turnColumns = [
  { title: t('time'), cell: (turn) => time(turn.at) },
  { title: t('outcome'), cell: (turn) => turn.outcome },
  ...stages.map((stage) => ({ title: t(stage), number: true, cell: (turn) => milliseconds(turn[stage] ?? NaN) })),
];
