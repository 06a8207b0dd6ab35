using System.Data;
using Npgsql;

namespace FastGate.Memory.Postgres;

/// <summary>A connection that is opened when it is needed and again after a failure. One thread at a time.</summary>
internal sealed class PostgresConnection(PostgresSource source) : IDisposable
{
    private NpgsqlConnection? _connection;

    public bool IsOpen => _connection is { FullState: ConnectionState.Open };

    /// <summary>Calls with an open connection. A failure is classified once; a connection that may be broken is closed.</summary>
    public T Call<T>(Func<NpgsqlConnection, T> call)
    {
        try
        {
            if (!IsOpen)
            {
                Close();
                _connection = source.Connect();
            }

            return call(_connection!);
        }
        catch (Exception exception) when (PostgresFailure.Is(exception))
        {
            MemoryStoreException failure = PostgresFailure.Wrap(exception);

            // After a rejection the transaction has ended and the connection is sound; after anything else another server may answer.
            if (failure.Failure is not MemoryFailure.Rejected)
            {
                Close();
            }

            throw failure;
        }
    }

    public void Close()
    {
        NpgsqlConnection? connection = _connection;
        _connection = null;
        try
        {
            connection?.Dispose();
        }
        catch (Exception exception) when (PostgresFailure.Is(exception))
        {
            // It was broken.
        }
    }

    public void Dispose() => Close();
}
