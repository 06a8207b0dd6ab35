namespace FastGate.LoadTest.Measure;

/// <summary>Checks that the numbers 0, 1, 2, ... of one stream come once each and in order.</summary>
internal sealed class SequenceLedger
{
    private readonly HashSet<long> _missing = [];
    private long _next;

    /// <summary>Numbers that came a second time, or that were never sent.</summary>
    public long Doubled { get; private set; }

    /// <summary>Numbers that came after a later one.</summary>
    public long Reordered { get; private set; }

    /// <summary>The highest number that has come, plus one.</summary>
    public long Next => _next;

    /// <param name="number">The number that came.</param>
    /// <param name="sent">How many numbers were sent.</param>
    public void Receive(long number, long sent)
    {
        if (number < 0 || number >= sent)
        {
            Doubled++;
        }
        else if (number >= _next)
        {
            for (; _next < number; _next++)
            {
                _missing.Add(_next);
            }

            _next++;
        }
        else if (_missing.Remove(number))
        {
            Reordered++;
        }
        else
        {
            Doubled++;
        }
    }

    /// <summary>Numbers below <paramref name="sent"/> that have not come.</summary>
    public long Missing(long sent) => _missing.Count + Math.Max(0, sent - _next);
}
