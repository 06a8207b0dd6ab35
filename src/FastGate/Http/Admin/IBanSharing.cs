using FastGate.Fleet;

namespace FastGate.Http.Admin;

/// <summary>Makes bans count on all nodes of a cluster. Any thread.</summary>
internal interface IBanSharing
{
    /// <summary>A ban was added here: the other nodes get it now, or when they are reached again.</summary>
    void Added();

    /// <summary>Ends a ban on all nodes, before it is removed here. A node that is not reached ends the request with <see cref="AdminProblemException"/>.</summary>
    Task EndAsync(Ban ban);
}
