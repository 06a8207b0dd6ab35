namespace FastGate.Http.Admin;

/// <summary>What a caller of the admin listener may do. A greater role includes the smaller one.</summary>
internal enum AdminRole
{
    /// <summary>Reads.</summary>
    View,

    /// <summary>Acts, and reads what users have said.</summary>
    Operate,
}
