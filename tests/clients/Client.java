import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Holds the conversation of README.md with java.net.http. */
public final class Client {
    private static final String HELLO = "{\"type\":\"hello\",\"version\":1,\"transport\":\"websocket\","
            + "\"audio_params\":{\"format\":\"opus\",\"sample_rate\":16000,\"channels\":1,\"frame_duration\":60}}";

    public static void main(String[] arguments) throws Exception {
        converse(arguments[0], arguments[1], true);
        converse(arguments[0], arguments[2], false);
        System.exit(0);
    }

    private static void converse(String url, String text, boolean ping) throws Exception {
        Inbox inbox = new Inbox();
        WebSocket socket = HttpClient.newHttpClient().newWebSocketBuilder()
                .buildAsync(URI.create(url), inbox).get(30, TimeUnit.SECONDS);
        note("{\"event\":\"open\"}");
        socket.sendText(HELLO, true).get();
        inbox.until("\"type\":\"hello\"", "");
        socket.sendText("{\"type\":\"listen\",\"state\":\"detect\",\"text\":\"" + text + "\"}", true).get();
        inbox.until("\"type\":\"tts\"", "\"state\":\"stop\"");
        if (ping) {
            socket.sendText("{\"type\":\"ping\"}", true).get();
            inbox.until("\"type\":\"pong\"", "");
        }
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get();
        int code = inbox.closed.get(30, TimeUnit.SECONDS);
        note("{\"event\":\"closed\",\"code\":" + code + "}");
    }

    private static void note(String line) throws Exception {
        System.out.write((line + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        System.out.flush();
    }

    private static final class Inbox implements WebSocket.Listener {
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder partial = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                messages.add(partial.toString());
                partial.setLength(0);
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }

        void until(String first, String second) throws Exception {
            while (true) {
                String message = messages.poll(30, TimeUnit.SECONDS);
                if (message == null) {
                    throw new IllegalStateException("no message with " + first);
                }
                note(message);
                if (message.contains(first) && message.contains(second)) {
                    return;
                }
            }
        }
    }
}
