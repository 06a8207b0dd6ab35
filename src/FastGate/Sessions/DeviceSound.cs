using FastGate.Conversation;

namespace FastGate.Sessions;

/// <summary>What a session holds while its device listens, is spoken to or streams on; an idle device has none. Loop only.</summary>
internal sealed class DeviceSound
{
    /// <summary>The longest pause is 32 s.</summary>
    private const int MostFailures = 7;
    private const uint FirstPauseMs = 1_000;

    // Failures since the last words, and until when nothing is heard because of them, in milliseconds.
    private byte _failures;
    private uint _deafUntil;

    public DeviceEar? Ear { get; set; }

    public DeviceVoice? Voice { get; set; }

    /// <summary>The turn that began from partial words. Only while there is an ear.</summary>
    public Turn? Early { get; set; }

    /// <summary>When the device last sent sound that belongs to no utterance, in milliseconds; 0 when it does not stream on.</summary>
    public uint StreamedAt { get; set; }

    /// <summary>
    /// The recogniser or the capture has failed. After the first failure the device is heard at once; after each further one in a row it is not heard for
    /// twice as long, so that a device which hears its own error line does not repeat it without end.
    /// </summary>
    public void Fail(uint nowMs)
    {
        _failures = (byte)Math.Min(_failures + 1, MostFailures);
        _deafUntil = nowMs + (_failures == 1 ? 0 : FirstPauseMs << (_failures - 2));
    }

    public void ForgetFailures() => _failures = 0;

    /// <summary>True after repeated failures; the pause may already be over.</summary>
    public bool HasPause => _failures > 1;

    public bool IsDeaf(uint nowMs) => HasPause && (int)(_deafUntil - nowMs) > 0;

    /// <summary>Lines of an operator that wait for the end of the present turn; null for none.</summary>
    public Queue<string>? Lines { get; set; }

    public bool IsEmpty => Ear is null && Early is null && Voice is null && StreamedAt == 0 && Lines is null;
}
