namespace FastGate.Fuzz;

/// <summary>A reader has broken a promise.</summary>
internal sealed class FuzzException(string promise) : Exception(promise)
{
    public static void ThrowUnless(bool kept, string promise)
    {
        if (!kept)
        {
            throw new FuzzException(promise);
        }
    }
}
