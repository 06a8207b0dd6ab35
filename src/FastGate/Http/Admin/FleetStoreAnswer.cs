using FastGate.Memory;
using Microsoft.AspNetCore.Http;

namespace FastGate.Http.Admin;

/// <summary>Answers for changes that the database must keep.</summary>
internal static class FleetStoreAnswer
{
    /// <summary>Runs the change on the pool, because the database may be locked for seconds. 503 when it cannot keep the change, which is then not made.</summary>
    public static async Task<AdminAnswer> OfAsync(Func<AdminAnswer> change)
    {
        try
        {
            return await Task.Run(change);
        }
        catch (MemoryStoreException exception)
        {
            return AdminAnswer.Problem(StatusCodes.Status503ServiceUnavailable, $"the database cannot keep the change ({exception.Failure}); nothing was changed");
        }
    }
}
