namespace FastGate.LoadTest.Restarts;

/// <summary>
/// A time in which the delays of all pinging devices are watched. Opened by the thread that triggers the restarts; used by the thread of the loop.
/// </summary>
internal sealed class GapWindow(int index, long length)
{
    private long _from;
    private long _lastAnswer;
    private long _silence;

    /// <summary>Zero until the window is open. Written once.</summary>
    public long From => Volatile.Read(ref _from);

    public long To => From + length;

    public void Open(long now) => Volatile.Write(ref _from, now);

    /// <summary>An answer that came at <paramref name="now"/> to what was due at <paramref name="due"/>.</summary>
    public void Answer(RestartDevice device, long due, long now)
    {
        long from = From;
        if (from == 0 || now < from || due >= from + length)
        {
            return;
        }

        if (now < from + length)
        {
            _silence = Math.Max(_silence, now - Math.Max(_lastAnswer, from));
            _lastAnswer = now;
        }

        device.Worst[index] = Math.Max(device.Worst[index], now - due);
    }

    /// <summary>The device is closed: its gap lasts for the whole window unless the window has ended.</summary>
    public void Close(RestartDevice device, long now)
    {
        if (device.Worst.Length > 0 && (From == 0 || now < To))
        {
            device.Worst[index] = length;
        }
    }

    /// <summary>What was due at <paramref name="due"/> was not answered until the end of the run.</summary>
    public void Unanswered(RestartDevice device, long due)
    {
        if (From != 0 && due < To)
        {
            device.Worst[index] = length;
        }
    }

    /// <summary>The longest time in which no device had an answer.</summary>
    public long Silence => Math.Max(_silence, From == 0 ? 0 : To - Math.Max(_lastAnswer, From) is var rest && rest > length / 2 ? rest : 0);

    public IEnumerable<long> Gaps(IEnumerable<RestartDevice> devices) => devices.Select(device => device.Worst[index]);
}
