namespace FastGate.Speech.Hearing;

/// <content>How a capture ends: by a defect, and by the loop. Owned by the speech worker.</content>
internal sealed partial class Capture
{
    private bool _faulted;

    /// <summary>
    /// A step has failed: hears nothing from here on. The loop may still put packets, so they are kept until it has closed the capture. A decoder that
    /// failed is not used again.
    /// </summary>
    public void Fault()
    {
        if (_faulted)
        {
            return;
        }

        _faulted = true;
        _decoder?.Dispose();
        _decoder = null;
        Discard();
        _handler.OnFaulted();
    }

    /// <summary>The worker's last call, after <see cref="Close"/> and <see cref="SaveSound"/>.</summary>
    public void Release(SpeechScratch scratch)
    {
        Discard();

        if (_decoder is not null)
        {
            scratch.Return(_decoder);
            _decoder = null;
        }

        scratch.Return(_decoded);
        scratch.Return(_preRoll);
        (_decoded, _preRoll) = ([], []);
        _packets.Dispose();
    }

    private void Discard()
    {
        if (_utterance is { } utterance)
        {
            _utterance = null;
            _handler.OnDiscarded(utterance);
        }
    }
}
