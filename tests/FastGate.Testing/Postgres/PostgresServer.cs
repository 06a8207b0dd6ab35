using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace FastGate.Testing.Postgres;

/// <summary>
/// A PostgreSQL server on a port of the loopback with its data in a folder of its own; nothing is synced to the disk. It may be stopped, killed and frozen. It
/// ends with this process, however that ends, because a shell stops it at the end of its input. One thread at a time.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    /// <summary>How long anything here may take before it counts as hung.</summary>
    private static readonly TimeSpan s_hang = TimeSpan.FromMinutes(1);

    private static readonly string? s_programs = FindPrograms();

    private readonly string _folder;
    private Process? _shell;
    private int _prefixes;

    private PostgresServer(string folder, int port)
    {
        _folder = folder;
        Port = port;
    }

    /// <summary>Why there is no server here; null when it can be started.</summary>
    public static string? MissingReason => s_programs is null ? "postgresql is missing: apt-get install postgresql" : null;

    public int Port { get; }

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Username=fastgate;Database=postgres");

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "log");

    public static PostgresServer Start()
    {
        string folder = Directory.CreateTempSubdirectory("fastgate-postgres-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            // The server may run as another user.
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        }

        var server = new PostgresServer(folder, FreePort());
        try
        {
            using Process initdb = server.Run("initdb", "-D", server.Data, "-U", "fastgate", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions");
            string output = initdb.StandardOutput.ReadToEnd();
            Require(initdb.WaitForExit(s_hang) && initdb.ExitCode == 0, output);
            server.Resume();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>The beginning of table names that no other test uses.</summary>
    public string NewPrefix() => string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _prefixes)}_");

    public NpgsqlConnection Connect() => Connect(ConnectionString);

    public void Execute(string sql)
    {
        using NpgsqlConnection connection = Connect();
        using NpgsqlCommand command = new(sql, connection);
        command.ExecuteNonQuery();
    }

    /// <summary>Ends all connections of gateways, as an operator or a failing network would.</summary>
    public void CutConnections() => Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name='fastgate'");

    /// <summary>Starts the server, again after <see cref="Stop"/> with what it has stored.</summary>
    public void Resume()
    {
        const string Script = """
            log=$1; shift
            "$@" >"$log" 2>&1 & server=$!
            cat >/dev/null
            kill -CONT $server; kill -QUIT $server; wait $server
            """;
        string[] options =
        [
            "-c", "listen_addresses=127.0.0.1", "-c", string.Create(CultureInfo.InvariantCulture, $"port={Port}"), "-c", "unix_socket_directories=", "-c", "fsync=off",
            "-c", "full_page_writes=off", "-c", "shared_buffers=32MB", "-c", "max_connections=60", "-c", "autovacuum=off",
        ];
        _shell = Run("sh", ["-c", Script, "sh", Log, Path.Combine(s_programs!, "postgres"), "-D", Data, .. options]);
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                Connect().Dispose();
                return;
            }
            catch (NpgsqlException) when (Stopwatch.GetElapsedTime(started) < s_hang)
            {
                Require(!_shell.HasExited, File.Exists(Log) ? File.ReadAllText(Log) : "the server has not started");
                Thread.Sleep(20);
            }
        }
    }

    /// <summary>Ends the server and all connections at once; what was committed stays.</summary>
    public void Stop()
    {
        if (_shell is { } shell)
        {
            _shell = null;
            shell.StandardInput.Close();
            Require(shell.WaitForExit(s_hang), "the server does not stop");
            shell.Dispose();
        }
    }

    /// <summary>Stops all processes of the server where they are: connections stay open and get no answer.</summary>
    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    public void Dispose()
    {
        Stop();
        Directory.Delete(_folder, recursive: true);
    }

    private static NpgsqlConnection Connect(string connectionString)
    {
        var connection = new NpgsqlConnection(connectionString + ";Pooling=false;Application Name=test");
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static string? FindPrograms()
    {
        string installed = "/usr/lib/postgresql";
        return Directory.Exists(installed)
            ? Directory.GetDirectories(installed).Select(static version => Path.Combine(version, "bin")).Where(static bin => File.Exists(Path.Combine(bin, "initdb"))).Max(StringComparer.Ordinal)
            : null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static void Require(bool condition, string reason)
    {
        if (!condition)
        {
            throw new InvalidOperationException(reason);
        }
    }

    /// <summary>The server refuses to run as root: then it runs as the user that its package has created.</summary>
    private Process Run(string program, params string[] arguments)
    {
        string path = program == "sh" ? "/bin/sh" : Path.Combine(s_programs!, program);
        string[] command = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments] : [path, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Process.Start(start)!;
    }

    private void Signal(string name)
    {
        int server = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        string children = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{server}/task/{server}/children"));
        string[] processes = [server.ToString(CultureInfo.InvariantCulture), .. children.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        using Process kill = Process.Start(new ProcessStartInfo("kill", ["-" + name, .. processes]))!;
        Require(kill.WaitForExit(s_hang), "kill does not end");
    }
}
