"""Stands for systemd-logind on a private bus, in an implementation of D-Bus that is not ours (dbus-next). Says on standard output what
it is asked; takes lines "NAME true" and "NAME false" and sends them as signals."""
import asyncio
import os
import sys

from dbus_next.aio import MessageBus
from dbus_next.service import ServiceInterface, method, signal


class Manager(ServiceInterface):
    def __init__(self):
        super().__init__('org.freedesktop.login1.Manager')

    @method()
    def Inhibit(self, what: 's', who: 's', why: 's', mode: 's') -> 'h':
        ours, theirs = os.pipe()
        print(f'inhibit {what}|{who}|{why}|{mode}', flush=True)
        loop = asyncio.get_running_loop()

        def gone():
            loop.remove_reader(ours)
            os.close(ours)
            print('released', flush=True)

        # dbus-next closes what it has sent only with the message's memory: the copy of the client must be the last one.
        copy = os.dup(theirs)
        os.close(theirs)
        loop.call_later(0.2, os.close, copy)
        loop.call_later(0.3, loop.add_reader, ours, gone)
        return copy

    @signal()
    def PrepareForSleep(self, begins) -> 'b':
        return begins

    @signal()
    def PrepareForShutdown(self, begins) -> 'b':
        return begins

    @signal()
    def SeatNew(self, seat) -> 's':
        return seat


async def main():
    bus = await MessageBus(bus_address=sys.argv[1], negotiate_unix_fd=True).connect()
    manager = Manager()
    bus.export('/org/freedesktop/login1', manager)
    await bus.request_name('org.freedesktop.login1')
    print('ready', flush=True)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().split():
        getattr(manager, line[0])('seat1' if line[0] == 'SeatNew' else line[1] == 'true')


asyncio.run(main())
