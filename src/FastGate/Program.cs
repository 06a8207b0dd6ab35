Console.WriteLine("FastGate");
