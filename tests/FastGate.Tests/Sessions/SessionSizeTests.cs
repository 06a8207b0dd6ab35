using FastGate.Configuration.Options;
using FastGate.Protocol.Audio;
using FastGate.Sessions;
using FastGate.Speech;
using FastGate.Testing;
using FastGate.Tests.Speech;

namespace FastGate.Tests.Sessions;

/// <summary>The bytes that each connected device holds for its session, whether or not speech is configured.</summary>
public sealed class SessionSizeTests
{
    private const int Bytes = 96;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_session_that_is_silent_holds_nothing_for_sound(bool speechIsConfigured)
    {
        using var harness = new ConnectionHarness(voices: speechIsConfigured ? new SpeechProviders(new FakeRecognizer(), new FakeSynthesizer()) : null);
        var sessions = new DeviceSession[100];
        long least = long.MaxValue;
        for (int round = 0; round < 10; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < sessions.Length; i++)
            {
                sessions[i] = new DeviceSession(harness.Services.Sessions, null!, AudioFraming.Raw, SessionLanguage.Auto);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(Bytes, least / sessions.Length);
    }
}
