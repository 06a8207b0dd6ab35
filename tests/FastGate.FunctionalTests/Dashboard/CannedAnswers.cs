namespace FastGate.FunctionalTests.Dashboard;

/// <summary>Answers of the admin API in the form of the real ones, with names that contain markup.</summary>
internal static class CannedAnswers
{
    /// <summary>Would set a variable of the page if it became markup.</summary>
    public const string Hostile = "<img src=x onerror=window.hacked=1>";

    public const string HostileInPath = "%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D1%3E";

    public const string Kitchen = "aa:bb:cc:00:00:01";

    public const string KitchenInPath = "aa%3Abb%3Acc%3A00%3A00%3A01";

    private const string Device =
        """
        {
          "deviceId": "ID", "clientId": "<script>window.hacked=1</script>", "sessionId": "5b2f", "remoteAddress": "10.20.0.7:51034",
          "identitySource": "header device-id", "phase": "Open", "connectedAt": "2026-11-28T05:00:00Z", "idleSeconds": 3.4, "helloSeen": true, "audio": "V1",
          "firmware": "1.9.4", "board": "<b>bread-compact-wifi</b>", "tags": ["kitchen", "<i>beta</i>"], "reportedAt": "2026-11-28T04:59:58Z",
          "language": "En", "offersTools": true, "connected": true, "counters": {"turns": 42, "failedTurns": 1, "cancelledTurns": 3, "endedConnections": 4},
          "lastTurns": [{"at": "2026-11-28T05:12:00Z", "outcome": "completed", "endpointMs": 480, "recognitionMs": 120, "waitMs": 1, "firstTextMs": 310, "firstSoundMs": 190, "answerMs": 1101, "totalMs": 6400}],
          "lastEnds": [{"at": "2026-11-28T04:59:00Z", "reason": "peer_vanished", "ageSeconds": 7261}]
        }
        """;

    public static Dictionary<string, (int Status, string Body)> All() => new()
    {
        ["GET devices"] = (200, $$"""{"total": 15000, "devices": [{{Of(Hostile)}}, {{Of(Kitchen)}}], "next": "{{Kitchen}}"}"""),
        [$"GET devices/{HostileInPath}"] = (200, Of(Hostile)),
        [$"GET devices/{KitchenInPath}"] = (200, Of(Kitchen)),
        [$"GET devices/{HostileInPath}/commands"] = (200, """{"total":0,"commands":[],"next":null}"""),
        [$"GET devices/{KitchenInPath}/commands"] = (200, """{"total":2,"commands":[{"id":"12","tool":"self.audio_speaker.set_volume","state":"queued","createdAt":"2026-11-28T05:10:00Z"},{"id":"11","state":"acknowledged","createdAt":"2026-11-28T05:00:00Z","result":"<u>true</u>"}],"next":null}"""),
        [$"POST devices/{KitchenInPath}/kick"] = (200, "{}"),
        [$"POST devices/{KitchenInPath}/message"] = (202, "{}"),
        [$"POST devices/{KitchenInPath}/commands"] = (202, """{"id":"13","state":"queued"}"""),
        [$"PUT devices/{KitchenInPath}/tags"] = (200, "{}"),
        ["DELETE commands/12"] = (204, ""),
        ["POST kick"] = (202, """{"matched":15000}"""),
        ["POST message"] = (202, """{"matched":15000}"""),
        ["POST bans"] = (201, """{"id":3}"""),
        ["GET activations"] = (200, """{"activations":[{"deviceId":"<i>aa:bb</i>","board":"bread","address":"203.0.113.9","at":"2026-11-28T05:10:00Z","until":"2026-11-28T05:20:00Z"}]}"""),
        ["POST activations"] = (200, """{"deviceId":"aa:bb:cc:00:00:09"}"""),
        ["DELETE bans/2"] = (204, ""),
        ["GET bans"] = (200, """{"total":1,"bans":[{"id":2,"address":"203.0.113.0/24","at":"2026-11-28T04:00:00Z","until":"2026-11-28T06:00:00Z","reason":"<b>scanner</b>"}],"next":null}"""),
        ["GET handshakes"] = (200, $$"""{"total":341,"handshakes":[{"at":"2026-11-28T05:11:00Z","remoteAddress":"203.0.113.9:40211","target":"/<script>window.hacked=1</script>","deviceId":"{{Hostile}}","error":"MissingUpgrade","status":426,"headerNames":["Host"],"sources":[{"source":"query device-id","outcome":"missing"}]}]}"""),
        ["GET records"] = (200, """{"total":1,"records":[{"at":"2026-11-28T05:11:30Z","deviceId":"aa:bb:cc:00:00:01","address":"10.20.0.7","reason":"peer_vanished"}],"next":null}"""),
        ["GET explain"] = (200, """{"verdict":"proxy_strips_upgrade","remedy":{"en":"The proxy removes the Upgrade header: <b>forward it</b>.","zh":"代理去掉了 Upgrade 请求头：请转发该请求头。"}}"""),
        ["GET drain"] = (200, """{"state":"draining","startedAt":"2026-11-28T05:20:00Z","filter":"firmware=1.9.4","rate":1000,"close":1012,"closed":4200,"refused":37,"waiting":0,"remaining":10800}"""),
        ["POST drain"] = (202, """{"state":"draining"}"""),
        ["DELETE drain"] = (200, """{"state":"none"}"""),
        ["GET status"] = (200, """{"version":"0.1.0","startedAt":"2026-11-28T03:00:00Z","uptimeSeconds":9000,"ready":true,"reasons":[],"listeners":{"devices":"0.0.0.0:8000","http":"0.0.0.0:8003","admin":"127.0.0.1:8002"},"restart":{"restarts":2}}"""),
        ["GET nodes"] = (200, """{"node":"gw1:8000","nodes":[{"name":"gw1:8000","alive":true,"leaseAgeSeconds":1.2,"load":{"version":"0.1.0","devices":7500,"deviceLimit":10000,"turnsInProgress":3,"loops":[0.11,0.09],"residentBytes":188743680,"tags":["<i>beta</i>"],"url":"ws://gw1.example:8000/xiaozhi/v1/","draining":false}},{"name":"gw2:8000","alive":true,"leaseAgeSeconds":0.4,"load":{"version":"0.1.0","devices":7500,"deviceLimit":10000,"turnsInProgress":3,"loops":[0.11,0.09],"residentBytes":188743680,"tags":["<i>beta</i>"],"url":"ws://gw2.example:8000/xiaozhi/v1/","draining":true}},{"name":"gw3:8000","alive":false,"leaseAgeSeconds":700}],"devices":15000,"turnsInProgress":6}"""),
        ["POST nodes/gw1%3A8000/drain"] = (202, "{}"),
        ["DELETE nodes/gw2%3A8000/drain"] = (200, "{}"),
        ["GET log-level"] = (200, """{"levels":[{"category":"Default","level":"Information","source":"configuration"},{"category":"FastGate.Connections","level":"Debug","source":"operator","until":"2026-11-28T05:30:00Z"}]}"""),
        ["GET audit"] = (200, """{"total":2,"acts":[{"id":2,"at":"2026-11-28T05:20:00Z","role":"Operate","address":"127.0.0.1","act":"drain","target":"firmware=<b>1.9.4</b>","status":202,"outcome":"done","requestId":"5f0c2a1e9b7d4c3a8e6f1d2b3c4a5e6f"},{"id":1,"at":"2026-11-28T05:10:00Z","role":"Operate","address":"10.0.0.5","act":"device.kick","target":"aa:bb:cc:00:00:01","status":404,"outcome":"refused","requestId":"kick-17"}],"next":null}"""),
        ["PUT log-level"] = (200, """{"levels":[]}"""),
        ["POST reload"] = (200, """{"changed":true}"""),
        ["POST restart"] = (202, """{"restarts":2,"at":"2026-11-28T05:21:00Z"}"""),
        ["GET restart"] = (200, """{"restarts":3,"last":{"at":"2026-11-28T05:21:01Z","connections":15000,"closed":0,"bytes":1,"gapMs":380,"turnsWaited":3,"turnsCut":0}}"""),
        ["POST traces"] = (202, """{"id":7}"""),
        ["DELETE traces/7"] = (204, ""),
    };

    /// <summary>The event of one second.</summary>
    public static string Overview(int second, int devices = 15_000) =>
        $$"""
        {
          "at": "{{DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(second):O}}", "uptimeSeconds": {{86_400 + second}}, "devices": {{devices}}, "open": {{devices + 12}},
          "connects": {{20_000 + (second * 4) + (second % 3)}}, "ends": {"peer_closed": {{4_000 + (second * 3)}}, "peer_vanished": {{988 + second}}},
          "turns": {"completed": {{70_000 + (second * 25)}}, "failed": 12}, "stages": [{"name": "endpoint", "count": 70012, "meanMs": 480}, {"name": "first_sound", "count": 70012, "meanMs": 1040}],
          "llm": [{"name": "openai", "model": "gpt-<i>4o</i>", "breaker": "Closed", "inFlight": 3}, {"name": "backup", "model": "qwen", "breaker": "Open", "inFlight": 0}],
          "loops": [{"loop": 0, "connections": 7506, "busy": {{(0.11 + (second % 7 * 0.004)).ToString(System.Globalization.CultureInfo.InvariantCulture)}}}, {"loop": 1, "connections": 7506, "busy": 0.09}],
          "memory": {"residentBytes": {{188_743_680 + (second % 11 * 40_960)}}, "managedBytes": 41943040}
        }
        """.ReplaceLineEndings("");

    private static string Of(string id) => Device.Replace("ID", id, StringComparison.Ordinal).ReplaceLineEndings("");
}
