import { isChinese, words } from './words.js';

const frameMs = 60;
const find = (id) => document.getElementById(id);
const count = (id) => { find(id).textContent = Number(find(id).textContent) + 1; };

const device = { socket: null, session: '', version: 1, mode: 'auto', open: false, wants: false, listening: false, speaking: false };
const figures = { voiceEnded: 0, floor: 0.002, measured: true, timestamp: -1 };

// What the browser can do.

async function findMissing() {
  const missing = [];
  if (!window.isSecureContext) {
    missing.push('insecure');
  } else {
    if (!window.AudioDecoder) missing.push('noDecoder');
    if (!window.AudioWorkletNode) missing.push('noWorklet');
    if (!window.AudioEncoder) missing.push('noEncoder');
    else if (!(await AudioEncoder.isConfigSupported(encoding(16000))).supported) missing.push('noOpus');
  }
  find('missing').replaceChildren(...missing.map((key) => item('li', words[key])));
  return missing;
}

const encoding = (sampleRate) => ({
  codec: 'opus', sampleRate, numberOfChannels: 1, bitrate: 24000,
  opus: { frameDuration: frameMs * 1000, application: 'voip', signal: 'voice' },
});

// Microphone.

const microphone = { context: null, encoder: null, time: 0 };

async function openMicrophone() {
  if (microphone.encoder) return;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  let context = new AudioContext({ sampleRate: 16000 });
  let source;
  try {
    source = context.createMediaStreamSource(stream);
  } catch {
    // Some browsers do not resample a microphone.
    context = new AudioContext();
    source = context.createMediaStreamSource(stream);
  }
  await context.audioWorklet.addModule('/talk/capture.js');
  const capture = new AudioWorkletNode(context, 'capture', { processorOptions: { samples: Math.round(context.sampleRate * frameMs / 1000) } });
  capture.port.onmessage = ({ data }) => onSamples(data, context.sampleRate);
  // A node without a path to the destination is not run; its output is silence.
  source.connect(capture).connect(context.destination);
  const encoder = new AudioEncoder({ output: onPacket, error: onSoundError });
  encoder.configure(encoding(context.sampleRate));
  Object.assign(microphone, { context, encoder, time: 0 });
}

function onSamples(samples, sampleRate) {
  const level = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
  find('level').value = device.listening ? level : 0;
  if (!device.listening) return;
  figures.floor = Math.min(Math.max(level, 0.0005), figures.floor * 1.02);
  if (level > Math.max(0.01, figures.floor * 4)) {
    figures.voiceEnded = performance.now();
    figures.measured = false;
  }
  const sound = new AudioData({ format: 'f32', sampleRate, numberOfFrames: samples.length, numberOfChannels: 1, timestamp: microphone.time, data: samples });
  microphone.time += frameMs * 1000;
  microphone.encoder.encode(sound);
  sound.close();
}

function onPacket(chunk) {
  if (!device.listening) return;
  const header = { 2: 16, 3: 4 }[device.version] ?? 0;
  const message = new DataView(new ArrayBuffer(header + chunk.byteLength));
  if (device.version === 2) {
    message.setUint16(0, 2);
    message.setUint32(8, Math.round(chunk.timestamp / 1000) >>> 0);
    message.setUint32(12, chunk.byteLength);
  } else if (device.version === 3) {
    message.setUint16(2, chunk.byteLength);
  }
  chunk.copyTo(new Uint8Array(message.buffer, header));
  device.socket.send(message.buffer);
  count('sent');
}

// Speaker.

const speaker = { context: null, gain: null, decoder: null, playing: new Set(), until: 0 };

function openSpeaker(sampleRate) {
  if (!window.AudioDecoder) return;
  speaker.context ??= new AudioContext();
  if (!speaker.gain) {
    speaker.gain = speaker.context.createGain();
    speaker.gain.connect(speaker.context.destination);
    setVolume(Number(find('volume').value));
  }
  speaker.context.resume();
  speaker.decoder?.close();
  speaker.decoder = new AudioDecoder({ output: play, error: onSoundError });
  speaker.decoder.configure({ codec: 'opus', sampleRate, numberOfChannels: 1 });
}

function onAudio(bytes) {
  const view = new DataView(bytes);
  const header = { 2: 16, 3: 4 }[device.version] ?? 0;
  count('received');
  if (!figures.measured) {
    figures.measured = true;
    find('latency').textContent = `${Math.round(performance.now() - figures.voiceEnded)} ms`;
  }
  let timestamp = 0;
  if (device.version === 2) {
    timestamp = view.getUint32(8);
    const lost = Math.round((timestamp - figures.timestamp) / frameMs) - 1;
    if (figures.timestamp >= 0 && lost > 0) find('lost').textContent = Number(find('lost').textContent) + lost;
    figures.timestamp = timestamp;
  }
  if (speaker.decoder?.state === 'configured') {
    speaker.decoder.decode(new EncodedAudioChunk({ type: 'key', timestamp: timestamp * 1000, data: new Uint8Array(bytes, header) }));
  }
}

function play(sound) {
  const buffer = speaker.context.createBuffer(1, sound.numberOfFrames, sound.sampleRate);
  sound.copyTo(buffer.getChannelData(0), { planeIndex: 0, format: 'f32-planar' });
  sound.close();
  count('decoded');
  const now = speaker.context.currentTime;
  if (speaker.until < now) {
    if (figures.played) count('gaps');
    speaker.until = now + 0.1;
  }
  figures.played = true;
  const source = speaker.context.createBufferSource();
  source.buffer = buffer;
  source.connect(speaker.gain);
  source.onended = () => speaker.playing.delete(source);
  speaker.playing.add(source);
  source.start(speaker.until);
  speaker.until += buffer.duration;
}

function silence() {
  speaker.playing.forEach((source) => source.stop());
  speaker.until = 0;
}

function setVolume(volume) {
  find('volume').value = volume;
  if (speaker.gain) speaker.gain.gain.value = volume / 70;
}

function onSoundError(error) {
  note(words.soundError + error.message);
}

// The connection.

const send = (message) => device.socket.send(JSON.stringify({ session_id: device.session, ...message }));

function connect() {
  let url;
  try {
    url = new URL(find('address').value.trim());
    // The browser cannot set headers of a WebSocket request.
    url.searchParams.set('device-id', find('device-id').value.trim());
    url.searchParams.set('client-id', find('client-id').value.trim());
    url.searchParams.set('protocol-version', find('version').value);
    if (find('token').value) url.searchParams.set('authorization', `Bearer ${find('token').value.trim()}`);
    device.socket = new WebSocket(url);
  } catch {
    note(words.badAddress);
    return;
  }
  localStorage.setItem('device-id', find('device-id').value);
  localStorage.setItem('client-id', find('client-id').value);
  Object.assign(device, { session: '', version: Number(find('version').value), open: false });
  find('lost').textContent = device.version === 2 ? '0' : '–';
  device.socket.binaryType = 'arraybuffer';
  device.socket.onopen = () => {
    device.open = true;
    device.socket.send(JSON.stringify({
      type: 'hello', version: device.version, transport: 'websocket', features: { mcp: true },
      audio_params: { format: 'opus', sample_rate: 16000, channels: 1, frame_duration: frameMs },
    }));
  };
  device.socket.onmessage = ({ data }) => (typeof data === 'string' ? onText(data) : onAudio(data));
  device.socket.onclose = (event) => {
    silence();
    note(device.open ? `${words.closed}${event.code} ${event.reason}` : words.refused);
    Object.assign(device, { socket: null, session: '', open: false, wants: false, listening: false, speaking: false });
    show();
  };
  show();
}

function onText(data) {
  trace('←', data);
  let message;
  try {
    message = JSON.parse(data);
  } catch {
    note(data);
    return;
  }
  switch (message.type) {
    case 'hello':
      device.session = message.session_id;
      openSpeaker(message.audio_params?.sample_rate ?? 24000);
      break;
    case 'stt':
      say('user', message.text);
      break;
    case 'llm':
      say('face', `${message.text ?? ''} ${message.emotion ?? ''}`);
      break;
    case 'tts':
      onSpeech(message);
      break;
    case 'mcp':
      onTool(message.payload);
      break;
    case 'alert':
    case 'system':
      note(data);
      break;
  }
  show();
}

function onSpeech({ state, text }) {
  if (state === 'start') {
    device.speaking = true;
    figures.timestamp = -1;
    figures.played = false;
    if (device.mode !== 'realtime') device.listening = false;
  } else if (state === 'sentence_start') {
    say('device', text);
  } else if (state === 'stop') {
    device.speaking = false;
    if (device.mode === 'manual') device.wants = false;
    // Some frames are still in the play queue.
    const rest = speaker.context ? speaker.until - speaker.context.currentTime : 0;
    setTimeout(listenAgain, Math.max(0, rest * 1000));
  }
}

function listenAgain() {
  if (device.session && device.wants && !device.listening && !device.speaking) startListening();
}

function startListening() {
  device.listening = true;
  figures.measured = true;
  send({ type: 'listen', state: 'start', mode: device.mode });
  show();
}

async function toggleListening() {
  if (device.wants) {
    device.wants = false;
    if (device.listening) send({ type: 'listen', state: 'stop' });
    device.listening = false;
    show();
    return;
  }
  try {
    await openMicrophone();
  } catch (error) {
    note(words.noMicrophone + error.message);
    return;
  }
  device.mode = find('mode').value;
  device.wants = true;
  listenAgain();
}

/** Does what a device does at boot. */
async function boot() {
  try {
    const reply = await fetch(document.body.dataset.ota, {
      method: 'POST', body: '{"application":{"version":"1.0.0"}}',
      headers: { 'Content-Type': 'application/json', 'Device-Id': find('device-id').value.trim(), 'Client-Id': find('client-id').value.trim() },
    });
    const { websocket } = await reply.json();
    find('address').value = websocket.url;
    find('token').value = websocket.token;
  } catch (error) {
    note(words.noBoot + error.message);
  }
}

// The tools.

const tools = {
  'self.get_device_status': {
    description: 'Returns the state of the device: the volume of its speaker.',
    inputSchema: { type: 'object', properties: {} },
    call: () => JSON.stringify({ audio_speaker: { volume: Number(find('volume').value) } }),
  },
  'self.audio_speaker.set_volume': {
    description: 'Sets the volume of the speaker. Read the current volume first to change it by a step.',
    inputSchema: { type: 'object', properties: { volume: { type: 'integer', minimum: 0, maximum: 100 } }, required: ['volume'] },
    call: ({ volume }) => {
      if (!Number.isInteger(volume) || volume < 0 || volume > 100) throw new Error('volume is a whole number from 0 to 100');
      setVolume(volume);
      return 'true';
    },
  },
};

function onTool({ id, method, params }) {
  if (id === undefined) return;
  const answer = (content) => send({ type: 'mcp', payload: { jsonrpc: '2.0', id, ...content } });
  if (method === 'initialize') {
    answer({ result: { protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo: { name: 'fastgate-page', version: '1.0.0' } } });
  } else if (method === 'tools/list') {
    answer({ result: { tools: Object.entries(tools).map(([name, { description, inputSchema }]) => ({ name, description, inputSchema })) } });
  } else if (method === 'tools/call' && Object.hasOwn(tools, params?.name)) {
    let text;
    let isError = false;
    try {
      text = tools[params.name].call(params.arguments ?? {});
    } catch (error) {
      text = error.message;
      isError = true;
    }
    find('calls').append(item('li', `${params.name}(${JSON.stringify(params.arguments ?? {})}) → ${text}`));
    answer({ result: { content: [{ type: 'text', text }], isError } });
  } else {
    answer({ error: { code: -32601, message: `unknown: ${params?.name ?? method}` } });
  }
}

// What is shown.

function item(tag, text, className = '') {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

/** A long conversation keeps its newest lines. */
function say(who, text) {
  const list = find('transcript');
  list.append(item('li', text, who));
  while (list.children.length > 500) list.firstChild.remove();
}

const note = (text) => say('note', text);

function trace(direction, text) {
  find('messages').textContent = `${find('messages').textContent}${direction} ${text}\n`.slice(-20000);
}

function show() {
  const ready = device.session !== '';
  find('connect').textContent = device.socket ? words.disconnect : words.connect;
  find('listen').textContent = device.wants ? words.stopListening : words.listen;
  find('listen').disabled = !ready || !window.AudioEncoder;
  for (const id of ['abort', 'text', 'send']) find(id).disabled = !ready;
  const state = !device.socket ? 'off' : !ready ? 'connecting' : device.speaking ? 'speaking' : device.listening ? 'listening' : 'ready';
  find('status').textContent = words[state];
  document.body.dataset.state = state;
}

function randomId(pattern) {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  let next = 0;
  return pattern.replace(/x/g, () => (bytes[next++] & 15).toString(16));
}

document.documentElement.lang = isChinese ? 'zh-CN' : 'en';
document.title = words.title;
document.querySelectorAll('[data-t]').forEach((element) => { element.textContent = words[element.dataset.t]; });
find('device-id').value = localStorage.getItem('device-id') ?? randomId('02:xx:xx:xx:xx:xx');
find('client-id').value = localStorage.getItem('client-id') ?? randomId('xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx');
find('boot').onclick = boot;
find('connect').onclick = () => (device.socket ? device.socket.close(1000) : connect());
find('listen').onclick = toggleListening;
find('abort').onclick = () => {
  silence();
  send({ type: 'abort' });
};
find('say').onsubmit = (event) => {
  event.preventDefault();
  if (find('text').value.trim()) send({ type: 'listen', state: 'detect', text: find('text').value.trim() });
  find('text').value = '';
};
show();
findMissing();
