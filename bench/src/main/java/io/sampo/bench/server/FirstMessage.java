package io.sampo.bench.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks a starting server over and over, as a client would: the route of the topic that others are
 * made from, then a send to the broker. Speaks the wire by hand, because a client's own start and
 * its waits between attempts would hide the server's.
 */
final class FirstMessage {
  private static final int GET_ROUTE = 105;
  private static final int SEND = 10;
  private static final int SOCKET_TIMEOUT_MS = 2_000;
  private static final Pattern CODE = Pattern.compile("\"code\":(-?\\d+)");
  private static final String HEADER_START = "{\"code\":";
  private static final String HEADER_MIDDLE =
      ",\"language\":\"JAVA\",\"version\":475,\"opaque\":1,\"flag\":0,\"extFields\":{";
  private static final String ROUTE_FIELDS = "\"topic\":\"TBW102\"";
  private static final String SEND_FIELDS =
      "\"producerGroup\":\"bench-first\",\"topic\":\"bench-first\",\"defaultTopic\":\"TBW102\","
          + "\"defaultTopicQueueNums\":\"4\",\"queueId\":\"0\",\"sysFlag\":\"0\","
          + "\"bornTimestamp\":\"0\",\"flag\":\"0\",\"properties\":\"\",\"reconsumeTimes\":\"0\","
          + "\"unitMode\":\"false\",\"batch\":\"false\"";

  private FirstMessage() {}

  /** Waits until something listens. */
  static void awaitListening(int port, ServerProcess process, long deadlineNanos)
      throws IOException, InterruptedException {
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(address(port), SOCKET_TIMEOUT_MS);
        return;
      } catch (IOException e) {
        pause(process, deadlineNanos, e);
      }
    }
  }

  /** Waits until a message is accepted. */
  static void awaitAccepted(
      int nameServerPort, int brokerPort, ServerProcess process, long deadlineNanos)
      throws IOException, InterruptedException {
    byte[] body = "first".getBytes(StandardCharsets.UTF_8);
    String failure = "nothing tried yet";
    while (true) {
      IOException cause = null;
      try {
        int route = ask(nameServerPort, GET_ROUTE, ROUTE_FIELDS, new byte[0]);
        int sent = route == 0 ? ask(brokerPort, SEND, SEND_FIELDS, body) : -1;
        if (sent == 0) {
          return;
        }
        failure = "route answered " + route + ", send " + sent;
      } catch (IOException e) {
        cause = e;
        failure = String.valueOf(e.getMessage());
      }
      pause(process, deadlineNanos, new IOException("no message accepted: " + failure, cause));
    }
  }

  private static void pause(ServerProcess process, long deadlineNanos, IOException failure)
      throws IOException, InterruptedException {
    if (!process.isAlive() || System.nanoTime() - deadlineNanos > 0) {
      throw new IOException(
          "the server "
              + (process.isAlive() ? "isn't ready in time" : "ended")
              + "; its log ends with\n"
              + process.logTail(),
          failure);
    }
    TimeUnit.MILLISECONDS.sleep(5);
  }

  /** The answer's code. */
  private static int ask(int port, int requestCode, String fields, byte[] body) throws IOException {
    byte[] headerBytes =
        (HEADER_START + requestCode + HEADER_MIDDLE + fields + "}}")
            .getBytes(StandardCharsets.UTF_8);
    try (Socket socket = new Socket()) {
      socket.connect(address(port), SOCKET_TIMEOUT_MS);
      socket.setSoTimeout(SOCKET_TIMEOUT_MS);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      byte[] frame = new byte[8 + headerBytes.length + body.length];
      java.nio.ByteBuffer.wrap(frame)
          .putInt(4 + headerBytes.length + body.length)
          .putInt(headerBytes.length)
          .put(headerBytes)
          .put(body);
      out.write(frame);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = in.readNBytes(in.readInt());
      int headerLength = java.nio.ByteBuffer.wrap(answer).getInt() & 0xFFFFFF;
      Matcher code = CODE.matcher(new String(answer, 4, headerLength, StandardCharsets.UTF_8));
      if (!code.find()) {
        throw new IOException("an answer without a code");
      }
      return Integer.parseInt(code.group(1));
    }
  }

  private static InetSocketAddress address(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
