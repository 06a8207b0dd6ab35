namespace FastGate.Http.Admin;

/// <summary>
/// Selects a page from ids without an order, while devices connect and disconnect: one pass that keeps the smallest ids after the last page. A
/// device that stays connected is on exactly one page. The total counts all ids.
/// </summary>
internal static class DevicePaging
{
    public static List<string> Next(IEnumerable<string> ids, string? after, int limit, out int total, out bool more)
    {
        // The greatest id is on top; a smaller one replaces it.
        var kept = new PriorityQueue<string, string>(limit + 1, Comparer<string>.Create(static (a, b) => string.CompareOrdinal(b, a)));
        (total, more) = (0, false);
        foreach (string id in ids)
        {
            total++;
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
