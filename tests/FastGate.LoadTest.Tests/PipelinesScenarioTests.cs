namespace FastGate.LoadTest.Tests;

public class PipelinesScenarioTests(LoadFixture servers) : ClientScenarioTests(servers, "pipelines");
