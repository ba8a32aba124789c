"""See run.sh. Each step prints one line with what was seen."""
import argparse
import json
import os
import random
import shutil
import subprocess
import time

from container import Container, put_file, with_fuse
from store import BUCKET, KEY, SECRET, Store, expect_resumed, until, verify

PARTS_AT_ONCE = 4
PART = 1 << 20


def say(text):
    print(f'{time.monotonic() - BEGUN:6.1f} s  {text}', flush=True)


def configuration(endpoint, mount, prefix, state):
    return json.dumps({
        **({'state': state} if state else {}),
        'stopTimeoutSeconds': 30,
        'drives': [{
            'mount': mount, 'store': 'oss', 'endpoint': endpoint, 'region': 'cn-hangzhou', 'bucket': BUCKET, 'prefix': prefix,
            'transfer': {'partSize': '1MiB', 'multipartThreshold': '4MiB', 'parallelParts': PARTS_AT_ONCE, 'debounceSeconds': 0.2},
        }],
    })


def payload(folder, seed, large):
    os.makedirs(f'{folder}/small')
    chance = random.Random(seed)
    with open(f'{folder}/large.bin', 'wb') as file:
        file.write(chance.randbytes(large))
    for number in range(20):
        with open(f'{folder}/small/{number}', 'wb') as file:
            file.write(chance.randbytes(chance.randrange(40_000)))


def install_system(container, store):
    put_file(container, '/etc/syncagent/config.json', configuration(store.endpoint, '/mnt/drive', 'system/', None))
    put_file(container, '/etc/syncagent/keys', f'OSS_ACCESS_KEY_ID={KEY}\nOSS_ACCESS_KEY_SECRET={SECRET}\n', 0o600)
    install = '/opt/syncagent/syncagent service install --system --environment-file /etc/syncagent/keys'
    begun = time.monotonic()
    container.sh(install)
    say(f'installed and mounted in {time.monotonic() - begun:.2f} s')
    container.sh('ls /mnt/drive; grep -q "/mnt/drive fuse.syncagent" /proc/1/mounts')
    container.sh(install)
    status = json.loads(container.sh('/opt/syncagent/syncagent service status --system --json').stdout)
    assert status['state'] == 'active' and status['enabled'], status
    say('installed again; the mount is seen by all')
    security = container.sh('systemd-analyze security --no-pager syncagent.service', check=False).stdout.strip().splitlines()
    say(f'systemd-analyze security: {security[-1].strip() if security else "?"}')


def install_user(container, store):
    container.sh('useradd -m ann; loginctl enable-linger ann')
    uid = container.uid('ann')
    until("ann's service manager", lambda: os.path.exists(f'/proc/{container.pid}/root/run/user/{uid}/systemd/private'))
    put_file(container, '/home/ann/.config/syncagent/config.json', configuration(store.endpoint, '/home/ann/drive', 'ann/', None))
    put_file(container, '/home/ann/keys', f'OSS_ACCESS_KEY_ID={KEY}\nOSS_ACCESS_KEY_SECRET={SECRET}\n', 0o600)
    container.sh('chown -R ann: /home/ann')
    container.sh('/opt/syncagent/syncagent service install --environment-file ~/keys', user='ann')
    container.sh('ls ~/drive', user='ann')
    say("a user's own unit, with linger: installed and mounted by fusermount3")


def half_way(container, store, prefix, large, seconds=60):
    """Waits until the middle of the large file is on its way."""
    key = f'{prefix}{large}'
    until(f'half of {key}', lambda: store.bytes_of_parts(key) >= 3 * PART, seconds)
    return key


def mounted_again(container, path, user=None):
    until(f'{path} being mounted', lambda: container.sh(f'grep -q " {path} fuse.syncagent" /proc/1/mounts && ls {path}', check=False, user=user).returncode == 0)


def drained(container, state, user=None):
    return container.sh(f'/opt/syncagent/syncagent wait --state {state} --timeout 120', user=user)


STATE, USER_STATE = '/var/lib/syncagent', '/home/ann/.local/state/syncagent'


def cut_and_resume(container, store, work, conformance, name, seed, cut):
    """Uploads half way, then the end of the machine; after the next boot all is finished by nobody's hand."""
    store.limit(2 << 20)
    for where, user in (('drive', None), ('ann', 'ann')):
        folder = f'{work}/{where}/{name}'
        payload(folder, seed, 12 << 20)
        target = f'/mnt/drive/{name}' if user is None else f'/home/ann/drive/{name}'
        shutil.copytree(folder, f'{container.tree}/var/payload/{name}-{where}')
        container.sh(f'chmod -R a+rX /var/payload/{name}-{where}')
        container.sh(f'cp -r /var/payload/{name}-{where} {target}', user=user)
    keys = [half_way(container, store, f'system/{name}/', 'large.bin'), half_way(container, store, f'ann/{name}/', 'large.bin')]
    # The group commit covers what the copies closed half a second ago at the latest; the bucket cannot have it all by now.
    before = {key: len(store.parts(key)) for key in keys}
    assert all(count < 12 for count in before.values()), before
    took = cut()
    booted = container.boot()
    begun = time.monotonic()
    mounted_again(container, '/mnt/drive')
    mounted_again(container, '/home/ann/drive', 'ann')
    back = time.monotonic() - begun
    store.limit(0)
    drained(container, STATE)
    drained(container, USER_STATE, 'ann')
    for key in keys:
        parts, twice = expect_resumed(store, key, PARTS_AT_ONCE)
        say(f'{name}: {key}: {before[key]} of {parts} parts before, {twice} sent twice')
    for where, prefix in (('drive', 'system/'), ('ann', 'ann/')):
        verify(conformance, store.endpoint, f'{prefix}{name}/', f'{work}/{where}/{name}')
    say(f'{name}: down in {took if took else 0:.1f} s, systemd up in {booted:.1f} s, mounted {back:.1f} s later; the bucket is right')


def restart_under_a_writer(container, store, work, conformance):
    os.makedirs(f'{work}/drive/held')
    writer = subprocess.Popen(
        ['nsenter', '-t', str(container.pid), '-a', 'python3', '-c',
         "import os, sys\nos.mkdir('/mnt/drive/held')\nf = open('/mnt/drive/held/file', 'w')\nf.write('one\\n')\nf.flush()\nprint('open', flush=True)\nsys.stdin.readline()\nf.write('two\\n')\nf.close()\nprint('closed', flush=True)"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == 'open\n'
    begun = time.monotonic()
    container.sh('systemctl restart --no-block syncagent')
    until('the agent waiting for the writer', lambda: 'waits for programs' in container.sh('systemctl show -P StatusText syncagent').stdout)
    assert container.sh('echo no > /mnt/drive/refused', check=False).returncode != 0
    writer.stdin.write('\n')
    writer.stdin.flush()
    assert writer.stdout.readline() == 'closed\n' and writer.wait(20) == 0
    until('the new agent', lambda: container.sh('systemctl is-active syncagent', check=False).stdout.strip() == 'active')
    mounted_again(container, '/mnt/drive')
    assert container.sh('cat /mnt/drive/held/file').stdout == 'one\ntwo\n'
    drained(container, STATE)
    with open(f'{work}/drive/held/file', 'w') as file:
        file.write('one\ntwo\n')
    verify(conformance, store.endpoint, 'system/held/', f'{work}/drive/held')
    say(f'restarted under an open writer in {time.monotonic() - begun:.1f} s: it finished, and its file arrived')


def main_pid(container):
    return container.sh('systemctl show -P MainPID syncagent').stdout.strip()


def killed_and_stuck(container):
    first = main_pid(container)
    begun = time.monotonic()
    container.sh(f'kill -9 {first}')
    until('a new agent', lambda: main_pid(container) not in (first, '0') and container.sh('systemctl is-active syncagent', check=False).stdout.strip() == 'active')
    mounted_again(container, '/mnt/drive')
    assert 'the dead mount is gone' in container.sh('journalctl --no-pager -u syncagent -b').stdout
    say(f'killed: its mount taken away, started anew and mounted after {time.monotonic() - begun:.1f} s')

    container.sh('mkdir -p /run/systemd/system/syncagent.service.d; printf "[Service]\\nWatchdogSec=4\\n" > /run/systemd/system/syncagent.service.d/test.conf; systemctl daemon-reload; systemctl restart syncagent')
    mounted_again(container, '/mnt/drive')
    time.sleep(6)  # longer than the watchdog's period: an agent that is well is left alone
    first = main_pid(container)
    assert container.sh('systemctl show -P NRestarts syncagent').stdout.strip() == '0'
    begun = time.monotonic()
    container.sh(f'kill -STOP {first}')
    until('the watchdog', lambda: main_pid(container) not in (first, '0') and container.sh('systemctl is-active syncagent', check=False).stdout.strip() == 'active')
    mounted_again(container, '/mnt/drive')
    container.sh('rm -r /run/systemd/system/syncagent.service.d; systemctl daemon-reload')
    say(f'stopped dead: the watchdog (4 s) had it started anew and mounted after {time.monotonic() - begun:.1f} s')


def inhibitor(container, store):
    inhibitors = lambda: container.sh('busctl call org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager ListInhibitors').stdout
    drained(container, STATE)
    until('no inhibitor while nothing is pending', lambda: 'SyncAgent' not in inhibitors())
    store.limit(200 << 10)
    container.sh('head -c 1000000 /dev/urandom > /mnt/drive/slow')
    held = until('the inhibitor', lambda: 'SyncAgent' in inhibitors() and inhibitors())
    assert '"shutdown" "SyncAgent" "Files are on their way to the bucket" "delay"' in held, held
    store.limit(0)
    drained(container, STATE)
    until('the inhibitor being given back', lambda: 'SyncAgent' not in inhibitors())
    container.sh('rm /mnt/drive/slow')
    drained(container, STATE)
    say('logind: the shutdown is held up while a file is on its way, and not any longer')


def uninstall(container):
    done = container.sh('/opt/syncagent/syncagent service uninstall --system').stdout
    assert 'its state stays in /var/lib/syncagent' in done and os.path.exists(f'{container.tree}/var/lib/syncagent/journal.db'), done
    assert container.sh('grep fuse.syncagent /proc/1/mounts | grep -v /home/ann', check=False).stdout == ''
    assert container.sh('/opt/syncagent/syncagent service status --system', check=False).returncode == 1
    say('uninstalled; the state is still there')


def main():
    parser = argparse.ArgumentParser()
    for name in ('work', 'agent', 'conformance'):
        parser.add_argument(f'--{name}', required=True)
    options = parser.parse_args()
    os.makedirs(f'{options.work}/store', exist_ok=True)
    store = Store(options.agent, f'{options.work}/store')
    container = Container(f'{options.work}/tree', options.agent, f'{options.work}/console.log')
    with_fuse(container)
    try:
        say(f'systemd up in {container.boot():.1f} s')
        install_system(container, store)
        install_user(container, store)
        cut_and_resume(container, store, options.work, options.conformance, 'rebooted', 1, container.reboot)
        cut_and_resume(container, store, options.work, options.conformance, 'cut', 2, container.cut)
        restart_under_a_writer(container, store, options.work, options.conformance)
        inhibitor(container, store)
        killed_and_stuck(container)
        uninstall(container)
        print('ok')
    finally:
        container.end()
        store.stop()


BEGUN = time.monotonic()
main()
