using FastGate.Conversation.Tools;
using FastGate.Tools.Servers;

namespace FastGate.Tests.Tools;

public sealed class ServerToolNamesTests
{
    [Fact]
    public void Equal_names_get_their_server_in_front_and_then_a_number() => Assert.Equal(
        ["only", "a_echo", "b_echo", "c_x_y", "c_x_y_2"],
        ServerToolNames.Of([("a", "only"), ("a", "echo"), ("b", "echo"), ("c", "x.y"), ("c", "x y")]));

    [Fact]
    public void Long_names_that_differ_at_the_end_stay_different()
    {
        IReadOnlyList<string> names = ServerToolNames.Of([("a", new string('x', 70) + "1"), ("a", new string('x', 70) + "2")]);
        Assert.Equal(2, names.Distinct().Count());
        Assert.All(names, static name => Assert.True(name.Length <= ToolName.MaxLength));
    }

    [Fact]
    public void Names_are_always_unique_and_allowed()
    {
        var random = new Random(11);
        for (int round = 0; round < 2_000; round++)
        {
            // Few characters, so that names often become equal.
            (string Server, string Tool)[] tools = [.. Enumerable.Range(0, random.Next(12)).Select(i => ($"s{i % 3}", string.Concat(random.GetItems("ab_2é.".AsSpan(), random.Next(4)))))];
            IReadOnlyList<string> names = ServerToolNames.Of(tools);
            Assert.Equal(tools.Length, names.Distinct(StringComparer.Ordinal).Count());
            Assert.All(names, static name => Assert.Matches("^[A-Za-z0-9_-]{1,64}$", name));
        }
    }
}
