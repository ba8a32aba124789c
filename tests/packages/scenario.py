"""See run.sh. Each step prints one line with what was seen."""
import argparse
import glob
import json
import os
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'reboot'))
from container import Container, put_file, with_fuse  # noqa: E402
from store import BUCKET, KEY, SECRET, Store, until, verify  # noqa: E402

STATE = '/var/lib/syncagent'
PART = 1 << 20
BEGUN = time.monotonic()


def say(text):
    print(f'{time.monotonic() - BEGUN:6.1f} s  {text}', flush=True)


class Debian(Container):
    """With the packages in /packages."""

    def dpkg(self, *arguments):
        return self.sh(f'dpkg {" ".join(arguments)} 2>&1').stdout

    def active(self):
        return self.sh('systemctl is-active syncagent', check=False).stdout.strip()

    def agent_pid(self):
        return self.sh('systemctl show -P MainPID syncagent').stdout.strip()

    def mounted(self, path='/mnt/drive'):
        return self.sh(f'grep -q " {path} fuse.syncagent" /proc/1/mounts', check=False).returncode == 0


def configuration(endpoint):
    return json.dumps({
        'stopTimeoutSeconds': 30,
        'drives': [{
            'mount': '/mnt/drive', 'store': 'oss', 'endpoint': endpoint, 'region': 'cn-hangzhou', 'bucket': BUCKET, 'prefix': 'system/',
            'transfer': {'partSize': '1MiB', 'multipartThreshold': '4MiB', 'debounceSeconds': 0.2},
        }],
    })


def payload(folder, seed, large):
    os.makedirs(folder)
    chance = random.Random(seed)
    for number in range(20):
        with open(f'{folder}/{number}', 'wb') as file:
            file.write(chance.randbytes(chance.randrange(40_000)))
    with open(f'{folder}/large.bin', 'wb') as file:
        file.write(chance.randbytes(large))


def copy_in(debian, work, name, seed, large=12 << 20):
    """Makes a folder with files, here for the comparison and in the drive."""
    payload(f'{work}/files/{name}', seed, large)
    shutil.copytree(f'{work}/files/{name}', f'{debian.tree}/var/payload/{name}')
    debian.sh(f'cp -r /var/payload/{name} /mnt/drive/{name}')


def arrived(debian, store, work, conformance, name):
    debian.sh(f'syncagent wait --state {STATE} --timeout 120')
    verify(conformance, store.endpoint, f'system/{name}/', f'{work}/files/{name}')


def install(debian, old):
    said = debian.dpkg('-i', old)
    assert debian.active() == 'inactive' and debian.sh('systemctl is-enabled syncagent').stdout.strip() == 'enabled', said
    failed = debian.sh('systemctl list-units --failed --plain --no-legend').stdout
    assert 'syncagent' not in failed, failed
    debian.sh('syncagent --version; syncagent-tray --version; syncagent --help >/dev/null; test -s /usr/share/man/man1/syncagent.1.gz; bash -n /usr/share/bash-completion/completions/syncagent')
    missing = debian.sh('dpkg -V syncagent', check=False).stdout
    assert missing == '', missing
    say('installed on a machine without a configuration: the service is enabled, waits, and nothing failed')


def first_run(debian):
    """A user's own agent, with the store of the demo."""
    debian.sh('useradd -m ann; loginctl enable-linger ann')
    uid = debian.uid('ann')
    until("ann's service manager", lambda: debian.sh(f'test -S /run/user/{uid}/systemd/private', check=False).returncode == 0)
    begun = time.monotonic()
    debian.sh('syncagent init --demo', user='ann')
    say(f"a user's first drive, with the demo's store: mounted {time.monotonic() - begun:.1f} s after the command")
    debian.sh('echo one > ~/Drive/one; syncagent wait --timeout 60', user='ann')
    agent = debian.sh("pgrep -u ann -f 'syncagent mount'").stdout.split()[0]
    debian.sh(f'kill -9 {agent}')
    debian.sh('syncagent init --demo; test "$(cat ~/Drive/one)" = one; echo two > ~/Drive/two; syncagent wait --timeout 60', user='ann')
    say('killed; the same command mounts it again')


def configure(debian, store, work, conformance):
    put_file(debian, '/etc/syncagent/config.json', configuration(store.endpoint))
    put_file(debian, '/etc/syncagent/environment', f'OSS_ACCESS_KEY_ID={KEY}\nOSS_ACCESS_KEY_SECRET={SECRET}\n', 0o600)
    debian.sh('systemctl start syncagent')
    assert debian.mounted()
    copy_in(debian, work, 'first', 1)
    until('an upload under way', lambda: store.bytes_of_parts('system/first/large.bin') > 0)
    first = debian.agent_pid()
    debian.sh(f'kill -9 {first}')
    until('a new agent', lambda: debian.agent_pid() not in (first, '0') and debian.active() == 'active' and debian.mounted())
    arrived(debian, store, work, conformance, 'first')
    say("the machine's service: configured and started; killed in an upload, started anew, all bytes in the bucket")


def upgrade(debian, store, work, conformance, new):
    store.limit(400 << 10)
    copy_in(debian, work, 'upgraded', 2)
    until('an upload under way', lambda: store.bytes_of_parts('system/upgraded/large.bin') >= 2 << 20)
    writer = subprocess.Popen(
        ['nsenter', '-t', str(debian.pid), '-a', 'python3', '-c',
         "import sys\nf = open('/mnt/drive/held', 'w')\nf.write('one\\n')\nf.flush()\nprint('open', flush=True)\nsys.stdin.readline()\nf.write('two\\n')\nf.close()\nprint('closed', flush=True)"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert writer.stdout.readline() == 'open\n'
    before = debian.agent_pid()
    begun = time.monotonic()
    upgrading = subprocess.Popen(['nsenter', '-t', str(debian.pid), '-a', 'env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'dpkg', '-i', new],
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    until('the agent waiting for the writer', lambda: 'waits for programs' in debian.sh('systemctl show -P StatusText syncagent').stdout)
    unpacked = time.monotonic() - begun
    writer.communicate('\n', timeout=30)
    said, _ = upgrading.communicate(timeout=180)
    assert upgrading.returncode == 0, said
    took = time.monotonic() - begun
    assert debian.agent_pid() not in (before, '0') and debian.active() == 'active' and debian.mounted()
    assert debian.sh(f'readlink /proc/{debian.agent_pid()}/exe').stdout.strip() == '/usr/lib/syncagent/syncagent'
    assert debian.sh('syncagent --version').stdout.startswith('99.0.0') and debian.sh('cat /mnt/drive/held').stdout == 'one\ntwo\n'
    left = 12 - store.bytes_of_parts('system/upgraded/large.bin') // PART
    assert left > 0, 'everything was sent before the upgrade was over'
    store.limit(0)
    arrived(debian, store, work, conformance, 'upgraded')
    assert store.uploads_begun('system/upgraded/large.bin') == 1
    say(f'upgraded with {left} parts of a file not sent and a program that writes: unpacked after {unpacked:.0f} s, it finished, the new version runs after {took:.0f} s, all bytes in the bucket by one upload')

    assert 'the agent of ann (pid' in said and 'runs the version before' in said, said
    # What an old agent has not used so far it must have loaded before: its file is another program's now.
    debian.sh('head -c 20000000 /dev/urandom > ~/Drive/big; mv ~/Drive/one ~/Drive/three; syncagent wait --timeout 60; syncagent status >/dev/null; syncagent verify ~/Drive; syncagent open --print >/dev/null', user='ann', timeout=120)
    debian.sh('syncagent unmount ~/Drive; systemctl --user enable --now syncagent; cat ~/Drive/three; syncagent service status', user='ann')
    say("ann's agent of the version before went on, with all that it had not used before; the package's unit for users has the new one")


def remove_and_purge(debian, old):
    debian.sh(f'syncagent wait --state {STATE} --timeout 60')
    agent = debian.sh("pgrep -u ann -f 'syncagent mount'").stdout.split()[0]
    said = debian.dpkg('-r', 'syncagent')
    assert f'the agent of ann (pid {agent}) still runs' in said and 'stays' not in said, said
    assert not debian.mounted() and debian.active() != 'active' and os.path.exists(f'{debian.tree}{STATE}/journal.db')
    debian.sh(f'kill {agent}')
    until("the end of ann's agent", lambda: debian.sh(f'kill -0 {agent}', check=False).returncode != 0)
    for store in debian.sh("pgrep -u ann -f 'syncagent dev-store'").stdout.split():
        debian.sh(f'kill {store}')
    said = debian.dpkg('-P', 'syncagent')
    assert not os.path.exists(debian.tree + STATE) and not os.path.exists(f'{debian.tree}/etc/syncagent'), said
    left = debian.sh("find / -xdev -name '*syncagent*' ! -path '/proc/*' ! -path '/home/*' ! -path '/packages/*' ! -path '/run/*' ! -path '/tmp/*'").stdout
    assert left == '', left
    assert os.path.exists(f'{debian.tree}/home/ann/.local/state/syncagent/journal.db')
    say("removed and purged with nothing pending: nothing is left but what is ann's")


def purge_with_something_pending(debian, store, work, conformance, old):
    debian.dpkg('-i', old)
    put_file(debian, '/etc/syncagent/config.json', configuration(store.endpoint))
    put_file(debian, '/etc/syncagent/environment', f'OSS_ACCESS_KEY_ID={KEY}\nOSS_ACCESS_KEY_SECRET={SECRET}\n', 0o600)
    debian.sh('systemctl start syncagent')
    store.limit(100_000)
    copy_in(debian, work, 'kept', 3)
    said = debian.dpkg('-P', 'syncagent')
    for part in ('stays, also when the package is purged', 'not in the bucket demo yet: ', 'are kept, because not everything'):
        assert part in said, (part, said)
    assert not debian.mounted() and os.path.exists(f'{debian.tree}{STATE}/journal.db') and os.path.exists(f'{debian.tree}/etc/syncagent/config.json')
    store.limit(0)
    debian.dpkg('-i', old)
    until('the drive', lambda: debian.active() == 'active' and debian.mounted())
    arrived(debian, store, work, conformance, 'kept')
    assert not os.path.exists(f'{debian.tree}{STATE}/not-sent.txt')
    say('purged with files pending: state and configuration are kept and named; installed again, it sends them, all bytes in the bucket')
    # An answer from before somebody worked there again does not count.
    debian.dpkg('-r', 'syncagent')
    debian.sh(f'sleep 1.1; touch {STATE}/journal.db')
    assert 'are kept' in debian.dpkg('-P', 'syncagent') and os.path.exists(f'{debian.tree}{STATE}/journal.db')
    debian.sh(f'rm -r {STATE} /etc/syncagent')


def archive(debian, name):
    debian.sh(f'cd && tar xzf /packages/{name} && cd syncagent-* && ./install.sh', user='ann')
    debian.sh('PATH=~/.local/bin:$PATH; syncagent --version; syncagent init --demo; cat ~/Drive/three; echo four > ~/Drive/four; syncagent wait --timeout 60; '
              '! ~/.local/lib/syncagent/uninstall.sh; cd ~/syncagent-*; ./install.sh; syncagent unmount ~/Drive', user='ann')
    said = debian.sh('~/.local/lib/syncagent/uninstall.sh --purge', user='ann').stdout
    left = debian.sh("find ~/.local ~/.config -name '*syncagent*' ! -path '*/share/syncagent*'", user='ann').stdout.split()
    # The demo's configuration folder has the keys of its store, which is no part of the drive's.
    assert all('.config/syncagent' in path for path in left), (said, left)
    say('the archive: installed by a user, used, installed again, uninstalled with its state')


def main():
    parser = argparse.ArgumentParser()
    for name in ('work', 'packages', 'conformance'):
        parser.add_argument(f'--{name}', required=True)
    options = parser.parse_args()
    new = os.path.basename(glob.glob(f'{options.packages}/syncagent_99*.deb')[0])
    old = next(name for name in sorted(map(os.path.basename, glob.glob(f'{options.packages}/syncagent_*.deb'))) if name != new)
    tar = os.path.basename(glob.glob(f'{options.packages}/syncagent-*.tar.gz')[0])
    os.makedirs(f'{options.work}/store')
    subprocess.run(['dpkg-deb', '-x', f'{options.packages}/{old}', f'{options.work}/unpacked'], check=True)
    store = Store(f'{options.work}/unpacked/usr/lib/syncagent', f'{options.work}/store')
    debian = Debian(f'{options.work}/tree', None, f'{options.work}/console.log')
    with_fuse(debian)
    os.makedirs(f'{debian.tree}/packages')
    for name in (old, new, tar):
        shutil.copy(f'{options.packages}/{name}', f'{debian.tree}/packages')
    try:
        debian.boot()
        install(debian, f'/packages/{old}')
        first_run(debian)
        configure(debian, store, options.work, options.conformance)
        upgrade(debian, store, options.work, options.conformance, f'/packages/{new}')
        remove_and_purge(debian, old)
        purge_with_something_pending(debian, store, options.work, options.conformance, f'/packages/{old}')
        archive(debian, tar)
        print('ok')
    finally:
        debian.end()
        store.stop()


main()
