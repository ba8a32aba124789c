"""The store outside of the machine under test: an OSS-compatible server as a process of its own, with its request log."""
import collections
import json
import os
import signal
import subprocess
import time
import urllib.request

BUCKET = 'demo'
KEY, SECRET, TOKEN = 'reboot-key', 'reboot-secret', 'reboot'


def until(what, look, seconds=120, pause=0.2):
    """Returns the first true value of look()."""
    end = time.monotonic() + seconds
    while True:
        value = look()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f'waited {seconds} s in vain: {what}')
        time.sleep(pause)


class Store:
    """Started once; lives through all reboots of its client."""

    def __init__(self, agent, folder):
        environment = dict(os.environ, OSS_ACCESS_KEY_ID=KEY, OSS_ACCESS_KEY_SECRET=SECRET, SYNCAGENT_DEVSTORE_TOKEN=TOKEN)
        self.process = subprocess.Popen(
            [f'{agent}/syncagent', 'dev-store', '--root', folder, '--port', '0', '--bucket', BUCKET],
            env=environment, stdout=subprocess.PIPE, stderr=open(f'{folder}.log', 'w'), stdin=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.endpoint = line.split()[3].rstrip(',')

    def _control(self, what, method='GET', body=None):
        request = urllib.request.Request(f'{self.endpoint}/-/devstore/{what}', method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header('x-devstore-token', TOKEN)
        request.add_header('content-type', 'application/json')
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def limit(self, bytes_per_second):
        """All requests together; 0 for no limit."""
        self._control('faults', 'DELETE')
        if bytes_per_second:
            self._control('faults', 'PUT', {'serverBytesPerSecond': bytes_per_second})

    def log(self):
        return self._control('log')

    def parts(self, key):
        """The parts of a key that the store has acknowledged: (upload id, number) -> how often."""
        return collections.Counter(
            (entry['uploadId'], entry['partNumber']) for entry in self.log()
            if entry['operation'] == 'UploadPart' and entry['key'] == key and entry['replied'] and entry['status'] == 200)

    def bytes_of_parts(self, key):
        return sum(entry['bytesIn'] for entry in self.log()
                   if entry['operation'] == 'UploadPart' and entry['key'] == key and entry['replied'] and entry['status'] == 200)

    def uploads_begun(self, key):
        return sum(entry['operation'] == 'InitiateMultipartUpload' and entry['key'] == key and entry['status'] == 200 for entry in self.log())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


def verify(conformance, endpoint, prefix, folder):
    """The bucket below a prefix must hold a folder byte for byte, and have no upload open: told by the vendor's client."""
    environment = dict(os.environ, OSS_ACCESS_KEY_ID=KEY, OSS_ACCESS_KEY_SECRET=SECRET)
    done = subprocess.run(['node', 'verify.mjs', endpoint, BUCKET, prefix, folder], cwd=conformance, env=environment, capture_output=True, text=True)
    report = json.loads(done.stdout) if done.stdout else {'problems': [done.stderr], 'uploads': []}
    assert done.returncode == 0 and not report['problems'] and not report['uploads'], report
    return report


def expect_resumed(store, key, in_flight):
    """Nothing was sent twice but what was under way at the cut; one upload from beginning to end."""
    parts = store.parts(key)
    twice = sum(count - 1 for count in parts.values())
    assert store.uploads_begun(key) == 1, f'{key}: {store.uploads_begun(key)} uploads were begun'
    assert twice <= in_flight, f'{key}: {twice} parts were sent twice, at most {in_flight} were under way'
    return len(parts), twice
