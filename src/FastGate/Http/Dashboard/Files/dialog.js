// Dialogs for acts. An act happens after a second press only, and a repeated press repeats the same request.
import { newRequestId } from './api.js';
import { button, h, say } from './dom.js';
import { t } from './words.js';

/**
 * Shows the fields and does the work after the confirmation. The dialog stays open with the reason when the work fails; the request id stays the same, so
 * that a request whose answer was lost does not act twice. A change of the fields makes another request.
 */
export function confirm({ title, text, fields = [], press, danger = false, work }) {
  const before = document.activeElement;
  const problem = h('p', { class: 'error', role: 'alert' });
  const cancel = button(t('cancel'), () => dialog.close());
  const go = h('button', { type: 'submit', class: danger ? 'danger' : null, 'data-go': '' }, press);
  let requestId = newRequestId();
  let done = false;
  const form = h('form', {
    submit: async (event) => {
      event.preventDefault();
      go.disabled = true;
      problem.textContent = '';
      try {
        say(await work(requestId));
        done = true;
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
      } finally {
        go.disabled = false;
      }
    },
    input: () => { requestId = newRequestId(); },
  }, h('h2', null, title), text ? h('p', null, text) : null, fields, problem, h('div', { class: 'row buttons' }, cancel, go));
  const dialog = h('dialog', { 'aria-label': title }, form);
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      before?.focus();
      resolve(done);
    });
    document.body.append(dialog);
    dialog.showModal();
    // A key that is pressed twice must not confirm a dangerous act.
    (form.querySelector('input, select, textarea') ?? (danger ? cancel : go)).focus();
  });
}
