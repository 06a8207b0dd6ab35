namespace FastGate.LoadTest.Tests;

/// <summary>A test that needs the program espeak-ng, which makes the devices' speech.</summary>
public sealed class EspeakFactAttribute : FactAttribute
{
    public EspeakFactAttribute() => Skip = EspeakTheoryAttribute.Reason;
}
