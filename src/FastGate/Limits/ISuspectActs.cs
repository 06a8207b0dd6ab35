namespace FastGate.Limits;

/// <summary>What the judge of suspects needs from the rooms above. Called on the pool.</summary>
internal interface ISuspectActs
{
    /// <summary>Those of <paramref name="sources"/> that have a connected device.</summary>
    /// <param name="sources">Leading bits of addresses.</param>
    /// <param name="sourceOf">The leading bits of an address.</param>
    IReadOnlySet<UInt128> WithDevices(IReadOnlySet<UInt128> sources, Func<UInt128, UInt128> sourceOf);

    /// <summary>Bans them for that time.</summary>
    void Ban(IReadOnlyList<Suspect> suspects, int prefix, TimeSpan time);
}
