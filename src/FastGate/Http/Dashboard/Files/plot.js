// A plot of the last minutes. uPlot draws on a canvas, so a text for screen readers is beside it.
import { h } from './dom.js';
import { language } from './words.js';

const height = 170;

/** Lines are { label, format(value) }; add() gives all points: seconds first, then one array per line. */
export function plot(title, lines, signal) {
  const inks = ['ink-1', 'ink-2', 'ink-axis', 'ink-grid'].map((name) => h('i', { class: name, hidden: true }));
  const host = h('div', { class: 'plot', role: 'img', 'aria-label': title });
  const legend = h('p', { class: 'soft' });
  const root = h('section', { class: 'panel', 'data-plot': '' }, h('h2', null, title), ...inks, host, legend);
  let chart = null;
  let points = null;

  const color = (index) => getComputedStyle(inks[index]).color;

  function draw() {
    chart?.destroy();
    const axis = { stroke: color(2), grid: { stroke: color(3), width: 1 }, ticks: { stroke: color(3), width: 1 }, font: '11px system-ui, sans-serif' };
    chart = new window.uPlot({
      width: Math.max(host.clientWidth, 100), height, legend: { show: false }, cursor: { show: false },
      axes: [{ ...axis, size: 30, values: (_, seconds) => seconds.map(clock) }, { ...axis, size: 72, values: (_, values) => values.map((value) => lines[0].format(value)) }],
      scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.1, 1e-9, lines[0].least ?? 0)] } },
      series: [{}, ...lines.map((line, index) => ({ label: line.label, stroke: color(index), width: 2, points: { show: false } }))],
    }, points, host);
  }

  const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString(language, { hour12: false });

  function show(next) {
    points = next;
    if (!root.isConnected) return;
    if (chart) chart.setData(points);
    else draw();
    const last = lines.map((line, index) => `${line.label}: ${line.format(points[index + 1].at(-1))}`).join(' · ');
    legend.textContent = last;
    host.setAttribute('aria-label', `${title}. ${last}`);
  }

  const redraw = () => { if (chart) draw(); };
  const size = new ResizeObserver(() => { if (chart && host.clientWidth > 0) chart.setSize({ width: host.clientWidth, height }); });
  size.observe(host);
  document.addEventListener('theme', redraw, { signal });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw, { signal });
  signal.addEventListener('abort', () => { size.disconnect(); chart?.destroy(); chart = null; }, { once: true });
  return { root, show };
}
