using FastGate.Configuration.Options;
using FastGate.Diagnostics;
using FastGate.Sessions;

namespace FastGate.Tests.Sessions;

/// <summary>The bounded table of languages from OTA requests.</summary>
public sealed class DeviceLanguagesTests
{
    private readonly StripedCounter _kept = new();
    private readonly StripedCounter _replaced = new();

    [Fact]
    public void Last_language_of_a_device_is_kept()
    {
        var languages = new DeviceLanguages(_kept, _replaced);
        Assert.Equal(SessionLanguage.Auto, languages.Find("aa:bb"));

        languages.Remember("aa:bb", SessionLanguage.En);
        languages.Remember("aa:bb", SessionLanguage.En);
        Assert.Equal(SessionLanguage.En, languages.Find("aa:bb"));
        Assert.Equal(1, _kept.Value);

        languages.Remember("aa:bb", SessionLanguage.Zh);
        languages.Remember("aa:bb", SessionLanguage.Auto);
        Assert.Equal(SessionLanguage.Zh, languages.Find("aa:bb"));
        Assert.Equal(SessionLanguage.Auto, languages.Find("aa:cc"));
        Assert.Equal((2, 0), (_kept.Value, _replaced.Value));
    }

    [Fact]
    public void Number_of_devices_is_bounded_and_the_newest_replaces()
    {
        const int Slots = 64;
        var languages = new DeviceLanguages(_kept, _replaced, Slots);
        for (int i = 0; i < 10_000; i++)
        {
            languages.Remember($"device-{i}", SessionLanguage.En);
            Assert.Equal(SessionLanguage.En, languages.Find($"device-{i}"));
        }

        Assert.InRange(Enumerable.Range(0, 10_000).Count(i => languages.Find($"device-{i}") == SessionLanguage.En), 1, Slots);
        Assert.InRange(_kept.Value, 1, Slots);
        Assert.Equal(10_000, _kept.Value + _replaced.Value);
    }

    [Fact]
    public void Concurrent_devices_never_read_the_language_of_another()
    {
        var languages = new DeviceLanguages(_kept, _replaced, 4);
        Parallel.For(0, 4, worker =>
        {
            SessionLanguage own = worker % 2 == 0 ? SessionLanguage.En : SessionLanguage.Zh;
            for (int i = 0; i < 20_000; i++)
            {
                languages.Remember($"{worker}-{i % 8}", own);
                Assert.True(languages.Find($"{worker}-{i % 8}") is SessionLanguage found && (found == own || found == SessionLanguage.Auto));
            }
        });
    }
}
