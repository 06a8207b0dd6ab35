using FastGate.Conversation.Tools;

namespace FastGate.Tests.Conversation.Tools;

public sealed class ToolNameTests
{
    [Theory]
    [InlineData("self.audio_speaker.set_volume", "self_audio_speaker_set_volume")]
    [InlineData("get-state", "get-state")]
    [InlineData("read file!", "read_file_")]
    [InlineData("家.灯", "___")]
    [InlineData("", "tool")]
    public void Name_is_made_of_the_allowed_characters(string name, string fit) => Assert.Equal(fit, ToolName.Fit(name));

    [Fact]
    public void Claimed_names_are_unique_and_short()
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        string longName = new('x', 64);

        Assert.Equal("a_b", ToolName.Claim(used, "a_b"));
        Assert.Equal("a_b_2", ToolName.Claim(used, "a_b"));
        Assert.Equal("a_b_3", ToolName.Claim(used, "a_b"));
        Assert.Equal("a_b_2_2", ToolName.Claim(used, "a_b_2"));
        Assert.Equal(longName, ToolName.Claim(used, longName));
        Assert.Equal(new string('x', 62) + "_2", ToolName.Claim(used, longName));
    }
}
