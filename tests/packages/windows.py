"""See windows.sh. Each step prints one line with what was seen."""
import argparse
import glob
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'reboot'))
from store import BUCKET, Store, until, verify  # noqa: E402
from wine import ENVIRONMENT, WINFSP, Windows, windows_path  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = 'C:\\Program Files\\SyncAgent'
AGENT = FOLDER + '\\syncagent.exe'
RUN = r'Software\Microsoft\Windows\CurrentVersion\Run'
MACHINE_CONFIG = 'C:\\ProgramData\\SyncAgent\\config.json'
MACHINE_STATE = 'C:\\ProgramData\\SyncAgent\\state'
FAILED = 1603 & 0xFF  # what Linux sees of msiexec's code
PART = 1 << 20
PARTS = 24
BEGUN = time.monotonic()


def say(text):
    print(f'{time.monotonic() - BEGUN:6.1f} s  {text}', flush=True)


class Machine(Windows):
    """With the packages."""

    def __init__(self, work, packages, conformance):
        super().__init__(work)
        self.packages, self.conformance = packages, conformance
        msis = sorted(glob.glob(f'{packages}/SyncAgent-*-x64.msi'))
        self.new = next(name for name in msis if 'SyncAgent-99.' in name)
        self.old = next(name for name in msis if name != self.new)
        self.logs = 0
        self.config = self.wine('cmd', '/c', 'echo', '%APPDATA%').strip() + '\\SyncAgent\\config.json'

    def msiexec(self, *line, expect=0):
        """Gives the log."""
        self.logs += 1
        log = f'{self.work}/msi-{self.logs}.log'
        answer = self.run('msiexec', *line, '/qn', '/l*v', windows_path(log), timeout=300)
        with open(log, encoding='utf-8', errors='replace') as file:
            text = file.read()
        assert answer.code == expect, (line, answer.code, text[-4000:])
        return text

    def agent(self, *line, expect=0):
        answer = self.run(AGENT, *line)
        assert answer.code == expect, (line, answer.code, answer.output)
        return answer.output

    def installed(self):
        return os.path.exists(self.path(AGENT))

    def arrived(self, store, prefix, folder, state):
        self.agent('wait', '--state', state, '--timeout', '120')
        verify(self.conformance, store.endpoint, prefix, folder)


def payload(folder, seed, large):
    os.makedirs(folder)
    chance = random.Random(seed)
    for name, size in (('small', 12345), ('large.bin', large)):
        with open(f'{folder}/{name}', 'wb') as file:
            file.write(chance.randbytes(size))


def add_drive(machine, config, state, drive, endpoint, prefix):
    """A drive with small parts, so that an upload has many."""
    machine.agent('init', drive, '--store', 'oss', '--endpoint', endpoint, '--region', 'cn-hangzhou', '--bucket', BUCKET, '--prefix', prefix, '--config', config,
                  *(['--state', state] if state else []), '--no-mount')
    with open(machine.path(config)) as file:
        settings = json.load(file)
    settings['drives'][-1]['transfer'] = {'partSize': '1MiB', 'multipartThreshold': '4MiB', 'debounceSeconds': 0.2}
    with open(machine.path(config), 'w') as file:
        json.dump(settings, file)


def build_stand_in(work):
    sources = glob.glob(f'{HERE}/../wine/winfsp-standin/*.c')
    subprocess.run(['x86_64-w64-mingw32-gcc', '-std=gnu11', '-O2', '-shared', '-static-libgcc', '-o', f'{work}/winfsp-x64.dll', *sources, '-lws2_32', '-ladvapi32'], check=True)
    subprocess.run(['wixl', '-a', 'x64', '-o', f'{work}/winfsp-2.2-stand-in.msi', f'{HERE}/winfsp.wxs'], cwd=work, check=True, capture_output=True)


def without_winfsp(machine, store):
    log = machine.msiexec('/i', windows_path(machine.old), expect=FAILED)
    assert not machine.installed() and 'Action ended' in log and machine.query(r'HKLM\SOFTWARE\SyncAgent', 'InstallDir') is None, log
    conditions = subprocess.run(['msiinfo', 'export', machine.old, 'LaunchCondition'], check=True, capture_output=True, text=True).stdout
    assert 'https://github.com/winfsp/winfsp/releases' in conditions and 'WITHOUTWINFSP=1' in conditions, conditions
    machine.msiexec('/i', windows_path(machine.old), 'WITHOUTWINFSP=1')
    target = ('--store', 'oss', '--endpoint', store.endpoint, '--region', 'cn-hangzhou', '--bucket', BUCKET)
    local = f'{machine.work}/put/one'
    os.makedirs(os.path.dirname(local))
    with open(local, 'w') as file:
        file.write('one')
    machine.agent('put', windows_path(local), 'one', '--prefix', 'put/', *target)
    verify(machine.conformance, store.endpoint, 'put/', os.path.dirname(local))
    said = machine.agent('mount', 'S:', *target, '--state', 'C:\\none', expect=1)
    assert 'https://github.com/winfsp/winfsp' in said, said
    machine.msiexec('/x', windows_path(machine.old))
    assert not machine.installed()
    say('without WinFsp: the MSI ends with 1603 before it writes anything; with WITHOUTWINFSP=1 it installs, put sends a file, mount says where to get WinFsp')


def setup(machine):
    """setup.exe in a folder of its own, with and without a WinFsp beside it."""
    folder = f'{machine.work}/download'
    os.makedirs(folder)
    name = os.path.basename(machine.old).replace('.msi', '-setup.exe')
    shutil.copy(f'{machine.packages}/{name}', folder)
    log = f'{machine.work}/setup.log'

    def run(expect):
        answer = machine.run(windows_path(f'{folder}/{name}'), '/S', f'/LOG={windows_path(log)}', timeout=300)
        with open(log, encoding='utf-8', errors='replace') as file:
            text = file.read()
        os.remove(log)
        assert answer.code == expect, (answer.code, text)
        return text

    assert 'https://github.com/winfsp/winfsp/releases' in run(10) and not machine.installed()
    with open(f'{folder}/winfsp-0.msi', 'w') as file:
        file.write('cut off')
    assert 'WinFsp could not be installed' in run(11) and not machine.installed()
    os.remove(f'{folder}/winfsp-0.msi')
    shutil.copy(f'{machine.work}/winfsp-2.2-stand-in.msi', folder)
    said = run(0)
    assert 'installing WinFsp from' in said and machine.installed() and machine.query(WINFSP, 'InstallDir'), said
    machine.msiexec('/x', windows_path(machine.old))
    assert 'installing WinFsp from' not in run(0) and machine.installed()
    machine.msiexec('/x', windows_path(machine.old))
    say('setup.exe /S: 10 without WinFsp, 11 with a broken one beside it, 0 with a whole one, which it installs first; not a second time')


def install(machine, version):
    # Wine's removal leaves the separator in PATH, and its cmd looks no further than an empty name.
    path = machine.query(ENVIRONMENT, 'PATH')
    machine.wine('reg', 'add', ENVIRONMENT, '/v', 'PATH', '/t', 'REG_EXPAND_SZ', '/d', path.rstrip(';'), '/f')
    machine.msiexec('/i', windows_path(machine.old))
    for name in ('syncagent.exe', 'syncagent-tray.exe', 'e_sqlite3.dll', 'LICENSE.txt', 'README.txt', 'CHANGELOG.txt', 'THIRD-PARTY-NOTICES.txt', 'icons\\syncagent-idle.ico'):
        assert os.path.getsize(machine.path(f'{FOLDER}\\{name}')) > 0, name
    assert machine.agent('--version').startswith(version)
    said = machine.wine('cmd', '/c', 'syncagent', '--version')
    assert said.startswith(version), said
    assert machine.query(ENVIRONMENT, 'PATH').endswith(f';{FOLDER}\\') and machine.query(ENVIRONMENT, 'PATH').count('SyncAgent') == 1
    assert machine.query(f'HKLM\\{RUN}', 'SyncAgent.Tray') == f'"{FOLDER}\\syncagent-tray.exe" --session'
    links = [name for _, _, names in os.walk(f'{machine.work}/prefix/drive_c') for name in names if name.endswith('.lnk')]
    assert {'SyncAgent.lnk', 'SyncAgent status page.lnk'} <= set(links), links
    say('installed: programs, notices, PATH, Start menu, start of the tray; syncagent --version by its path and by PATH')


def manifest(machine, version):
    """The winget manifest tells the truth about the MSI, and SHA256SUMS about all."""
    import yaml
    read = {}
    for kind in ('', '.installer', '.locale.en-US'):
        with open(f'{machine.packages}/winget-{version}/SyncAgent.SyncAgent{kind}.yaml') as file:
            read[kind] = yaml.safe_load(file)
    kinds = [read[kind]['ManifestType'] for kind in read]
    assert kinds == ['version', 'installer', 'defaultLocale'] and all(part['PackageIdentifier'] == 'SyncAgent.SyncAgent' and str(part['PackageVersion']) == version for part in read.values())
    installer = read['.installer']['Installers'][0]
    with open(machine.old, 'rb') as file:
        assert installer['InstallerSha256'] == hashlib.file_digest(file, 'sha256').hexdigest().upper()
    uninstall = r'HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall' + '\\' + installer['ProductCode']
    assert machine.query(uninstall, 'DisplayName') == 'SyncAgent' and machine.query(uninstall, 'DisplayVersion') == installer['AppsAndFeaturesEntries'][0]['DisplayVersion']
    subprocess.run(['sha256sum', '--quiet', '--check', '--ignore-missing', 'SHA256SUMS'], cwd=machine.packages, check=True)
    say('the winget manifest has the hash of the MSI and the product code under which it was installed; SHA256SUMS is right')


def mount(machine, *line):
    """A command that mounts; gives the drive that was mounted last, which has listed its bucket: before the store is made slow."""
    machine.forget_drive()
    machine.agent(*line)
    drive = machine.drive()
    drive.send('list', '\\', '4096')
    return drive


def copy_in(machine, drive, name, seed, parts):
    """Makes a folder with files, here for the comparison and in a drive."""
    local = f'{machine.work}/{name}'
    payload(local, seed, parts * PART)
    for file in os.listdir(local):
        drive.copy_in(f'{local}/{file}', f'\\{file}')
    drive.close()
    return local


def first_run(machine):
    """A first drive with the store of the demo, and the tray."""
    begun = time.monotonic()
    drive = mount(machine, 'init', 'S:', '--demo')
    say(f"a first drive with the demo's store: mounted {time.monotonic() - begun:.1f} s after the command")
    copy_in(machine, drive, 'demo', 1, 3)
    machine.agent('wait', '--timeout', '60')
    machine.start(f'{FOLDER}\\syncagent-tray.exe', '--session')
    until('the tray', lambda: machine.processes_of('syncagent-tray.exe'))


def sent(store, name):
    return store.bytes_of_parts(f'{name}/large.bin')


def upgrade(machine, store):
    """A user's drives and tray, and the service, with uploads under way."""
    add_drive(machine, machine.config, None, 'U:', store.endpoint, 'user/')
    users = mount(machine, 'mount', '--config', machine.config)
    add_drive(machine, MACHINE_CONFIG, MACHINE_STATE, 'T:', store.endpoint, 'service/')
    services = mount(machine, 'service', 'install', '--system')
    store.limit(400 << 10)
    user, service = copy_in(machine, users, 'user', 2, PARTS), copy_in(machine, services, 'service', 3, PARTS)
    until('uploads under way', lambda: min(sent(store, name) for name in ('user', 'service')) >= PART)

    agents = machine.processes_of('syncagent.exe')
    begun = time.monotonic()
    log = machine.msiexec('/i', windows_path(machine.new))
    took = time.monotonic() - begun
    left = [PARTS - sent(store, name) // PART for name in ('user', 'service')]
    assert min(left) > 0, 'everything was sent before the upgrade was over'
    for line in ('S:\\ is unmounted: ', 'U:\\ is unmounted: ', 'the store of the demo has ended', 'the tray has ended',
                 'the service SyncAgent runs again', 'S:\\ is mounted', 'U:\\ is mounted'):
        assert line in log, (line, log)
    assert machine.agent('--version').startswith('99.0.0') and not set(agents) & set(machine.processes_of('syncagent.exe'))
    report = json.loads(machine.agent('service', 'status', '--system', '--json'))
    assert report['state'] == 'active' and report['enabled'], report
    store.limit(0)
    machine.arrived(store, 'service/', service, MACHINE_STATE)
    machine.agent('wait', '--timeout', '120')
    verify(machine.conformance, store.endpoint, 'user/', user)
    assert all(store.uploads_begun(f'{name}/large.bin') == 1 for name in ('user', 'service'))
    until('the tray', lambda: machine.processes_of('syncagent-tray.exe'))
    assert machine.query(ENVIRONMENT, 'PATH').count('SyncAgent') == 1
    say(f"upgraded in {took:.0f} s with {left[0]} parts of a user's upload and {left[1]} of the service's not sent: drives, service, demo's store and tray run again as the new "
        'version; all bytes in the bucket, by one upload each')
    log = machine.msiexec('/i', windows_path(machine.old), expect=FAILED)
    assert machine.agent('--version').startswith('99.0.0') and 'is unmounted' not in log, log
    say('the version before is refused')


def repair(machine):
    os.remove(machine.path(FOLDER + '\\e_sqlite3.dll'))
    # What "msiexec /fa" means; that of Wine has no such switch.
    log = machine.msiexec('/i', windows_path(machine.new), 'REINSTALL=ALL', 'REINSTALLMODE=amus')
    assert os.path.exists(machine.path(FOLDER + '\\e_sqlite3.dll')) and 'U:\\ is mounted' in log, log
    assert json.loads(machine.agent('service', 'status', '--system', '--json'))['state'] == 'active'
    say('repaired: a deleted file is back, drives and service too')


def tray_of_one_user(machine):
    machine.wine(f'{FOLDER}\\syncagent-tray.exe', '--autostart', 'off')
    # Another one would end because the first still runs.
    for process in machine.processes_of('syncagent-tray.exe'):
        os.kill(process, signal.SIGKILL)
    until('the end of the tray', lambda: not machine.processes_of('syncagent-tray.exe'))
    machine.wine(f'{FOLDER}\\syncagent-tray.exe', '--session', timeout=30)
    machine.wine(f'{FOLDER}\\syncagent-tray.exe', '--autostart', 'on')
    say("the tray's start with all sessions, switched off and on for one user")


def uninstall(machine, store):
    """With something pending; installed again, it goes on."""
    machine.agent('unmount', 'U:')
    users = mount(machine, 'mount', '--config', machine.config)
    machine.wine('net', 'stop', 'SyncAgent')
    services = mount(machine, 'service', 'install', '--system')
    before = {name: sent(store, name) for name in ('user', 'service')}
    store.limit(400 << 10)
    user, service = copy_in(machine, users, 'kept', 4, PARTS), copy_in(machine, services, 'kept-by-service', 5, PARTS)
    # Whose beginning the agent has not heard of yet is never aborted by guess, and would stay open.
    until('uploads under way', lambda: all(sent(store, name) > before[name] for name in before))
    log = machine.msiexec('/x', windows_path(machine.new))
    for line in (r'your state stays in C:\users', 'not in the bucket demo yet: ', 'Install SyncAgent again', f'its state stays in {MACHINE_STATE}', 'the service SyncAgent is removed'):
        assert line in log, (line, log)
    assert not os.path.exists(machine.path(FOLDER)) and not machine.processes_of('syncagent.exe') and not machine.processes_of('syncagent-tray.exe')
    for key, value in ((f'HKCU\\{RUN}', 'SyncAgent.Tray'), (f'HKLM\\{RUN}', 'SyncAgent.Tray'), (r'HKLM\SYSTEM\CurrentControlSet\Services\SyncAgent', 'ImagePath'), (r'HKLM\SOFTWARE\SyncAgent', 'InstallDir')):
        assert machine.query(key, value) is None, (key, value)
    assert 'SyncAgent' not in machine.query(ENVIRONMENT, 'PATH')
    assert os.path.exists(machine.path(MACHINE_STATE + '\\journal.db')) and os.path.exists(machine.path(MACHINE_CONFIG)) and os.path.exists(machine.path(machine.config))
    say('uninstalled with files pending: programs, service, PATH and what starts by itself are gone, state and configuration stay, and the log names what is in no bucket')

    store.limit(0)
    machine.msiexec('/i', windows_path(machine.new))
    machine.agent('init', 'S:', '--demo')
    machine.agent('mount', '--config', machine.config)
    machine.agent('service', 'install', '--system')
    machine.agent('wait', '--timeout', '120')
    machine.agent('wait', '--state', MACHINE_STATE, '--timeout', '120')
    for name, prefix in (('user', 'user/'), ('service', 'service/')):
        more = user if name == 'user' else service
        for file in os.listdir(more):
            shutil.copy(f'{more}/{file}', f'{machine.work}/{name}/{file}')
        verify(machine.conformance, store.endpoint, prefix, f'{machine.work}/{name}')
    say('installed again: what was pending is sent, all bytes in the bucket')
    log = machine.msiexec('/x', windows_path(machine.new))
    assert 'not in the bucket' not in log and not machine.installed(), log
    say('uninstalled with nothing pending: it names nothing')


def main():
    parser = argparse.ArgumentParser()
    for name in ('work', 'packages', 'agent', 'conformance'):
        parser.add_argument(f'--{name}', required=True)
    options = parser.parse_args()
    os.makedirs(f'{options.work}/store')
    build_stand_in(options.work)
    store = Store(options.agent, f'{options.work}/store')
    machine = Machine(options.work, options.packages, options.conformance)
    version = os.path.basename(machine.old).split('-')[1]
    try:
        without_winfsp(machine, store)
        setup(machine)
        install(machine, version)
        manifest(machine, version)
        first_run(machine)
        upgrade(machine, store)
        repair(machine)
        tray_of_one_user(machine)
        uninstall(machine, store)
        print('ok')
    finally:
        machine.end()
        store.stop()


main()
