using FastGate.FunctionalTests.Clients;
using FastGate.FunctionalTests.Server;
using FastGate.Speech.Codec;

namespace FastGate.FunctionalTests.Speech;

/// <summary>What a server process has loaded: nothing for sound before the first sound.</summary>
public sealed class LoadedLibrariesTests
{
    private static readonly string[] s_native = ["libopus", "libonnxruntime"];
    private static readonly string[] s_managed = ["/Concentus.dll", "/NAudio", "/Microsoft.ML.OnnxRuntime.dll"];

    [Fact]
    public async Task No_library_for_sound_is_loaded_before_the_first_sound()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync("--FastGate:Speech:Tts:Providers:mouth:Type=none");
        using SpeakingDevice device = await SpeakingDevice.ConnectAsync(gateway, "quiet");
        await device.SendAsync(DeviceTexts.Detect("hello"));
        await device.HearAsync();
        await device.ListenAsync("auto");
        await device.AssertSilentAsync();
        Assert.Empty(Loaded(gateway, [.. s_native, .. s_managed]));

        short[] said = [.. Sound.Words(device.SampleRate, words: 2), .. new short[device.SampleRate]];
        Task<SpokenReply> hearing = device.HearAsync();
        await device.SpeakAsync(said);
        await hearing;

        // The test can fail: the same look finds what is loaded now.
        if (LibOpusCodec.TryLoad() is not null || !RepositoryPaths.IsNativeServer)
        {
            Assert.NotEmpty(Loaded(gateway, [LibOpusCodec.TryLoad() is null ? "/Concentus.dll" : "libopus"]));
        }

        Assert.Empty(Loaded(gateway, ["libonnxruntime"]));
    }

    [RequiresProgramFact(RequiredProgram.Silero)]
    public async Task Speech_is_found_by_the_model()
    {
        await using GatewayProcess gateway = await GatewayProcess.StartAsync(
            $"--FastGate:Speech:Vad:Model={InstalledPrograms.SileroModel}", "--FastGate:Speech:Vad:NoPacket=00:00:05");
        using SpeakingDevice device = await SpeakingDevice.ConnectAsync(gateway, "speaking");
        await device.ListenAsync("auto");
        Task<SpokenReply> hearing = device.HearAsync();
        await device.SpeakAsync(await EspeakVoice.SayAsync("The weather is fine today.", device.SampleRate, silenceMs: 1_500));
        Assert.Equal("tts start, tts sentence_start, sound, tts stop", (await hearing).Order);
        Assert.NotEmpty(Loaded(gateway, ["libonnxruntime"]));
        Assert.DoesNotContain("energy", gateway.Log, StringComparison.OrdinalIgnoreCase);
    }

    private static List<string> Loaded(GatewayProcess gateway, string[] names) =>
        [.. File.ReadLines($"/proc/{gateway.ProcessId}/maps").Where(line => Array.Exists(names, name => line.Contains(name, StringComparison.Ordinal)))];
}
