"""A Debian with systemd in a container (systemd-nspawn)."""
import os
import signal
import subprocess
import time

from store import until


class Container:
    """A Debian with systemd as PID 1. It shares the network of this machine: the store is at 127.0.0.1."""

    def __init__(self, tree, agent, log):
        """agent: a folder to be seen as /opt/syncagent, or None."""
        self.tree, self.agent, self.log = tree, agent, log
        self.nspawn = self.pid = None

    def boot(self):
        begun = time.monotonic()
        command = ['systemd-nspawn', '-q', '-D', self.tree, '--boot', '--register=no', '--keep-unit', *([f'--bind-ro={self.agent}:/opt/syncagent'] if self.agent else [])]
        self.nspawn = subprocess.Popen(
            ['script', '-qfc', ' '.join(command), self.log], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True)
        self.pid = until('PID 1 of the container', self._find_init)
        until('systemd in the container', lambda: self.sh('systemctl is-system-running', check=False).stdout.strip() in ('running', 'degraded'))
        return time.monotonic() - begun

    def _find_init(self):
        try:
            nspawn = self._children(self.nspawn.pid)
            while nspawn and self._name(nspawn[0]) != 'systemd-nspawn':
                nspawn = self._children(nspawn[0])
            # nspawn forks once: the child with a PID name space of its own is init.
            for child in self._children(nspawn[0]) if nspawn else []:
                if self._name(child) == 'systemd':
                    return child
        except OSError:
            pass  # a process that has ended meanwhile
        return None

    @staticmethod
    def _children(pid):
        with open(f'/proc/{pid}/task/{pid}/children') as file:
            return [int(word) for word in file.read().split()]

    @staticmethod
    def _name(pid):
        with open(f'/proc/{pid}/comm') as file:
            return file.read().strip()

    def sh(self, script, check=True, user=None, timeout=180):
        inner = ['sh', '-euc', script]
        if user:
            uid = self.uid(user)
            inner = ['setpriv', f'--reuid={uid}', f'--regid={uid}', '--init-groups', 'env', f'HOME=/home/{user}', f'USER={user}', f'XDG_RUNTIME_DIR=/run/user/{uid}', *inner]
        done = subprocess.run(
            ['nsenter', '-t', str(self.pid), '-a', 'env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL=C.UTF-8', *inner],
            capture_output=True, text=True, timeout=timeout)
        assert not check or done.returncode == 0, f'{script}: {done.returncode}\n{done.stdout}\n{done.stderr}\n{self.journal()}'
        return done

    def uid(self, user):
        with open(f'{self.tree}/etc/passwd') as file:
            return next(line.split(':')[2] for line in file if line.startswith(user + ':'))

    def journal(self):
        return subprocess.run(['nsenter', '-t', str(self.pid), '-a', 'journalctl', '--no-pager', '-n', '60', '-b'], capture_output=True, text=True).stdout

    def reboot(self):
        """As a user does it; nspawn ends with 133, and then somebody starts the container again."""
        begun = time.monotonic()
        self.sh('systemctl reboot', check=False)
        self.nspawn.wait(180)
        return time.monotonic() - begun

    def cut(self):
        """No process in it gets another instruction."""
        os.kill(self.pid, signal.SIGKILL)
        self.nspawn.wait(60)

    def end(self):
        if self.nspawn and self.nspawn.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.nspawn.wait(60)


def put_file(container, path, text, mode=0o644):
    target = container.tree + path
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, 'w') as file:
        file.write(text)
    os.chmod(target, mode)


def with_fuse(container):
    """Before its first boot: /dev/fuse is made at each."""
    put_file(container, '/etc/systemd/system/fuse-device.service', '[Unit]\nDefaultDependencies=no\nBefore=sysinit.target\n[Service]\nType=oneshot\n'
             'ExecStart=/bin/sh -c "[ -e /dev/fuse ] || mknod -m 666 /dev/fuse c 10 229"\n[Install]\nWantedBy=sysinit.target\n')
    wants = f'{container.tree}/etc/systemd/system/sysinit.target.wants'
    os.makedirs(wants, exist_ok=True)
    if not os.path.lexists(f'{wants}/fuse-device.service'):
        os.symlink('/etc/systemd/system/fuse-device.service', f'{wants}/fuse-device.service')
