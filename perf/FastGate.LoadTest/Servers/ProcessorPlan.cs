namespace FastGate.LoadTest.Servers;

/// <summary>The processors of a started server and of the driver, which must not take each other's time; null = no choice.</summary>
internal sealed record ProcessorPlan(IReadOnlyCollection<int>? Server, IReadOnlyCollection<int>? Driver)
{
    /// <param name="allowed">Processors that this process may use.</param>
    /// <param name="server">The server's processors where the user chose them; the driver gets the others.</param>
    /// <param name="threads">Number of driver threads. The driver gets one processor for each, and at most half of them.</param>
    public static ProcessorPlan Create(IReadOnlyCollection<int> allowed, IReadOnlyCollection<int>? server, int threads)
    {
        if (server is not null)
        {
            int[] others = [.. allowed.Except(server).Order()];
            return new ProcessorPlan(server, others.Length == 0 ? null : others);
        }

        int ofDriver = Math.Min(threads, allowed.Count / 2);
        return ofDriver == 0 ? new ProcessorPlan(null, null)
            : new ProcessorPlan([.. allowed.Order().SkipLast(ofDriver)], [.. allowed.Order().TakeLast(ofDriver)]);
    }
}
