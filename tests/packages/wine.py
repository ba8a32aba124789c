"""A Windows machine by Wine in a prefix of its own, with a display that nobody sees."""
import os
import subprocess
import socket

from store import KEY, SECRET, until

ENVIRONMENT = r'HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
WINFSP = r'HKLM\SOFTWARE\WOW6432Node\WinFsp'


def windows_path(path):
    """A path of Linux as a program of Windows writes it."""
    return 'Z:' + path.replace('/', '\\')


class Answer:
    def __init__(self, code, output):
        self.code, self.output = code, output


class Windows:
    def __init__(self, work):
        self.work = work
        self.port_file = f'{work}/port'
        self.processes = []
        self.outputs = 0
        # .NET under Wine 8 loses its dynamic methods at the first collection without the second.
        self.environment = dict(
            os.environ, WINEPREFIX=f'{work}/prefix', WINEDEBUG='-all', DOTNET_EnableWriteXorExecute='0', WINFSP_STANDIN_PORT_FILE=windows_path(self.port_file),
            OSS_ACCESS_KEY_ID=KEY, OSS_ACCESS_KEY_SECRET=SECRET)
        for name in ('XDG_STATE_HOME', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME'):
            self.environment.pop(name, None)
        display = self._start('Xvfb', '-displayfd', '1', '-screen', '0', '800x600x24', '-nolisten', 'tcp', '-noreset', stdout=subprocess.PIPE)
        self.environment['DISPLAY'] = ':' + display.stdout.readline().decode().strip()
        self.wine('wineboot', '-i')
        # Services get their environment from the registry.
        for name in ('DOTNET_EnableWriteXorExecute', 'WINFSP_STANDIN_PORT_FILE'):
            self.wine('reg', 'add', ENVIRONMENT, '/v', name, '/d', self.environment[name], '/f')
        subprocess.run(['wineserver', '-w'], env=self.environment, check=True, timeout=120)
        # Services end with the last program: one that waits for its input stays.
        self._start('wine', 'cmd', stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.wine('reg', 'add', r'HKCU\Software\Wine', '/v', 'Version', '/d', 'win10', '/f')

    def _start(self, *line, **streams):
        process = subprocess.Popen(line, env=self.environment, stderr=subprocess.DEVNULL, **streams)
        self.processes.append(process)
        return process

    def path(self, path):
        """A path of drive C: from the Linux side."""
        return f'{self.work}/prefix/drive_c/{path[3:]}'.replace('\\', '/')

    def run(self, *line, timeout=180):
        """Runs a program to its end; what it starts in the background would keep a pipe, so its output goes to a file."""
        self.outputs += 1
        name = f'{self.work}/output-{self.outputs}'
        with open(name, 'wb') as output:
            code = subprocess.run(['wine', *line], env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=timeout).returncode
        with open(name, encoding='utf-8', errors='replace') as output:
            return Answer(code, output.read().replace('\r\n', '\n'))

    def wine(self, *line, timeout=180):
        """The same; it must succeed. Gives what it said."""
        answer = self.run(*line, timeout=timeout)
        assert answer.code == 0, (line, answer.code, answer.output)
        return answer.output

    def start(self, *line):
        """A program that stays."""
        return self._start('wine', *line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def query(self, key, value):
        """A value of the registry, or None."""
        answer = self.run('reg', 'query', key, '/v', value)
        return answer.output.split('REG_', 1)[1].split(None, 1)[1].strip() if answer.code == 0 and 'REG_' in answer.output else None

    def processes_of(self, name):
        """Numbers that Linux gives the processes of a program."""
        found = []
        for entry in os.listdir('/proc'):
            try:
                with open(f'/proc/{entry}/cmdline', 'rb') as line, open(f'/proc/{entry}/environ', 'rb') as variables:
                    if any(word.endswith(name.encode()) for word in line.read().split(b'\0')[:2]) and f'WINEPREFIX={self.work}/prefix\0'.encode() in variables.read():
                        found.append(int(entry))
            except (OSError, ValueError):
                pass  # not a process, or one that has just ended
        return found

    def drive(self):
        """A connection to the drive that was mounted last, as soon as it serves."""
        until('the port of the stand-in', lambda: os.path.exists(self.port_file))
        with open(self.port_file) as file:
            return Drive(int(file.read()))

    def forget_drive(self):
        if os.path.exists(self.port_file):
            os.remove(self.port_file)

    def end(self):
        subprocess.run(['wineserver', '-k', '-w'], env=self.environment, timeout=60)
        for process in reversed(self.processes):
            process.kill()
            process.wait(20)


class Drive:
    """The stand-in for WinFsp in an agent (tests/wine/winfsp-standin): a native thread there that uses the drive as it is told."""

    def __init__(self, port):
        self.connection = socket.create_connection(('127.0.0.1', port), timeout=120)
        self.stream = self.connection.makefile('rb')

    def send(self, *words):
        self.connection.sendall(('\t'.join(words) + '\n').encode())
        status, length = self.stream.readline().decode().split('\t')
        text = self.stream.read(int(length)).decode()
        assert int(status, 16) == 0, (words, status, text)
        return text

    def copy_in(self, local, path):
        self.send('copyin', windows_path(local), path, '1048576')

    def copy_out(self, path, local):
        self.send('copyout', path, windows_path(local), '65536')

    def close(self):
        self.stream.close()
        self.connection.close()


