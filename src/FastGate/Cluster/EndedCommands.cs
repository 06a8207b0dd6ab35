namespace FastGate.Cluster;

/// <summary>What a sweep has found.</summary>
/// <param name="Expired">Commands whose device did not connect in time.</param>
/// <param name="Failed">Commands that were sent and whose outcome is unknown.</param>
/// <param name="Left">Commands of all devices that have not ended.</param>
internal readonly record struct EndedCommands(int Expired, int Failed, int Left);
