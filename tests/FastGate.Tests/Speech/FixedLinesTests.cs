using FastGate.Speech.Playing;

namespace FastGate.Tests.Speech;

public sealed class FixedLinesTests
{
    private readonly FixedLines _lines = new();

    [Fact]
    public void A_line_is_found_by_its_text_and_its_frame_duration()
    {
        byte[] frame = [1, 2, 3];
        _lines.Keep("hello", 60, [frame]);
        Assert.Same(frame, Assert.Single(_lines.Find("hello", 60)!));
        Assert.Null(_lines.Find("hello", 20));
        Assert.Null(_lines.Find("hullo", 60));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_001)]
    public void A_line_without_sound_or_of_more_than_a_minute_is_not_kept(int frames)
    {
        _lines.Keep("hello", 60, [.. Enumerable.Repeat(new byte[1], frames)]);
        Assert.Equal(0, _lines.Count);
    }

    [Fact]
    public void The_number_of_lines_is_bounded()
    {
        for (int i = 0; i < 1_000; i++)
        {
            _lines.Keep($"line {i}", 60, [[0]]);
        }

        Assert.Equal(32, _lines.Count);
    }
}
