using FastGate.Diagnostics;
using Microsoft.Extensions.Logging;

namespace FastGate.Commands;

/// <summary>Logs once that the store of commands fails, and once that it works again. Any thread.</summary>
internal sealed class CommandStoreState(ILogger log)
{
    private int _isFailing;

    public void NoteFailed(Exception exception)
    {
        if (Interlocked.Exchange(ref _isFailing, 1) == 0)
        {
            log.CommandStoreFailed(exception.Message);
        }
    }

    public void NoteRecovered()
    {
        if (Volatile.Read(ref _isFailing) != 0 && Interlocked.Exchange(ref _isFailing, 0) != 0)
        {
            log.CommandStoreRecovered();
        }
    }
}
