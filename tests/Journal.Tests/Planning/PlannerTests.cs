using SyncAgent.Journal.Planning;

namespace SyncAgent.Journal.Tests;

/// <summary>The planner's table: one row per situation.</summary>
public sealed class PlannerTests
{
    private static readonly RemoteState AtA = Remote("a", generation: 5);

    [Fact]
    public void The_root_and_what_agrees_are_done()
    {
        Assert.IsType<Step.Done>(Planner.Next(new PlanInput(File() with { Parent = 0, Content = 9 }, "", "park")));
        Assert.IsType<Step.Done>(Planner.Next(Input(File() with { Content = 5, Remote = AtA })));
        Assert.IsType<Step.Done>(Planner.Next(Input(File() with { Remote = AtA })));
        Assert.IsType<Step.Done>(Planner.Next(Input(File())));
    }

    [Fact]
    public void New_content_is_sent_and_must_find_nothing()
    {
        var step = Assert.IsType<Step.SendContent>(Planner.Next(Input(File() with { Content = 6 })));
        Assert.Equal((6L, "a", Expectation.Absent), (step.Generation, step.Key, step.Expected));
    }

    [Fact]
    public void Newer_content_expects_the_confirmed_object()
    {
        var step = Assert.IsType<Step.SendContent>(Planner.Next(Input(File() with { Content = 6, Remote = AtA })));
        Assert.Equal(AtA, step.Expected.Remote);
    }

    [Fact]
    public void Newer_content_of_a_renamed_file_goes_straight_to_the_new_key()
    {
        var step = Assert.IsType<Step.SendContent>(Planner.Next(Input(File() with { Content = 6, Remote = AtA }, "b")));
        Assert.Equal(("b", Expectation.Absent), (step.Key, step.Expected));
    }

    [Fact]
    public void A_rename_is_a_copy()
    {
        var step = Assert.IsType<Step.Copy>(Planner.Next(Input(File() with { Content = 5, Remote = AtA }, "b")));
        Assert.Equal((AtA, "b"), (step.Source, step.Key));
    }

    [Fact]
    public void A_doomed_object_at_the_key_is_expected_there()
    {
        var doomed = new DoomedKey { Id = 1, Drive = 1, Key = "b", Remote = Remote("b") };
        var step = Assert.IsType<Step.Copy>(Planner.Next(Input(File() with { Remote = AtA }, "b") with { Doomed = doomed }));
        Assert.Equal(doomed.Remote, step.Expected.Remote);
    }

    [Fact]
    public void Only_attributes_differ_only_metadata_is_updated() => Assert.IsType<Step.UpdateMetadata>(
        Planner.Next(Input(File() with { Content = 5, Remote = AtA, AttributeVersion = 3 })));

    [Fact]
    public void A_needed_occupant_is_waited_for_and_another_is_overwritten()
    {
        var occupant = new Occupant(File() with { Id = 99, Remote = Remote("b") }, "c", NeedsObject: true, FirstOfCircle: null);
        var input = Input(File() with { Remote = AtA }, "b");
        Assert.IsType<Step.Wait>(Planner.Next(input with { Occupants = [occupant] }));
        var copy = Assert.IsType<Step.Copy>(Planner.Next(input with { Occupants = [occupant with { NeedsObject = false }] }));
        Assert.Equal(occupant.Node.Remote, copy.Expected.Remote);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(99, false)]
    public void Of_a_circle_the_first_parks_and_the_others_wait(long first, bool parks)
    {
        var occupant = new Occupant(File() with { Id = 99, Remote = Remote("b") }, "a", NeedsObject: true, first);
        var step = Planner.Next(Input(File() with { Remote = AtA }, "b") with { Occupants = [occupant] });
        if (parks) Assert.Equal(new Step.Park(AtA, "park", Expectation.Absent), step);
        else Assert.IsType<Step.Wait>(step);
    }

    [Fact]
    public void A_parked_node_does_not_park_again()
    {
        var occupant = new Occupant(File() with { Id = 99, Remote = Remote("b") }, "a", NeedsObject: true, 10);
        Assert.IsType<Step.Wait>(Planner.Next(Input(File() with { Remote = Remote("park") }, "b") with { Occupants = [occupant] }));
    }

    [Fact]
    public void A_foreign_upload_to_the_key_is_waited_for() => Assert.IsType<Step.Wait>(
        Planner.Next(Input(File() with { Content = 6 }) with { ForeignUploadToKey = true }));

    [Fact]
    public void Directories_get_markers_and_links_their_object()
    {
        Assert.Equal("d/", Assert.IsType<Step.PutMarker>(Planner.Next(Input(File() with { Type = NodeType.Directory }, "d/"))).Key);
        Assert.IsType<Step.PutMarker>(Planner.Next(Input(File() with { Type = NodeType.Directory, Remote = Remote("c/") }, "d/")));
        Assert.IsType<Step.Done>(Planner.Next(Input(File() with { Type = NodeType.Directory, Remote = Remote("d/") with { ETag = null } }, "d/")));
        Assert.Equal("t", Assert.IsType<Step.PutNode>(Planner.Next(Input(File() with { Type = NodeType.Symlink, Target = "t" }))).Target);
        Assert.Equal("", Assert.IsType<Step.PutNode>(Planner.Next(Input(File() with { Type = NodeType.Fifo }))).Target);
        Assert.Equal("", Assert.IsType<Step.PutNode>(Planner.Next(Input(File() with { Type = NodeType.Socket }))).Target);
    }

    [Fact]
    public void Doomed_keys()
    {
        var here = File() with { Id = 1, Remote = AtA };
        var wanting = File() with { Id = 2, Content = 7, Pending = true };
        Assert.Equal(DoomedStep.Delete, Planner.Next([], null));
        Assert.Equal(DoomedStep.Wait, Planner.Next([here], null));
        Assert.Equal(DoomedStep.Drop, Planner.Next([here], here));
        Assert.Equal(DoomedStep.Wait, Planner.Next([], wanting));
        Assert.Equal(DoomedStep.Delete, Planner.Next([], wanting with { Problem = Problem.Failed }));
        Assert.Equal(DoomedStep.Delete, Planner.Next([], wanting with { Content = null }));
    }

    private static PlanInput Input(NodeRow node, string key = "a") => new(node, key, "park");

    private static NodeRow File() => new() { Id = 10, Drive = 1, Parent = 2, Name = "a", Type = NodeType.File };

    private static RemoteState Remote(string key, long? generation = null) => new(key, $"etag-{key}", null, 1, 1, 1, generation, 0, Proof.Crc64);
}
