namespace FastGate.Tests.Cluster;

/// <summary>A new claim that was granted. <paramref name="Began"/> and <paramref name="Ended"/> are steps that all nodes count together.</summary>
internal sealed record GrantedClaim(string DeviceId, long Epoch, long Began, long Ended);
