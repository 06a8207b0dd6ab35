namespace FastGate.Speech.Hearing;

/// <summary>What a recogniser has heard before the end of the utterance. Owned by the speech worker.</summary>
internal sealed partial class Capture
{
    /// <summary>Partial words of one utterance that are reported: each may cost a call for nothing.</summary>
    private const int MaxPartials = 2;

    // The partial words that were reported last; null when none hold.
    private string? _partial;
    private int _partials;

    private void ReportPartialWords()
    {
        if (_utterance?.Partial is not { } partial)
        {
            return;
        }

        if (_partial is not null && !PartialWords.AreSame(_partial, partial.Text))
        {
            _partial = null;
            _handler.OnPartialWords("");
        }

        if (_partial is null && _partials < MaxPartials && _endpoint.IsUtterance && _endpoint.SilenceMs >= partial.AfterMs)
        {
            _partial = partial.Text;
            _partials++;
            _handler.OnPartialWords(partial.Text);
        }
    }
}
