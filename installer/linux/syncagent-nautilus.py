"""Emblems in GNOME's Files (Nautilus) for files of a SyncAgent drive, from the attribute user.syncagent.state (docs/semantics.md).

Needs python3-nautilus. For yourself: copy this file to ~/.local/share/nautilus-python/extensions, then "nautilus -q";
for all users: to /usr/share/nautilus-python/extensions.
"""
import os

from gi.repository import GLib, GObject, Nautilus

EMBLEMS = {
    "synced": "emblem-default",
    "open": "emblem-synchronizing", "closing": "emblem-synchronizing", "queued": "emblem-synchronizing", "uploading": "emblem-synchronizing",
    "paused": "emblem-synchronizing",
    "interrupted": "emblem-important", "incomplete": "emblem-important", "conflict": "emblem-important", "failed": "emblem-important",
}
SETTLED = ("synced", "remote", "ignored")
LOOK_AGAIN_MILLISECONDS = 3000


class SyncAgentEmblems(GObject.GObject, Nautilus.InfoProvider):
    def update_file_info(self, file):
        location = file.get_location()
        path = location.get_path() if location else None
        if not path:
            return
        try:
            state = os.getxattr(path, "user.syncagent.state", follow_symlinks=False).decode()
        except OSError:
            return  # in no drive of ours, or gone
        if state in EMBLEMS:
            file.add_emblem(EMBLEMS[state])
        if state not in SETTLED:
            GLib.timeout_add(LOOK_AGAIN_MILLISECONDS, self.forget, file)

    @staticmethod
    def forget(file):
        file.invalidate_extension_info()  # asks for it again, if it is still shown
        return False
