namespace FastGate.Http.Admin;

/// <summary>Any answer of the API that is not what was asked for.</summary>
internal sealed record AdminError(string Error);
