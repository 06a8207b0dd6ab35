using System.Buffers;
using System.Text.Json;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Restarts;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Scenarios;

/// <summary>The turns and the arrivals.</summary>
internal sealed partial class RestartScenario
{
    private const int ConnectLatency = 1;
    private const int Sentences = 8;

    /// <summary>One in so many devices has turns of this many sentences, which are longer than a short <c>Restart:TurnWait</c>.</summary>
    private const int LongEvery = 10;
    private const int LongSentences = 40;

    /// <summary>From the end of a turn to the next.</summary>
    private const long Pause = 300_000_000;

    /// <summary>A cut that comes earlier than this before the limit is too early.</summary>
    private const long Tolerance = 500_000_000;

    private static readonly TimeSpan s_turnWait = TimeSpan.FromSeconds(60);

    private readonly TurnTotals[] _turns;

    /// <summary>From an interruption to the line that says why.</summary>
    private long LineWait => LoadSettings.Nanoseconds(_own.Settle / 2);

    private struct TurnTotals
    {
        public int Finished;
        public int Cut;
        public int Broken;
    }

    public override void OnReady(SimulatedDevice device, long now)
    {
        if (device.Numbered is { Role: DeviceRole.Arrival } numbered)
        {
            _newConnects++;
            numbered.IsClosed = false;
            SendPing(device, numbered, device.ConnectDue);
        }
    }

    /// <summary>An arrival pings when it has connected and before it leaves.</summary>
    private void OnArrivalPong(SimulatedDevice device, RestartDevice numbered, long due, long now)
    {
        if (numbered.Pings.Sent == 1)
        {
            device.Loop.Measure(ConnectLatency, due, now);
            device.Arm(now + LoadSettings.Nanoseconds(_own.Stay));
            return;
        }

        if (numbered.Pings.Outstanding == 0)
        {
            device.Drop();
            numbered.IsClosed = true;
            _ended += numbered.TakePings();
            ArmArrival(device, now);
        }
    }

    private static void ArmArrival(SimulatedDevice device, long now)
    {
        while (device.Mark2 <= now)
        {
            device.Mark2 += ArrivalPeriod;
        }

        device.Arm(device.Mark2);
    }

    private static void Ask(SimulatedDevice device, RestartDevice numbered, long now)
    {
        int sentences = device.Number % LongEvery == 0 ? LongSentences : Sentences;
        string words = numbered.Turns!.Ask(sentences);
        numbered.AskedAt = now;
        ArrayBufferWriter<byte> text = device.Loop.TextScratch;
        text.ResetWrittenCount();
        FirmwareMessages.WriteDetect(text, device.Session, words);
        device.Send(Opcode.Text, text.WrittenSpan);
    }

    private void OnTurnText(SimulatedDevice device, RestartDevice numbered, GatewayReply reply, ReadOnlySpan<byte> payload, long now)
    {
        TurnLedger turns = numbered.Turns!;
        switch (reply)
        {
            case GatewayReply.Stt:
                turns.ReceiveText(ReadText(payload));
                break;
            case GatewayReply.TtsSentence:
                turns.ReceiveSentence(ReadText(payload));
                break;
            default:
                TurnEnd end = turns.ReceiveStop();
                Count(numbered, end, now);
                device.Arm(now + (end == TurnEnd.Interrupted ? LineWait : Pause));
                break;
        }
    }

    /// <summary>
    /// A turn may be cut only after a restart, and after both had lasted as long as the restart waits. There is no upper bound, because the time of a
    /// restart is not judged here.
    /// </summary>
    private void Count(RestartDevice numbered, TurnEnd end, long now)
    {
        int window = _director!.Windows.Length - 1;
        while (window > 0 && (_director.Windows[window].From == 0 || now < _director.Windows[window].From))
        {
            window--;
        }

        long least = LoadSettings.Nanoseconds(_own.TurnWait ?? s_turnWait) - Tolerance;
        bool mayBeCut = window > 0 && now >= numbered.AskedAt + least && now >= _director.Windows[window].From + least;
        end = end == TurnEnd.Cut && !mayBeCut ? TurnEnd.Broken : end;
        ref TurnTotals totals = ref _turns[window];
        totals.Finished += end == TurnEnd.Finished ? 1 : 0;
        totals.Cut += end == TurnEnd.Cut ? 1 : 0;
        totals.Broken += end == TurnEnd.Broken ? 1 : 0;
    }

    /// <summary>The member <c>text</c> of a message.</summary>
    private static string ReadText(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("text"u8))
            {
                reader.Read();
                return reader.GetString() ?? "";
            }
        }

        return "";
    }
}
