// A run of verify in words, for the view and for the card of its drive.

import { setAttribute } from '../dom.js';
import { bytes, count, moment, percent, plural } from '../format.js';

/** Where the view of a drive's run is. */
export const verifyAddress = drive => `#/verify?${new URLSearchParams({ mount: drive.mountPoint })}`;

export const isRunning = run => run?.state === 'Running';

/** How far it is in per cent, or null before anybody knows how much there is. */
function percentOf({ deep, progress: { counts, total, bytesRead, totalBytes } }) {
  if (total === 0) return null;
  // Bytes say more than objects, but of nothing but empty files there are none.
  return deep && totalBytes > 0 ? percent(bytesRead, totalBytes) : percent(compared(counts), total);
}

const compared = counts => Object.values(counts).reduce((sum, number) => sum + number, 0);

/** Shows it on a bar; without a figure the bar says only that something goes on. */
export function showProgress(bar, run) {
  setAttribute(bar, 'value', percentOf(run));
}

/** What came of it, with the tone of that. */
export function verdictOf(run) {
  const { state, differences, progress: { total, counts } } = run;
  const objects = compared(counts);
  switch (state) {
    case 'Running': return { text: differences > 0 ? `Comparing. ${plural(differences, 'difference')} so far.` : 'Comparing …', tone: differences > 0 ? 'bad' : 'busy' };
    case 'Cancelled': return { text: `Stopped after ${count(objects)} of ${plural(total, 'object')}.${differences > 0 ? ` ${plural(differences, 'difference')} until then.` : ''}`, tone: 'warn' };
    case 'Failed': return { text: `It did not come to its end. ${run.error ?? ''}`, tone: 'bad' };
  }
  if (objects === 0) return { text: 'The bucket has confirmed nothing from this machine yet.', tone: 'quiet' };
  if (differences > 0) return { text: `${count(differences)} of ${plural(objects, 'object')} ${differences === 1 ? 'is' : 'are'} not as confirmed.`, tone: 'bad' };
  return { text: objects === 1 ? 'The object is as confirmed.' : `All ${count(objects)} objects are as confirmed.`, tone: 'good' };
}

/** The figures below that. */
export function figuresOf(run) {
  const { deep, started, ended, progress: { total, counts, bytesRead, totalBytes } } = run;
  return [
    isRunning(run) && total > 0 && `${count(compared(counts))} of ${plural(total, 'object')}`,
    deep && (isRunning(run) ? `${bytes(bytesRead)} of ${bytes(totalBytes)} read back` : `${bytes(bytesRead)} read back`),
    counts.busy > 0 && `${plural(counts.busy, 'object')} being changed now`,
    ended ? `ended ${moment(ended)}` : `began ${moment(started)}`,
  ].filter(Boolean).join(' · ');
}

/** For the card of the drive: a few words, empty before the first run. */
export function shortOf(run) {
  if (!run) return '';
  if (!isRunning(run)) return `${moment(run.ended)}: ${verdictOf(run).text}`;
  const done = percentOf(run);
  return done === null ? 'Comparing …' : `Comparing, ${done} %`;
}
