using System.Text;
using FastGate.Conversation;
using FastGate.Diagnostics;
using FastGate.Memory;
using FastGate.Options;

namespace FastGate.Sessions;

/// <summary>What all sessions share. Made once; <see cref="Texts"/> is replaced whole by a reload.</summary>
internal sealed class SessionServices(
    ConversationWorkers conversation,
    IDialogueMemory memory,
    MemorySummarizer summarizer,
    IAudioSink audio,
    IGatewayManagement management,
    SessionMetrics metrics,
    SessionOptions texts)
{
    private SessionTexts _texts = new(texts);
    private byte[] _managementSecret = [];

    public ConversationWorkers Conversation { get; } = conversation;

    public IDialogueMemory Memory { get; } = memory;

    public MemorySummarizer Summarizer { get; } = summarizer;

    public IAudioSink Audio { get; } = audio;

    public IGatewayManagement Management { get; } = management;

    public SessionMetrics Metrics { get; } = metrics;

    public SessionTexts Texts => Volatile.Read(ref _texts);

    /// <summary>Secret of the <c>server</c> message in UTF-8; an empty one refuses it.</summary>
    public ReadOnlySpan<byte> ManagementSecret => Volatile.Read(ref _managementSecret);

    public void Apply(GatewayOptions options)
    {
        Volatile.Write(ref _texts, new SessionTexts(options.Session));
        Volatile.Write(ref _managementSecret, Encoding.UTF8.GetBytes(options.Management.Secret ?? ""));
    }
}
