"""The same in a whole machine: qemu without hardware help, Debian's kernel, systemd, one ext4 disk. A reboot is a real one (the kernel's
boot id changes), and killing qemu is a power cut: what the guest had not flushed is gone. See run.sh --machine.
"""
import argparse
import base64
import glob
import json
import os
import random
import shutil
import socket
import subprocess
import time

from store import BUCKET, KEY, SECRET, Store, expect_resumed, until, verify

MODULES = ['virtio', 'virtio_ring', 'virtio_pci_legacy_dev', 'virtio_pci_modern_dev', 'virtio_pci', 'virtio_blk', 'failover', 'net_failover', 'virtio_net', 'fuse']
PART, PARTS_AT_ONCE, LARGE = 1 << 20, 4, 12 << 20
STATE = '/var/lib/syncagent'

# Seconds. Everything is some thirty times slower than on the bare machine: a start of the agent takes half a minute, or two where others work too.
PATIENCE = 1200

# In the guest: takes a script a line (base64) on the second serial port, answers with a line of JSON.
SERVANT = '''import base64, json, os, subprocess, termios, tty
port = os.open('/dev/ttyS1', os.O_RDWR | os.O_NOCTTY)
tty.setraw(port)
with os.fdopen(port, 'r+b', buffering=0) as line:
    line.write(b'hello\\n')
    text = b''
    while True:
        text += line.read(4096) or b''
        while b'\\n' in text:
            one, text = text.split(b'\\n', 1)
            done = subprocess.run(['sh', '-euc', base64.b64decode(one).decode()], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            line.write(json.dumps([done.returncode, done.stdout, done.stderr]).encode() + b'\\n')
'''

INIT = '''#!/bin/busybox sh
/bin/busybox mount -t proc none /proc
/bin/busybox mount -t devtmpfs none /dev
# Twice: they need each other, and only modprobe would know how.
for pass in 1 2; do for module in %s; do /bin/busybox insmod /$module.ko 2>/dev/null; done; done
/bin/busybox mount -t ext4 /dev/vda /root || exec /bin/busybox sh
/bin/busybox ip link set lo up
/bin/busybox ip addr add 10.0.2.15/24 dev eth0
/bin/busybox ip link set eth0 up
/bin/busybox mount --move /dev /root/dev
exec /bin/busybox switch_root /root /sbin/init
'''


def say(text):
    print(f'{time.monotonic() - BEGUN:6.1f} s  {text}', flush=True)


def run(*command, **more):
    subprocess.run(command, check=True, **more)


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write(text)
    os.chmod(path, mode)


def kernel(work):
    """Debian's kernel for clouds, from its package."""
    folder = f'{work}/kernel'
    os.makedirs(folder)
    depends = subprocess.run(['apt-cache', 'depends', 'linux-image-cloud-amd64'], capture_output=True, text=True, check=True).stdout
    package = next(line.split()[1] for line in depends.splitlines() if 'Depends: linux-image-6' in line)
    run('apt-get', 'download', package, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run('dpkg', '-x', glob.glob(f'{folder}/*.deb')[0], f'{folder}/x')
    initrd = f'{folder}/initrd'
    for name in ('bin', 'proc', 'dev', 'root'):
        os.makedirs(f'{initrd}/{name}')
    shutil.copy('/bin/busybox', f'{initrd}/bin/busybox')
    for module in MODULES:
        shutil.copy(glob.glob(f'{folder}/x/lib/modules/**/{module}.ko', recursive=True)[0], initrd)
    write(f'{initrd}/init', INIT % ' '.join(MODULES), 0o755)
    run('sh', '-c', 'find . | cpio -o -H newc 2>/dev/null | gzip -1 > ../initrd.gz', cwd=initrd)
    return glob.glob(f'{folder}/x/boot/vmlinuz-*')[0], f'{folder}/initrd.gz'


def disk(work, agent, packed):
    """One disk with the tree, the agent, and the guest's end of the command channel."""
    run('tar', '--zstd', '-xf', packed, '-C', work)
    tree = f'{work}/tree'
    shutil.copytree(agent, f'{tree}/opt/syncagent')
    write(f'{tree}/opt/servant.py', SERVANT)
    write(f'{tree}/etc/systemd/system/servant.service', '[Service]\nExecStart=/usr/bin/python3 /opt/servant.py\nRestart=always\n')
    wants = f'{tree}/etc/systemd/system/multi-user.target.wants'
    os.makedirs(wants, exist_ok=True)
    os.symlink('/etc/systemd/system/servant.service', f'{wants}/servant.service')
    write(f'{tree}/etc/machine-id', 'uninitialized\n')
    run('truncate', '-s', '2G', f'{work}/disk.img')
    run('mkfs.ext4', '-qF', '-d', tree, f'{work}/disk.img')
    shutil.rmtree(tree)


class Machine:
    def __init__(self, work, boot):
        self.work, self.boot_files = work, boot
        self.qemu = self.line = None

    def boot(self):
        begun = time.monotonic()
        port = f'{self.work}/port'
        if os.path.exists(port):
            os.unlink(port)
        linux, initrd = self.boot_files
        self.qemu = subprocess.Popen(
            ['qemu-system-x86_64', '-accel', 'tcg', '-m', '1024', '-smp', '1', '-display', 'none', '-no-reboot', '-kernel', linux, '-initrd', initrd,
             '-append', 'console=ttyS0 rw panic=1 systemd.firstboot=off', '-drive', f'file={self.work}/disk.img,format=raw,if=virtio,cache=writeback',
             '-nic', 'user,model=virtio-net-pci', '-serial', f'file:{self.work}/console-{int(begun)}.log', '-serial', f'unix:{port},server=on,wait=off'],
            stdin=subprocess.DEVNULL, stderr=open(f'{self.work}/qemu.log', 'a'))
        until('the second serial port', lambda: os.path.exists(port))
        self.line = socket.socket(socket.AF_UNIX)
        self.line.connect(port)
        self.line.settimeout(PATIENCE)
        self.stream = self.line.makefile('rb')
        assert self.stream.readline().strip().endswith(b'hello')
        return time.monotonic() - begun

    def sh(self, script, check=True):
        self.line.sendall(base64.b64encode(script.encode()) + b'\n')
        code, output, errors = json.loads(self.stream.readline())
        assert not check or code == 0, f'{script}: {code}\n{output}\n{errors}'
        return code, output

    def reboot(self):
        begun = time.monotonic()
        self.line.sendall(base64.b64encode(b'systemctl reboot') + b'\n')
        self.qemu.wait(300)
        return time.monotonic() - begun

    def cut(self):
        self.end()
        return 0.0

    def end(self):
        if self.qemu and self.qemu.poll() is None:
            self.qemu.kill()
            self.qemu.wait(60)


def half_sent_then(machine, store, work, conformance, name, seed, stop):
    boot_id = machine.sh('cat /proc/sys/kernel/random/boot_id')[1]
    store.limit(1 << 20)
    content = random.Random(seed).randbytes(LARGE)
    write(f'{work}/{name}/small', f'{name}\n')
    with open(f'{work}/{name}/large.bin', 'wb') as file:
        file.write(content)
    # A slow machine may not have the first listing in time: then the call says so, and the next finds it.
    until('the first listing', lambda: machine.sh('grep -q fuse.syncagent /proc/mounts && ls /mnt/drive', check=False)[0] == 0, PATIENCE, 1)
    machine.sh(f'mkdir /mnt/drive/{name}; echo {name} > /mnt/drive/{name}/small; python3 -c "import random, sys; sys.stdout.buffer.write(random.Random({seed}).randbytes({LARGE}))" > /mnt/drive/{name}/large.bin')
    key = f'machine/{name}/large.bin'
    until(f'half of {key}', lambda: store.bytes_of_parts(key) >= 3 * PART, PATIENCE)
    before = len(store.parts(key))
    down = stop()
    up = machine.boot()
    begun = time.monotonic()
    until('the drive', lambda: machine.sh('ls /mnt/drive && grep -q fuse.syncagent /proc/mounts', check=False)[0] == 0, PATIENCE, 1)
    back = time.monotonic() - begun
    assert machine.sh('cat /proc/sys/kernel/random/boot_id')[1] != boot_id
    store.limit(0)
    begun = time.monotonic()
    machine.sh(f'/opt/syncagent/syncagent wait --state {STATE} --timeout {PATIENCE}')
    parts, twice = expect_resumed(store, key, PARTS_AT_ONCE)
    verify(conformance, store.endpoint, f'machine/{name}/', f'{work}/{name}')
    say(f'{name}: {before} of {parts} parts before, {twice} sent twice; down in {down:.1f} s, up in {up:.1f} s, mounted {back:.1f} s later, drained after {time.monotonic() - begun:.1f} s; a new boot id; the bucket is right')


def main():
    parser = argparse.ArgumentParser()
    for name in ('work', 'agent', 'conformance', 'tree'):
        parser.add_argument(f'--{name}', required=True)
    options = parser.parse_args()
    os.makedirs(f'{options.work}/store', exist_ok=True)
    store = Store(options.agent, f'{options.work}/store')
    machine = None
    try:
        boot = kernel(options.work)
        disk(options.work, options.agent, options.tree)
        say('disk and kernel are ready')
        machine = Machine(options.work, boot)
        say(f'the machine is up in {machine.boot():.1f} s')
        guest = store.endpoint.replace('127.0.0.1', '10.0.2.2')
        config = json.dumps({'drives': [{
            'mount': '/mnt/drive', 'store': 'oss', 'endpoint': guest, 'allowHttp': True, 'region': 'cn-hangzhou', 'bucket': BUCKET, 'prefix': 'machine/',
            'transfer': {'partSize': '1MiB', 'multipartThreshold': '4MiB', 'parallelParts': PARTS_AT_ONCE, 'debounceSeconds': 0.2}}]})
        machine.sh(f"mkdir -p /etc/syncagent; cat > /etc/syncagent/config.json <<'E'\n{config}\nE\n"
                   f'umask 077; printf "OSS_ACCESS_KEY_ID={KEY}\\nOSS_ACCESS_KEY_SECRET={SECRET}\\n" > /etc/syncagent/keys')
        begun = time.monotonic()
        machine.sh('/opt/syncagent/syncagent service install --system --environment-file /etc/syncagent/keys')
        say(f'installed and mounted in {time.monotonic() - begun:.1f} s')
        half_sent_then(machine, store, options.work, options.conformance, 'rebooted', 1, machine.reboot)
        half_sent_then(machine, store, options.work, options.conformance, 'cut', 2, machine.cut)
        print('ok')
    finally:
        if machine:
            machine.end()
        store.stop()


BEGUN = time.monotonic()
main()
