using System.Buffers;
using System.Buffers.Binary;
using FastGate.LoadTest.Devices;
using FastGate.LoadTest.Load;
using FastGate.LoadTest.Restarts;
using FastGate.Protocol.Framing;

namespace FastGate.LoadTest.Scenarios;

/// <summary>The numbered pings and the second hellos.</summary>
internal sealed partial class RestartScenario
{
    private const int Ping = 0;

    /// <summary>Between the two parts of a frame that is cut.</summary>
    private const long CutTime = 30_000_000;

    /// <summary>One in so many pinging devices cuts a frame, and one in so many sends a message in fragments.</summary>
    private const int CutEvery = 10;

    public override void OnPong(SimulatedDevice device, ReadOnlySpan<byte> payload, long now)
    {
        if (device.Numbered is not { } numbered)
        {
            return;
        }

        if (numbered.AnswerPing(payload.Length == 8 ? BinaryPrimitives.ReadInt64BigEndian(payload) : -1) is not { } due)
        {
            return;
        }

        device.Loop.Counters.Operations++;
        if (numbered.Role == DeviceRole.Arrival)
        {
            OnArrivalPong(device, numbered, due, now);
            return;
        }

        device.Loop.Measure(Ping, due, now);
        _director!.CountAnswer(due);
        foreach (GapWindow window in _director.Windows)
        {
            window.Answer(numbered, due, now);
        }
    }

    /// <summary>A ping is a text message and a numbered control frame behind it. Some devices cut the bytes in two, others send the message in fragments.</summary>
    private void SendPing(SimulatedDevice device, RestartDevice numbered, long due)
    {
        ArrayBufferWriter<byte> output = device.Loop.TextScratch;
        output.ResetWrittenCount();
        ReadOnlySpan<byte> text = FirmwareMessages.Ping;
        bool isPinging = numbered.Role == DeviceRole.Pinging;
        if (isPinging && device.Number % CutEvery == 1)
        {
            int at = 1 + device.Random.Below(text.Length - 1);
            FrameWriter.WriteMaskedFrame(output, Opcode.Text, fin: false, text[..at], (uint)device.Random.Next());
            FrameWriter.WriteMaskedFrame(output, Opcode.Continuation, fin: true, text[at..], (uint)device.Random.Next());
        }
        else
        {
            FrameWriter.WriteMaskedFrame(output, Opcode.Text, fin: true, text, (uint)device.Random.Next());
        }

        bool isCut = isPinging && device.Number % CutEvery <= 1;
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(number, numbered.SendPing(isCut ? due + CutTime : due));
        FrameWriter.WriteMaskedFrame(output, Opcode.Ping, fin: true, number, (uint)device.Random.Next());
        device.Loop.Counters.Sent += 2;
        if (isCut)
        {
            int at = 1 + device.Random.Below(output.WrittenCount - 1);
            numbered.Rest = output.WrittenSpan[at..].ToArray();
            device.SendBytes(output.WrittenSpan[..at]);
            device.Arm(due + CutTime);
            return;
        }

        device.SendBytes(output.WrittenSpan);
        if (isPinging)
        {
            device.Arm(due + _pingPeriod);
        }
    }

    private int RoundsBegun(long now)
    {
        int round = 0;
        while (round < _own.Restarts && now >= _director!.HelloAt(_at, round + 1))
        {
            round++;
        }

        return round;
    }

    private void SayHelloAgain(SimulatedDevice device, RestartDevice numbered, long due)
    {
        while (numbered.HellosSent < RoundsBegun(due))
        {
            numbered.HellosSent++;
            device.Send(Opcode.Text, FirmwareMessages.Hello);
        }
    }

    private void ArmHello(SimulatedDevice device, RestartDevice numbered)
    {
        if (numbered.HellosSent < _own.Restarts)
        {
            long spread = LoadSettings.Nanoseconds(_own.HelloSpread) * 3 / 4;
            device.Arm(_director!.HelloAt(_at, numbered.HellosSent + 1) + (long)(device.Random.Share() * spread));
        }
    }
}
