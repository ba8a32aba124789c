using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Agent.Hosting.DBus;
using SyncAgent.Agent.Hosting.Network;
using SyncAgent.Agent.Hosting.Power;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>Shutdown inhibitor, sleep and network, over the reference bus with somebody else's D-Bus on the other side.</summary>
public class PowerTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("delay")]
    [InlineData("block")]
    public async Task The_inhibitor_is_held_while_something_is_pending_and_no_longer(string mode)
    {
        await using var logind = await FakeLogind.StartAsync();
        var inhibition = AgentKeys.InhibitShutdown.Read(mode)!.Value;
        var power = new PowerWatch(logind.Address, inhibition, () => { }, TimeProvider.System, NullLogger.Instance);
        power.Start();
        power.SetPending(true);
        Assert.Equal($"inhibit shutdown|SyncAgent|Files are on their way to the bucket|{mode}", await logind.HearAsync());
        power.SetPending(false);
        Assert.Equal("released", await logind.HearAsync());
        power.SetPending(true);
        Assert.StartsWith("inhibit ", await logind.HearAsync(), StringComparison.Ordinal);
        await power.DisposeAsync();
        Assert.Equal("released", await logind.HearAsync());
    }

    [Fact]
    public async Task Waking_up_is_told_at_once_and_falling_asleep_is_not()
    {
        await using var logind = await FakeLogind.StartAsync();
        using var woken = new SemaphoreSlim(0);
        await using var power = new PowerWatch(logind.Address, ShutdownInhibition.Delay, () => woken.Release(), TimeProvider.System, NullLogger.Instance);
        power.Start();
        power.SetPending(true);
        await logind.HearAsync(); // it listens before it asks for the inhibitor

        await logind.SignalAsync("PrepareForSleep", begins: true);
        await logind.SignalAsync("SeatNew", begins: true);
        await logind.SignalAsync("PrepareForShutdown", begins: true);
        Assert.Equal(0, woken.CurrentCount);
        await logind.SignalAsync("PrepareForSleep", begins: false);
        Assert.True(await woken.WaitAsync(Bound, TestContext.Current.CancellationToken));
        Assert.Equal(0, woken.CurrentCount);
    }

    [Fact]
    public async Task An_agent_holds_shutdowns_up_until_it_is_drained_and_wakes_its_drives_after_sleep()
    {
        await using var logind = await FakeLogind.StartAsync();
        await using var agent = await TestAgent.StartAsync();
        await using var machine = new MachineLink(
            agent.Host, new AgentSettings(), name => name == PowerWatch.AddressVariable ? logind.Address : null, NullLogger.Instance);
        var file = agent.Drive.MakeFile("a", [1, 2]);
        machine.Ready();
        Assert.StartsWith("inhibit shutdown|SyncAgent|", await logind.HearAsync(), StringComparison.Ordinal);

        await logind.SignalAsync("PrepareForSleep", begins: false);
        using var patience = new CancellationTokenSource(Bound);
        while (agent.Live.Wakes == 0) await Task.Delay(5, patience.Token);

        agent.Confirm(file);
        Assert.Equal("released", await logind.HearAsync());
    }

    [Fact]
    public async Task A_bus_that_comes_later_or_goes_in_between_is_found_again()
    {
        await using var logind = await FakeLogind.StartAsync();
        await logind.EndBusAsync();
        var time = new ManualTimeProvider();
        await using var power = new PowerWatch(logind.Address, ShutdownInhibition.Delay, () => { }, time, NullLogger.Instance);
        power.SetPending(true);
        power.Start();
        await RestAsync(time);
        await logind.StartBusAsync();
        await logind.StartLogindAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.StartsWith("inhibit ", await logind.HearAsync(), StringComparison.Ordinal);
        power.SetPending(false);
        Assert.Equal("released", await logind.HearAsync());

        await logind.EndBusAsync();
        await RestAsync(time);
        await logind.StartBusAsync();
        await logind.StartLogindAsync();
        time.Advance(TimeSpan.FromSeconds(30));
        power.SetPending(true);
        Assert.StartsWith("inhibit ", await logind.HearAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_bus_nothing_happens()
    {
        var time = new ManualTimeProvider();
        await using var power = new PowerWatch("unix:path=/no/such/bus;tcp:host=localhost", ShutdownInhibition.Block, () => { }, time, NullLogger.Instance);
        power.Start();
        power.SetPending(true);
        await RestAsync(time);
    }

    [Fact]
    public async Task What_the_other_side_refuses_is_an_error_with_its_name()
    {
        await using var logind = await FakeLogind.StartAsync();
        await using var bus = await DBusConnection.ConnectAsync(logind.Address, TimeProvider.System, _ => { }, CancellationToken.None);
        var refused = await Assert.ThrowsAsync<DBusException>(() => bus.CallAsync(
            "org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "NoSuchMethod", "", null, CancellationToken.None));
        Assert.Contains("UnknownMethod", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DBusException>(() => bus.CallAsync("no.such.name", "/", "a.b", "C", "", null, CancellationToken.None));
    }

    [Fact]
    public void A_message_that_is_cut_or_lies_about_its_length_is_refused()
    {
        var call = DBusMessage.Call(7, "a.b", "/c", "d.e", "F", "s", [1, 0, 0, 0, (byte)'x', 0]);
        Assert.Equal(call.Length, DBusMessage.FixedHeader + DBusMessage.LengthAfter(call));
        var parsed = DBusMessage.Parse(call, []);
        Assert.Equal(("F", "d.e", "x"), (parsed.Member, parsed.Interface, parsed.Read().ReadString()));

        foreach (var (at, value) in ((int, byte)[])[(0, (byte)'x'), (3, 2), (6, 255), (14, 255)])
        {
            var broken = (byte[])call.Clone();
            broken[at] = value;
            Assert.Throws<DBusException>(() => DBusMessage.LengthAfter(broken));
        }

        Assert.Throws<DBusException>(() => Read([255, 255, 255, 255, 0], reader => reader.ReadString()));
        Assert.Throws<DBusException>(() => Read([9, 0, 0, 0, (byte)'x', 0], reader => reader.ReadString()));
        Assert.Throws<DBusException>(() => Read([1, 0], reader => reader.ReadUInt32().ToString()));
    }

    [Fact]
    public void Many_changes_of_the_network_are_one()
    {
        var time = new ManualTimeProvider();
        var told = 0;
        using var network = new NetworkWatch(() => told++, time);
        for (var i = 0; i < 5; i++)
        {
            network.Notice();
            time.Advance(TimeSpan.FromMilliseconds(300));
        }

        Assert.Equal(0, told);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, told);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(1, told);
        network.Notice();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, told);
    }

    private delegate string ReadOne(DBusReader reader);

    private static string Read(byte[] bytes, ReadOne read) => read(new DBusReader(bytes, littleEndian: true));

    private static async Task RestAsync(ManualTimeProvider time)
    {
        using var patience = new CancellationTokenSource(Bound);
        while (!time.IsArmed(TimeSpan.FromSeconds(30))) await Task.Delay(5, patience.Token);
    }
}
