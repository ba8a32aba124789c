// What buttons do: one call of the API, and a word about how it went.

import { api } from './api.js';
import { plural, shownName, splitPath } from './format.js';
import { toast } from './toasts.js';
import { ask } from './dialog.js';

/** Runs an action; the button is out of use until it has ended. What the agent refuses is told in its own words. */
export async function perform(button, action, done = null) {
  button?.setAttribute('aria-disabled', 'true');
  if (button?.busy) return;
  if (button) button.busy = true;
  try {
    const answer = await action();
    if (done) toast(typeof done === 'function' ? done(answer) : done);
  } catch (error) {
    toast(error.message, 'bad');
  } finally {
    if (button) button.busy = false;
    button?.removeAttribute('aria-disabled');
  }
}

const nameOf = path => shownName(splitPath(path).name);

export const actions = {
  pauseAll: button => perform(button, () => api.pause({}), 'Paused. Nothing is sent until you resume.'),
  resumeAll: button => perform(button, () => api.resume({}), 'Uploads go on.'),
  pauseDrive: (button, mount) => perform(button, () => api.pause({ mount }), 'The drive is paused.'),
  resumeDrive: (button, mount) => perform(button, () => api.resume({ mount }), 'The drive goes on.'),
  pauseFile: (button, path) => perform(button, () => api.pause({ path }), `${nameOf(path)} is paused.`),
  resumeFile: (button, path) => perform(button, () => api.resume({ path }), `${nameOf(path)} goes on.`),
  cancelFile: async (button, path) => {
    const yes = await ask({
      title: `Stop sending ${nameOf(path)}?`,
      text: 'What the store has received of it is thrown away. The file stays in the drive and waits until you resume it; then it is sent from its beginning.',
      yes: 'Stop sending', no: 'Go on',
    });
    if (yes) await perform(button, () => api.cancel(path), `${nameOf(path)} is held until you resume it.`);
  },
  retryFile: (button, path) => perform(button, () => api.retry(path), `${nameOf(path)} is tried again.`),
  retryAll: button => perform(button, () => api.retry(), answer => `${plural(answer.files, 'file is', 'files are')} tried again.`),
  acceptFile: (button, path) => perform(button, () => api.accept(path), `${nameOf(path)} is sent as it is.`),
  discardFile: async (button, path) => {
    const yes = await ask({
      title: `Discard the changes of ${nameOf(path)}?`,
      text: 'What was written since it was last closed is thrown away for good. If it was never closed before, the file goes.',
      yes: 'Discard', no: 'Keep', grave: true,
    });
    if (yes) await perform(button, () => api.discard(path), 'Discarded.');
  },
  confirmDeletes: async (button, drive) => {
    const yes = await ask({
      title: `Delete ${plural(drive.deletesHeld, 'object')} in the bucket?`,
      text: `They were removed from ${drive.mountPoint}. Unless the bucket keeps versions or the drive has a trash, they are gone then.`,
      yes: 'Delete in the bucket', no: 'Not now', grave: true,
    });
    if (yes) await perform(button, () => api.confirmDeletes(drive.mountPoint), answer => `${plural(answer.count, 'object')} will be deleted.`);
  },
  restoreDeletes: (button, mount) =>
    perform(button, () => api.restoreDeletes(mount), answer => `${plural(answer.count, 'file is', 'files are')} back in the drive.`),
};
