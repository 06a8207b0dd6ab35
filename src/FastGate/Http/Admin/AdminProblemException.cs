namespace FastGate.Http.Admin;

/// <summary>Ends a request with a problem answer. Thrown below a route of <see cref="AdminRoutes"/>, which turns it into the answer.</summary>
internal sealed class AdminProblemException(int status, string detail) : Exception(detail)
{
    public int Status => status;
}
