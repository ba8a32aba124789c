namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>A program on a terminal of its own, as a person has it: what it shows is waited for, what the person types is sent.</summary>
internal static class Terminal
{
    /// <summary>Python: <c>Terminal(arguments)</c> with <c>expect(text)</c> and <c>send(keys)</c>, and <c>end()</c> for the exit code.</summary>
    public const string Python = """
        import os, pty, re, select, signal, struct, sys, termios, fcntl, time
        class Terminal:
            def __init__(self, *arguments, **environment):
                self.seen, self.at = '', 0
                self.pid, self.fd = pty.fork()
                if self.pid == 0:
                    os.environ.update(TERM='xterm-256color', COLUMNS='120', LINES='40', **environment)
                    os.execvp(arguments[0], arguments)
                fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 120, 0, 0))
            def read(self, seconds):
                if not select.select([self.fd], [], [], seconds)[0]: return False
                try: data = os.read(self.fd, 65536)
                except OSError: return None
                # A program that asks where the cursor is gets an answer, as from any terminal.
                if b'\x1b[6n' in data: os.write(self.fd, b'\x1b[1;1R')
                self.seen += re.sub(r'\x1b\[[0-9;?]*[a-zA-Z]|\x1b[>=]|\x1b\][^\x07]*\x07', '', data.decode(errors='replace'))
                return bool(data)
            def expect(self, text, seconds=30):
                end = time.monotonic() + seconds
                while text not in self.seen[self.at:]:
                    if time.monotonic() > end or self.read(0.2) is None and text not in self.seen[self.at:]:
                        sys.exit(f'no "{text}" in: {self.seen[self.at:]!r}')
                self.at = self.seen.index(text, self.at) + len(text)
            def send(self, keys): os.write(self.fd, keys.encode())
            def end(self):
                while self.read(30): pass
                return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

        """;
}
