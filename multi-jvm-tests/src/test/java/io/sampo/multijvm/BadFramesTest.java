package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawFrame;
import io.sampo.multijvm.raw.Requests;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that are no frames: the connection is closed, nobody else notices. */
class BadFramesTest extends HostileTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final byte[] NONE = {};

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of("an HTTP request", ascii("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        Arguments.of("ones only", filled(64, 0xFF)),
        Arguments.of("a negative length", withLength(-16, filled(64, 0))),
        Arguments.of("length zero", withLength(0, filled(64, 0))),
        Arguments.of("no room for the header's length", withLength(3, filled(64, 0))),
        Arguments.of("a length of two gigabytes", withLength(Integer.MAX_VALUE, filled(64, 0))),
        Arguments.of("a length of 16 MiB and one", withLength((16 << 20) + 1, filled(64, 0))),
        Arguments.of(
            "a header longer than its frame", withLength(8, ints(RawFrame.JSON << 24 | 100, 0))),
        Arguments.of("a header that is not JSON", RawFrame.frame(0, ascii("not JSON"), NONE)),
        Arguments.of("a header that is half JSON", RawFrame.frame(0, ascii("{\"code\":1"), NONE)),
        Arguments.of("an empty header", RawFrame.frame(0, NONE, NONE)),
        Arguments.of("serialize type 2", RawFrame.frame(2, ascii("{\"code\":105}"), NONE)),
        Arguments.of("serialize type 255", RawFrame.frame(255, ascii("{\"code\":105}"), NONE)),
        Arguments.of("a binary header cut short", RawFrame.frame(1, filled(7, 0), NONE)),
        Arguments.of("a binary header of ones", RawFrame.frame(1, filled(64, 0xFF), NONE)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void whatIsNoFrameClosesItsConnectionOnEveryPort(String what, byte[] bytes) {
    for (int port : List.of(node().brokerPort(), node().nameServerPort())) {
      try (RawConnection connection = RawConnection.open(port)) {
        connection.write(bytes);
        assertThat(connection.isClosedWithin(SOON)).as(what).isTrue();
      }
    }
  }

  @Test
  void aBadFrameAfterGoodOnesClosesTheConnectionToo() {
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      String topic = Names.fresh("Good");
      assertThat(
              connection
                  .call(Requests.SEND_MESSAGE_V2, Requests.send(topic, 0, ""), filled(10, 1))
                  .code())
          .isEqualTo(Requests.SUCCESS);
      connection.write(RawFrame.frame(0, ascii("not JSON"), NONE));
      assertThat(connection.isClosedWithin(SOON)).isTrue();
    }
  }

  @Test
  void aFrameThatIsCutOffByTheEndOfTheConnectionIsForgotten() {
    String topic = Names.fresh("Cut");
    byte[] whole =
        RawFrame.request(
            Requests.SEND_MESSAGE_V2, 1, Requests.send(topic, 0, ""), filled(1_000, 1));
    for (int cut : new int[] {1, 3, 4, 7, 8, 50, whole.length - 1}) {
      try (RawConnection connection = RawConnection.open(node().brokerPort())) {
        connection.write(Arrays.copyOf(whole, cut));
      }
    }
    try (RawConnection connection = RawConnection.open(node().nameServerPort())) {
      assertThat(connection.call(Requests.GET_ROUTE, Map.of("topic", topic)).code())
          .as("none of the halves may have made the topic")
          .isEqualTo(Requests.TOPIC_NOT_EXIST);
    }
  }

  @Test
  void aFrameThatComesByteByByteIsAnswered() {
    byte[] request = RawFrame.request(Requests.GET_ROUTE, 7, Map.of("topic", "TBW102"), NONE);
    try (RawConnection connection = RawConnection.open(node().nameServerPort())) {
      for (byte each : request) {
        connection.write(new byte[] {each});
      }
      assertThat(connection.read(SOON).orElseThrow().opaque()).isEqualTo(7);
    }
  }

  @Test
  void jsonNestedTooDeeplyDoesNotHurt() {
    String nested = "{\"code\":105,\"opaque\":1,\"extFields\":" + "[".repeat(500_000);
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      connection.write(RawFrame.frame(0, ascii(nested), NONE));
      assertThat(connection.isClosedWithin(SOON)).isTrue();
    }
  }

  /** Whether such a connection is closed depends on the bytes; that nobody else is hurt doesn't. */
  @Test
  void randomBytesDoNotHurt() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<RawConnection> connections = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[8 + random.nextInt(2_000)];
      random.nextBytes(bytes);
      if (random.nextBoolean()) { // plausible lengths, so that the rest is looked at
        ByteBuffer.wrap(bytes)
            .putInt(bytes.length - 4)
            .putInt(random.nextInt(2) << 24 | random.nextInt(bytes.length));
      }
      connections.add(writeToOne(bytes));
    }
    connections.forEach(RawConnection::close);
  }

  private RawConnection writeToOne(byte[] bytes) {
    RawConnection connection = RawConnection.open(node().brokerPort());
    try {
      connection.write(bytes);
    } catch (UncheckedIOException closedAlready) {
      return connection;
    }
    return connection;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] ints(int first, int second) {
    return ByteBuffer.allocate(8).putInt(first).putInt(second).array();
  }

  private static byte[] withLength(int length, byte[] rest) {
    return ByteBuffer.allocate(4 + rest.length).putInt(length).put(rest).array();
  }
}
