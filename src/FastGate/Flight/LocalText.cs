namespace FastGate.Flight;

/// <summary>The same line in the two languages of the operators.</summary>
internal sealed record LocalText(string En, string Zh);
