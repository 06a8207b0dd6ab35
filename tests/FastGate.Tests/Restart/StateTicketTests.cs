using FastGate.Restart;

namespace FastGate.Tests.Restart;

public sealed class StateTicketTests
{
    [Fact]
    public void Text_is_read_as_it_was_written()
    {
        var ticket = new StateTicket(7) { Lock = 9, Restarts = 3, TurnsWaited = 12, TurnsCut = 2, Closed = 4, Active = 5, Took = (30, 8, 1), ReplacedAtUnixMs = 1_800_000_000_123, IgnoredSignals = [1, 12] };

        StateTicket read = StateTicket.Parse(ticket.ToString())!;

        Assert.Equal(ticket.ToString(), read.ToString());
        Assert.Equal((7, 9, 3, 12, 2, 4), (read.Descriptor, read.Lock, read.Restarts, read.TurnsWaited, read.TurnsCut, read.Closed));
        Assert.Equal((5, (30, 8, 1), 1_800_000_000_123), (read.Active, read.Took, read.ReplacedAtUnixMs));
        Assert.Equal([1, 12], read.IgnoredSignals);
    }

    [Theory]
    [InlineData("fd=9")]
    [InlineData("color=blue fd=9 lock=2 restarts=-1 waited=x cut=1,2 later=5=6")]
    public void Parts_that_are_missing_unknown_or_unreadable_are_skipped(string text) =>
        Assert.Equal("fd=9 lock=-1 restarts=0 waited=0 cut=0 closed=0 active=0 took=0,0,0 at=0 ignored=", StateTicket.Parse(text)!.ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("fd=")]
    [InlineData("fd=2")]
    [InlineData("fd=-7")]
    [InlineData("fd=99999999999")]
    public void Text_without_a_descriptor_is_no_ticket(string? text) => Assert.Null(StateTicket.Parse(text));
}
