namespace FastGate.Memory.Postgres;

/// <summary>Exchanges as one array a column.</summary>
internal sealed class ExchangeColumns
{
    public ExchangeColumns(IReadOnlyList<StoredExchange> exchanges)
        : this(exchanges.Count)
    {
        for (int i = 0; i < exchanges.Count; i++)
        {
            StoredExchange exchange = exchanges[i];
            Ids[i] = exchange.Id;
            Devices[i] = PostgresText.Storable(exchange.DeviceId);
            Sessions[i] = PostgresText.Storable(exchange.SessionId);
            Times[i] = exchange.At.ToUnixTimeMilliseconds();
            Users[i] = PostgresText.Storable(exchange.User);
            Assistants[i] = PostgresText.Storable(exchange.Assistant);
        }
    }

    private ExchangeColumns(int count)
    {
        Ids = new long[count];
        Devices = new string[count];
        Sessions = new string[count];
        Times = new long[count];
        Users = new string[count];
        Assistants = new string[count];
    }

    public int Count => Ids.Length;

    public long[] Ids { get; }

    public string[] Devices { get; }

    public string[] Sessions { get; }

    public long[] Times { get; }

    public string[] Users { get; }

    public string[] Assistants { get; }

    /// <summary>Those at the positions, each with the id after its own.</summary>
    public ExchangeColumns WithNextIds(IReadOnlyList<int> positions)
    {
        var columns = new ExchangeColumns(positions.Count);
        for (int i = 0; i < positions.Count; i++)
        {
            int from = positions[i];
            columns.Ids[i] = Ids[from] + 1;
            columns.Devices[i] = Devices[from];
            columns.Sessions[i] = Sessions[from];
            columns.Times[i] = Times[from];
            columns.Users[i] = Users[from];
            columns.Assistants[i] = Assistants[from];
        }

        return columns;
    }
}
