package io.sampo.routing.boot;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Speaks the protocol by hand, one request at a time over one connection, so that what a node says
 * is seen as the bytes that any client would get.
 */
final class RawClient implements AutoCloseable {
  private static final String ANSWERS = "\"flag\":1,";
  private static final int READ_TIMEOUT_MS = 60_000;

  private final Socket socket;
  private final DataOutputStream out;
  private final DataInputStream in;

  RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(READ_TIMEOUT_MS);
    out = new DataOutputStream(socket.getOutputStream());
    in = new DataInputStream(socket.getInputStream());
  }

  /** An answer: its header as JSON and its body as text. */
  record Answer(String header, String body) {}

  /** Sends a request and waits for its answer; one after the other. */
  Answer ask(int code, Map<String, String> fields, String body) throws IOException {
    String fieldsJson =
        fields.entrySet().stream()
            .map(field -> '"' + field.getKey() + "\":\"" + field.getValue() + '"')
            .collect(Collectors.joining(","));
    byte[] header =
        ("{\"code\":"
                + code
                + ",\"flag\":0,\"language\":\"JAVA\",\"opaque\":1,\"version\":479,"
                + "\"serializeTypeCurrentRPC\":\"JSON\",\"extFields\":{"
                + fieldsJson
                + "}}")
            .getBytes(StandardCharsets.UTF_8);
    byte[] bodyBytes = body.getBytes(StandardCharsets.UTF_8);
    out.writeInt(4 + header.length + bodyBytes.length);
    out.writeInt(header.length);
    out.write(header);
    out.write(bodyBytes);
    out.flush();
    Answer answer = next();
    while (!answer.header().contains(ANSWERS)) {
      answer = next(); // what the node asks of its client meanwhile
    }
    return answer;
  }

  private Answer next() throws IOException {
    byte[] frame = in.readNBytes(in.readInt());
    int headerLength = (frame[1] & 0xff) << 16 | (frame[2] & 0xff) << 8 | (frame[3] & 0xff);
    return new Answer(
        new String(frame, 4, headerLength, StandardCharsets.UTF_8),
        new String(
            frame, 4 + headerLength, frame.length - 4 - headerLength, StandardCharsets.UTF_8));
  }

  /** Asks for a topic's route, and returns the answer's body. */
  String route(String topic) throws IOException {
    return ask(105, Map.of("topic", topic), "").body();
  }

  /** Sends a message to queue 0 of a topic that may have to be created. */
  Answer send(String topic, String body) throws IOException {
    return send(topic, 0, "", body);
  }

  /**
   * The same with a system flag and properties.
   *
   * @param properties encoded, and escaped as in JSON
   */
  Answer send(String topic, int sysFlag, String properties, String body) throws IOException {
    return ask(
        310,
        Map.ofEntries(
            Map.entry("a", "producers"),
            Map.entry("b", topic),
            Map.entry("c", "TBW102"),
            Map.entry("d", "4"),
            Map.entry("e", "0"),
            Map.entry("f", Integer.toString(sysFlag)),
            Map.entry("g", "1700000000000"),
            Map.entry("h", "0"),
            Map.entry("i", properties),
            Map.entry("j", "0"),
            Map.entry("k", "false"),
            Map.entry("m", "false")),
        body);
  }

  /** The header of the answer to how far queue 0 of a topic goes. */
  String maxOffset(String topic) throws IOException {
    return ask(30, Map.of("topic", topic, "queueId", "0"), "").header();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
