using System.Text.Json;
using FastGate.Conversation.Tools;
using FastGate.Testing.Conversation;
using Microsoft.Extensions.AI;

namespace FastGate.Tests.Conversation.Tools;

public sealed class ToolSetTests
{
    [Fact]
    public void First_source_keeps_a_name_and_the_others_are_renamed()
    {
        var mine = FakeTool.Returning("light", 1);
        var theirs = FakeTool.Returning("light", 2);
        var taken = FakeTool.Returning("operator_light", 3);
        var set = new ToolSet(
            [(ToolOrigin.Device, new FakeToolSource(mine, taken)), (ToolOrigin.Server, null), (ToolOrigin.Operator, new FakeToolSource(theirs))]);
        Assert.Equal(["light", "operator_light", "operator2_light"], set.Tools.Select(static tool => tool.Name));
        Assert.Equal("does light", set.Tools[2].Description);
        Assert.Equal((mine, ToolOrigin.Device), Find(set, "light"));
        Assert.Equal((theirs, ToolOrigin.Operator), Find(set, "operator2_light"));
        Assert.False(set.TryFind("missing", out _, out _));
    }

    [Fact]
    public void Renamed_tool_keeps_within_64_characters()
    {
        string name = new('x', 64);
        var set = new ToolSet(
            [(ToolOrigin.Device, new FakeToolSource(FakeTool.Returning(name, 1))), (ToolOrigin.Operator, new FakeToolSource(FakeTool.Returning(name, 2)))]);
        Assert.Equal("operator_" + name[9..], set.Tools[1].Name);
    }

    [Fact]
    public void Tools_are_bounded()
    {
        AIFunction[] many = [.. Enumerable.Range(0, 500).Select(static i => FakeTool.Returning("t" + i, i))];
        Assert.Equal(ToolSet.MaxTools, new ToolSet([(ToolOrigin.Device, new FakeToolSource(many))]).Tools.Count);
    }

    [Fact]
    public void Results_become_bounded_text()
    {
        Assert.Equal("done", ToolResultText.Of(null));
        Assert.Equal("1.5", ToolResultText.Of(1.5));
        Assert.Equal("true", ToolResultText.Of(true));
        Assert.Equal("a", ToolResultText.Of(JsonElement.Parse("\"a\"")));
        Assert.Equal("""{"a":1}""", ToolResultText.Of(JsonElement.Parse("""{"a":1}""")));
        Assert.Equal("a\nb", ToolResultText.Of(new AIContent[] { new TextContent("a"), new TextContent("b") }));
        string cut = ToolResultText.Of(string.Concat(Enumerable.Repeat("😀", ToolResultText.MaxLength)));
        Assert.InRange(cut.Length, ToolResultText.MaxLength - 1, ToolResultText.MaxLength);
        Assert.EndsWith("😀 [the rest was cut]", cut, StringComparison.Ordinal);
    }

    private static (AIFunction Function, ToolOrigin Origin) Find(ToolSet set, string name)
    {
        Assert.True(set.TryFind(name, out ToolOrigin origin, out AIFunction function));
        return (function, origin);
    }
}
