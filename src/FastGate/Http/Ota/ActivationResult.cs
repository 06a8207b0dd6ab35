namespace FastGate.Http.Ota;

/// <summary>What became of a confirmed code.</summary>
internal enum ActivationResult
{
    /// <summary>The device is known now.</summary>
    Done,

    /// <summary>No device has this code, or it has ended.</summary>
    Unknown,

    /// <summary>Too many wrong codes were tried.</summary>
    TooManyWrong,

    /// <summary>There are too many known devices.</summary>
    Full,
}
