using System.Text;
using FastGate.Auth;
using FastGate.Commands;
using FastGate.Configuration.Options;
using FastGate.Conversation;
using FastGate.Conversation.Tools;
using FastGate.Conversation.Workers;
using FastGate.Diagnostics;
using FastGate.Fleet;
using FastGate.Speech;
using FastGate.Tools.Device;
using FastGate.Webhooks;
using Microsoft.Extensions.Logging;

namespace FastGate.Sessions;

/// <summary>The services that all sessions share. A reload replaces the texts and the secret, on any thread.</summary>
internal sealed class SessionServices
{
    private readonly IDialogueMemory _memory;
    private readonly TimeProvider _time;
    private readonly Func<ConversationTexts> _conversationTexts;
    private SessionTexts _texts;
    private byte[] _managementSecret;
    private ToolOptions _tools;
    private volatile bool _isQuiet;

    public SessionServices(
        GatewayOptions options,
        ConversationWorkers conversation,
        IDialogueMemory memory,
        IGatewayManagement management,
        SpeechServices speech,
        GuessBackoff guesses,
        SessionMetrics metrics,
        DeviceToolMetrics toolMetrics,
        TimeProvider time,
        ILogger<DeviceSession> log)
    {
        _memory = memory;
        _time = time;
        Log = log;
        _conversationTexts = () => Texts.Conversation;
        Conversation = conversation;
        Management = management;
        Speech = speech;
        Guesses = guesses;
        Metrics = metrics;
        DeviceTools = new DeviceToolServices(() => ToolOptions, toolMetrics, time, log);
        Profiles = new DeviceProfiles(time);
        Languages = new DeviceLanguages(metrics.LanguagesKept, metrics.LanguagesReplaced);
        HasMemory = options.Memory.Provider != MemoryProviderKind.None;
        _texts = new SessionTexts(options.Session);
        _managementSecret = SecretOf(options);
        _tools = options.Tools;
    }

    public ConversationWorkers Conversation { get; }

    /// <summary>The tools of the operator's servers; null where there are none.</summary>
    public IToolSource? OperatorTools { get; init; }

    /// <summary>Commands of operators that wait for devices; null where there are none. Set before the first device connects.</summary>
    public IDeviceCommands? Commands { get; set; }

    /// <summary>What is remembered about each device.</summary>
    public DeviceProfiles Profiles { get; init; }

    /// <summary>Reports of hellos and turns; null when there is no URL for them. Set before the first device connects.</summary>
    public DeviceWebhooks? Webhooks { get; set; }

    public IGatewayManagement Management { get; }

    public SpeechServices Speech { get; }

    /// <summary>Wrong management secrets of all connections.</summary>
    public GuessBackoff Guesses { get; }

    public SessionMetrics Metrics { get; }

    public DeviceToolServices DeviceTools { get; }

    /// <summary>The languages of OTA requests.</summary>
    public DeviceLanguages Languages { get; }

    /// <summary>Before a restart no new turn begins. Any thread.</summary>
    public bool IsQuiet
    {
        get => _isQuiet;
        set => _isQuiet = value;
    }

    /// <summary>A reply is being made, by an LLM or a synthesiser. Any thread.</summary>
    public bool HasTurns => !Conversation.IsIdle || Speech.HasReplies;

    /// <summary>False: the dialogues are the only copy of what was said.</summary>
    public bool HasMemory { get; }

    /// <summary>A monotonic clock in milliseconds, which starts again after 49 days; never 0.</summary>
    public uint NowMs => (uint)(long)_time.GetElapsedTime(0).TotalMilliseconds | 1;

    public ILogger Log { get; }

    public SessionTexts Texts => Volatile.Read(ref _texts);

    public ToolOptions ToolOptions => Volatile.Read(ref _tools);

    /// <summary>Secret of the <c>server</c> message in UTF-8; an empty secret disables the message.</summary>
    public ReadOnlySpan<byte> ManagementSecret => Volatile.Read(ref _managementSecret);

    /// <summary>Prepares the texts of new options; the returned action puts them in force.</summary>
    public Action Prepare(GatewayOptions options)
    {
        var texts = new SessionTexts(options.Session);
        byte[] secret = SecretOf(options);
        return () =>
        {
            Volatile.Write(ref _texts, texts);
            Volatile.Write(ref _managementSecret, secret);
            Volatile.Write(ref _tools, options.Tools);
        };
    }

    /// <summary>The language of a device that connects: from its OTA request, else from its handshake.</summary>
    public SessionLanguage LanguageOf(string deviceId, ReadOnlySpan<byte> acceptLanguage) =>
        Languages.Find(deviceId) is var known && known != SessionLanguage.Auto ? known : SpokenLanguage.OfHeader(acceptLanguage);

    public Dialogue BeginDialogue(DeviceSession session) =>
        new(session.DeviceId, session.SessionId.ToString(), _memory, _conversationTexts, _time, Log)
        {
            ToolOptions = () => ToolOptions,
            OperatorTools = OperatorTools,
        };

    private static byte[] SecretOf(GatewayOptions options) => Encoding.UTF8.GetBytes(options.Management.Secret ?? "");
}
