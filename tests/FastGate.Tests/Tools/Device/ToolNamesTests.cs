using FastGate.Tools.Device;

namespace FastGate.Tests.Tools.Device;

public sealed class ToolNamesTests
{
    [Theory]
    [InlineData("self.audio_speaker.set_volume", "self_audio_speaker_set_volume")]
    [InlineData("get-state", "get-state")]
    [InlineData("a b/c", "a_b_c")]
    [InlineData("开灯", "__")]
    [InlineData("", "tool")]
    public void Names_are_made_fit(string name, string expected) => Assert.Equal(expected, new ToolNames().Add(name));

    [Fact]
    public void Names_are_unique_and_short()
    {
        var names = new ToolNames();
        string longName = new('x', 100);

        Assert.Equal("a_b", names.Add("a.b"));
        Assert.Equal("a_b_2", names.Add("a_b"));
        Assert.Equal("a_b_3", names.Add("a b"));
        Assert.Equal("a_b_2_2", names.Add("a_b_2"));
        Assert.Equal(new string('x', 64), names.Add(longName));
        Assert.Equal(new string('x', 62) + "_2", names.Add(longName));
    }
}
