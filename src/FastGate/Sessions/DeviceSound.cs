using FastGate.Conversation;

namespace FastGate.Sessions;

/// <summary>What a session holds while its device listens, is spoken to or streams on; an idle device has none. Loop only.</summary>
internal sealed class DeviceSound
{
    public DeviceEar? Ear { get; set; }

    public DeviceVoice? Voice { get; set; }

    /// <summary>The turn that began from partial words. Only while there is an ear.</summary>
    public Turn? Early { get; set; }

    /// <summary>When the device last sent sound that belongs to no utterance, in milliseconds; 0 when it does not stream on.</summary>
    public uint StreamedAt { get; set; }

    public bool IsEmpty => Ear is null && Early is null && Voice is null && StreamedAt == 0;
}
