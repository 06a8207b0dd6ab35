using FastGate.Speech.Hearing;

namespace FastGate.Tests.Speech;

public sealed class EndpointTests
{
    private const int WindowMs = 32;

    /// <summary>Each letter is a window: V voice, s silence, m between the thresholds. The expected events by window number.</summary>
    [Theory]
    [InlineData("VVV", "start@2")]
    [InlineData("VVsV", "start@3")]
    [InlineData("VsVsV", "start@4")]
    [InlineData("VssVssV", "")]
    [InlineData("VVVmmmmmmmmmmmmmmmmmmmmmmmm", "start@2")]
    [InlineData("mmmmmmmm", "")]
    [InlineData("VVVssssssssssssssss", "start@2 end@18")]
    [InlineData("VVVsssssssVsssssssss", "start@2")]
    public void Windows_begin_and_end_speech(string windows, string expected)
    {
        var endpoint = new Endpoint(new EndpointSettings { SilenceMs = 500 });
        List<string> events = [];
        for (int i = 0; i < windows.Length; i++)
        {
            switch (endpoint.Next(windows[i] switch { 'V' => 0.9f, 'm' => 0.4f, _ => 0.1f }))
            {
                case EndpointEvent.Started:
                    events.Add($"start@{i}");
                    break;
                case EndpointEvent.Ended:
                    events.Add($"end@{i}");
                    break;
            }
        }

        Assert.Equal(expected, string.Join(' ', events));
    }

    [Fact]
    public void Speech_ends_after_the_silence_of_the_options_and_not_before()
    {
        for (int silence = 100; silence <= 2_000; silence += 100)
        {
            var endpoint = new Endpoint(new EndpointSettings { SilenceMs = silence });
            for (int i = 0; i < 10; i++)
            {
                endpoint.Next(1);
            }

            int windows = 1;
            while (endpoint.Next(0) != EndpointEvent.Ended)
            {
                windows++;
            }

            Assert.InRange(windows * WindowMs, silence, silence + WindowMs - 1);
        }
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(5, true)]
    public void Short_noise_is_not_an_utterance(int voiceWindows, bool isUtterance)
    {
        var endpoint = new Endpoint(new EndpointSettings { MinVoiceMs = 160 });
        for (int i = 0; i < voiceWindows; i++)
        {
            endpoint.Next(1);
        }

        Assert.Equal(isUtterance, endpoint.IsUtterance);
    }
}
