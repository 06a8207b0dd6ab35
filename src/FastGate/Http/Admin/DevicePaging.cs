namespace FastGate.Http.Admin;

/// <summary>
/// A page of ids out of a table that has no order and does not stand still: one pass, keeping the smallest that follow the last
/// page. A device that stays connected is on exactly one page, whatever comes and goes meanwhile.
/// </summary>
internal static class DevicePaging
{
    public static List<string> Next(IEnumerable<string> ids, string? after, int limit, out bool more)
    {
        // The greatest is on top, to be pushed out by a smaller one.
        var kept = new PriorityQueue<string, string>(limit + 1, Comparer<string>.Create(static (a, b) => string.CompareOrdinal(b, a)));
        more = false;
        foreach (string id in ids)
        {
            if (!string.IsNullOrEmpty(after) && string.CompareOrdinal(id, after) <= 0)
            {
                continue;
            }

            if (kept.Count < limit)
            {
                kept.Enqueue(id, id);
            }
            else
            {
                more = true;
                kept.EnqueueDequeue(id, id);
            }
        }

        List<string> page = [.. kept.UnorderedItems.Select(static item => item.Element)];
        page.Sort(StringComparer.Ordinal);
        return page;
    }
}
