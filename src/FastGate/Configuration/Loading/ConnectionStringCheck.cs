using Npgsql;

namespace FastGate.Configuration.Loading;

/// <summary>Whether a text can be the address of a PostgreSQL database. Loads the driver's assembly, so it is asked for that provider only.</summary>
internal static class ConnectionStringCheck
{
    public static bool IsUsable(string? text)
    {
        try
        {
            return !string.IsNullOrWhiteSpace(text) && !string.IsNullOrWhiteSpace(new NpgsqlConnectionStringBuilder(text).Host);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // The message may repeat a part of the secret.
            return false;
        }
    }
}
