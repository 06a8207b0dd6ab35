using FastGate.Restart;

namespace FastGate.Tests.Restart;

public sealed class StateTicketTests
{
    [Theory]
    [InlineData("7", 7, "")]
    [InlineData("12 1 12", 12, "1 12")]
    public void Text_names_the_state_and_the_ignored_signals(string text, int descriptor, string signals)
    {
        StateTicket ticket = StateTicket.Parse(text)!;

        Assert.Equal(descriptor, ticket.Descriptor);
        Assert.Equal(signals, string.Join(' ', ticket.IgnoredSignals));
        Assert.Equal(text, ticket.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("-7")]
    [InlineData("2")]
    [InlineData("7 x")]
    [InlineData("99999999999")]
    public void Other_text_is_no_ticket(string? text) => Assert.Null(StateTicket.Parse(text));
}
