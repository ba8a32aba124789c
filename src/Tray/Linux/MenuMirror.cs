using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SyncAgent.Tray.Model;

namespace SyncAgent.Tray.Linux;

/// <summary>Keeps a GTK menu as the model says. What stays, by its key, changes in place: a menu that is open does not close under the pointer
/// while figures move. Only on GTK's thread.</summary>
internal sealed unsafe class MenuMirror(nint menu, Action<TrayAction> onChosen)
{
    private readonly List<Slot> _slots = [];

    /// <summary>Shows other items.</summary>
    public void Show(IReadOnlyList<MenuItem> items)
    {
        var common = Math.Min(_slots.Count, items.Count);
        var front = 0;
        while (front < common && _slots[front].Fits(items[front])) front++;
        var back = 0;
        while (back < common - front && _slots[^(back + 1)].Fits(items[^(back + 1)])) back++;

        for (var gone = _slots.Count - back - 1; gone >= front; gone--)
        {
            _slots[gone].Remove();
            _slots.RemoveAt(gone);
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (i >= front && i < items.Count - back) _slots.Insert(i, new Slot(menu, i, items[i], onChosen));
            else _slots[i].Change(items[i]);
        }
    }

    private void Remove()
    {
        foreach (var slot in _slots) slot.Remove();
    }

    private sealed class Slot
    {
        private readonly Action<TrayAction> _onChosen;
        private readonly nint _widget;
        private readonly MenuMirror? _children;
        private GCHandle _self;
        private MenuItem _item;

        public Slot(nint menu, int position, MenuItem item, Action<TrayAction> onChosen)
        {
            _item = item;
            _onChosen = onChosen;
            _self = GCHandle.Alloc(this);
            _widget = item.IsSeparator ? Gtk.SeparatorNew() : Gtk.MenuItemNew(item.Label);
            if (item.Children.Count > 0)
            {
                var submenu = Gtk.MenuNew();
                _children = new MenuMirror(submenu, onChosen);
                _children.Show(item.Children);
                Gtk.MenuItemSetSubmenu(_widget, submenu);
            }
            else if (!item.IsSeparator)
            {
                Gtk.Connect(_widget, "activate", &OnActivate, GCHandle.ToIntPtr(_self), 0, 0);
            }

            Gtk.SetSensitive(_widget, item.IsEnabled);
            Gtk.Show(_widget);
            Gtk.MenuInsert(menu, _widget, position);
        }

        public bool Fits(MenuItem item) =>
            item.Key == _item.Key && item.IsSeparator == _item.IsSeparator && item.Children.Count > 0 == _children is not null;

        public void Change(MenuItem item)
        {
            var before = _item;
            _item = item;
            if (item.Label != before.Label) Gtk.MenuItemSetLabel(_widget, item.Label);
            if (item.IsEnabled != before.IsEnabled) Gtk.SetSensitive(_widget, item.IsEnabled);
            _children?.Show(item.Children);
        }

        public void Remove()
        {
            _children?.Remove();
            Gtk.Destroy(_widget);
            _self.Free();
        }

        [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
        private static void OnActivate(nint widget, nint data)
        {
            if (GCHandle.FromIntPtr(data).Target is Slot { _item.Action: { } action } slot) slot._onChosen(action);
        }
    }
}
