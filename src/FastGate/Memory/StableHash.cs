namespace FastGate.Memory;

/// <summary>FNV-1a of 64 bits: the same value in each process and each release. For names and lock keys, not against chosen input.</summary>
internal static class StableHash
{
    public static ulong Of(string text)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (char character in text)
        {
            hash = unchecked((hash ^ character) * 1_099_511_628_211);
        }

        return hash;
    }
}
