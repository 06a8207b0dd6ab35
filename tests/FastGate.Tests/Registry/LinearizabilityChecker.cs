namespace FastGate.Tests.Registry;

/// <summary>
/// Searches an order of the operations of a history that keeps the order of those that did not overlap and explains every result. Depth
/// first; remembers which sets of operations failed from which state.
/// </summary>
internal static class LinearizabilityChecker
{
    public const int MaxOperations = 64;

    public static bool IsLinearizable(RegistryOperation[] history)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(history.Length, MaxOperations);
        return Search(history, 0, null, []);
    }

    private static bool Search(
        RegistryOperation[] history, ulong done, RegisteredConnection? held, HashSet<(ulong Done, RegisteredConnection? Held)> seen)
    {
        if (ulong.PopCount(done) == (ulong)history.Length)
        {
            return true;
        }

        if (!seen.Add((done, held)))
        {
            return false;
        }

        // The next operation must not have begun after a remaining one ended.
        long firstEnd = long.MaxValue;
        for (int i = 0; i < history.Length; i++)
        {
            if ((done & (1UL << i)) == 0)
            {
                firstEnd = Math.Min(firstEnd, history[i].Ended);
            }
        }

        for (int i = 0; i < history.Length; i++)
        {
            if ((done & (1UL << i)) == 0
                && history[i].Began <= firstEnd
                && history[i].TryApply(held, out RegisteredConnection? after)
                && Search(history, done | (1UL << i), after, seen))
            {
                return true;
            }
        }

        return false;
    }
}
