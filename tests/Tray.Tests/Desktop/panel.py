"""Looks at tray icons as a panel does, over the session bus. With --host it is the panel itself: StatusNotifierWatcher and the
notification service; without, it asks the one that runs. Reads commands from standard input, one a line, and answers each with a line
of JSON:
  item            the one icon: its properties, and its menu as a tree; null while there is none
  click TEXT      chooses the item of the menu with exactly this label; answers whether there was one
  notifications   what was notified so far (--host only)
"""
import asyncio
import json
import sys

from dbus_next import BusType, Message, MessageType, PropertyAccess, Variant
from dbus_next.aio import MessageBus
from dbus_next.service import ServiceInterface, dbus_property, method, signal

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
MENU = "com.canonical.dbusmenu"
items = []
notifications = []


class Watcher(ServiceInterface):
    def __init__(self):
        super().__init__(WATCHER)

    @method()
    def RegisterStatusNotifierItem(self, service: "s"):
        pass  # noted by on_message, which knows the sender

    @method()
    def RegisterStatusNotifierHost(self, service: "s"):
        pass

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> "as":
        return [name + path for name, path in items]

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> "b":
        return True

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> "i":
        return 0

    @signal()
    def StatusNotifierHostRegistered(self) -> None:
        pass


class Notifications(ServiceInterface):
    def __init__(self):
        super().__init__("org.freedesktop.Notifications")

    @method()
    def Notify(self, app: "s", replaces: "u", icon: "s", title: "s", text: "s", actions: "as", hints: "a{sv}", timeout: "i") -> "u":
        notifications.append({"app": app, "icon": icon, "title": title, "text": text, "urgency": hints["urgency"].value})
        return len(notifications)


async def call(bus, destination, path, interface, member, signature="", body=()):
    reply = await bus.call(Message(destination=destination, path=path, interface=interface, member=member, signature=signature, body=list(body)))
    if reply.message_type == MessageType.ERROR:
        raise LookupError(reply.error_name)
    return reply.body


async def find(bus, host):
    if host:
        return items[-1] if items else None
    body = await call(bus, WATCHER, "/StatusNotifierWatcher", "org.freedesktop.DBus.Properties", "Get", "ss", [WATCHER, "RegisteredStatusNotifierItems"])
    found = [name for name in body[0].value if "syncagent" in name]
    return (found[0][: found[0].index("/")], found[0][found[0].index("/"):]) if found else None


async def read_menu(bus, name, path):
    def tree(node):
        number, properties, children = node
        properties = {key: value.value for key, value in properties.items()}
        return {
            "id": number, "label": properties.get("label", ""), "enabled": properties.get("enabled", True),
            "separator": properties.get("type") == "separator", "children": [tree(child.value) for child in children],
        }

    body = await call(bus, name, path, MENU, "GetLayout", "iias", [0, -1, []])
    return tree(body[1])["children"]


async def read_item(bus, host):
    try:
        item = await find(bus, host)
        if item is None:
            return None
        name, path = item
        body = await call(bus, name, path, "org.freedesktop.DBus.Properties", "GetAll", "s", [ITEM])
        properties = {key: value.value for key, value in body[0].items() if isinstance(value.value, (str, int))}
        return {"properties": properties, "menu": await read_menu(bus, name, properties["Menu"])}
    except LookupError:
        return None  # it is gone, or not complete yet


async def click(bus, host, text):
    item = await read_item(bus, host)
    name = (await find(bus, host))[0] if item else None
    menus = [item["menu"]] if item else []
    for menu in menus:
        for entry in menu:
            menus.append(entry["children"])
            if entry["label"] == text and entry["enabled"]:
                await call(bus, name, item["properties"]["Menu"], MENU, "Event", "isvu", [entry["id"], "clicked", Variant("s", ""), 0])
                return True
    return False


async def main():
    host = "--host" in sys.argv
    bus = await MessageBus(bus_type=BusType.SESSION).connect()
    if host:
        def on_message(message):
            if message.member == "RegisterStatusNotifierItem":
                path = message.body[0]
                items.append((message.sender, path if path.startswith("/") else "/StatusNotifierItem"))
            elif message.member == "NameOwnerChanged" and message.body[2] == "":
                items[:] = [item for item in items if item[0] != message.body[0]]

        bus.add_message_handler(on_message)
        await call(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", "s", ["type='signal',member='NameOwnerChanged'"])
        bus.export("/StatusNotifierWatcher", Watcher())
        bus.export("/org/freedesktop/Notifications", Notifications())
        await bus.request_name(WATCHER)
        await bus.request_name("org.freedesktop.Notifications")
    print("ready", flush=True)

    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().rstrip("\n"):
        command, _, text = line.partition(" ")
        if command == "item":
            answer = await read_item(bus, host)
        elif command == "click":
            answer = await click(bus, host, text)
        else:
            answer = notifications
        print(json.dumps(answer), flush=True)


asyncio.run(main())
