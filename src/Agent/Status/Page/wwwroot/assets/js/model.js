// What the page knows: the newest snapshot, and the speed of the last minutes.

const SAMPLES = 300;
const SAMPLE_MS = 1000;

/** The newest snapshot with what several views derive from it. Events: `change`, `sample`. */
export class Model extends EventTarget {
  snapshot = null;

  /** What the stream says of the connection: "connecting", "open", "lost", "ended". */
  connection = 'connecting';

  /** One per second, oldest first; null where nothing was heard of the agent. */
  samples = Array.from({ length: SAMPLES }, () => null);

  start() {
    setInterval(() => this.#sample(), SAMPLE_MS);
  }

  take(snapshot) {
    for (const drive of snapshot.drives) {
      drive.paused = drive.health.state === 'paused';
      for (const file of drive.active) file.path ??= `${drive.mountPoint}/${file.key}`;
    }
    this.snapshot = snapshot;
    this.#changed();
  }

  setConnection(connection) {
    this.connection = connection;
    this.#changed();
  }

  get drives() {
    return this.snapshot?.drives ?? [];
  }

  /** Of the agent as a whole; "away" while nothing is heard of it. */
  get state() {
    return this.connection === 'lost' || this.connection === 'ended' ? 'away' : this.snapshot?.state ?? 'idle';
  }

  /** Whether all mounted drives are held. */
  get paused() {
    return this.snapshot?.agent.paused ?? false;
  }

  /** All uploads under way, with the drive that each belongs to. */
  get active() {
    return this.drives.flatMap(drive => drive.active.map(file => ({ ...file, drive })));
  }

  /** Files by state, over all drives. */
  get counts() {
    const counts = {};
    for (const drive of this.drives) {
      for (const [state, number] of Object.entries(drive.files)) counts[state] = (counts[state] ?? 0) + number;
    }
    return counts;
  }

  /** Files whose content is on its way or waits for it, held ones included. */
  get pendingFiles() {
    const { queued = 0, uploading = 0, paused = 0, closing = 0 } = this.counts;
    return queued + uploading + paused + closing;
  }

  /** The drive that a path is in. */
  driveOf(path) {
    return this.drives.find(drive => path === drive.mountPoint || path.startsWith(`${drive.mountPoint}/`));
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }

  #sample() {
    const speed = this.connection === 'open' ? this.snapshot?.speed : null;
    this.samples.push(speed ?? null);
    this.samples.shift();
    this.dispatchEvent(new Event('sample'));
  }
}
