package io.sampo.multijvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.multijvm.harness.Await;
import io.sampo.multijvm.raw.RawConnection;
import io.sampo.multijvm.raw.RawFrame;
import io.sampo.multijvm.raw.RawResponse;
import io.sampo.multijvm.raw.Requests;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Clients that take more than their share: of connections, of memory, of patience. Memory is
 * measured from outside, as what no file backs, so that pages of the mapped log don't count; the
 * bounds are far below what the asked-for bytes would need.
 */
class GreedyClientsTest extends HostileTest {
  private static final long MEBIBYTE = 1024 * 1024;
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @Test
  void aThousandIdleConnectionsAreCarriedAlong() {
    long before = node().figures().anonymousBytes();
    List<RawConnection> idle = new ArrayList<>();
    try {
      for (int i = 0; i < 1_000; i++) {
        idle.add(RawConnection.open(node().brokerPort()));
      }
      theNodeAndItsOtherClientsNoticedNothing();
      for (RawConnection connection : idle.subList(990, 1_000)) { // none was turned away
        assertThat(connection.call(Requests.GET_ROUTE, Map.of("topic", "TBW102")).flag() & 1)
            .isOne();
      }
      assertGrownByLessThan(before, 64);
    } finally {
      idle.forEach(RawConnection::close);
    }
  }

  /** Each announces a frame of 15 MiB, 3 GB together, and sends the first bytes of it. */
  @Test
  void connectionsThatPromiseGreatFramesCostNothingUntilTheySendThem() {
    long before = node().figures().anonymousBytes();
    byte[] begun = ByteBuffer.allocate(1_000).putInt((int) (15 * MEBIBYTE)).putInt(100).array();
    List<RawConnection> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        RawConnection connection = RawConnection.open(node().brokerPort());
        connection.write(begun);
        slow.add(connection);
      }
      theNodeAndItsOtherClientsNoticedNothing();
      assertGrownByLessThan(before, 64);
    } finally {
      slow.forEach(RawConnection::close);
    }
  }

  /** Each pull is worth more than 200 KB, all of them more than 4 GB. */
  @Test
  void aClientThatAsksForMuchAndNeverReadsIsHeldBackOrCutOff() throws IOException {
    String topic = Names.fresh("Unread");
    fill(topic);
    long before = node().figures().anonymousBytes();
    byte[] request =
        RawFrame.request(
            Requests.PULL_MESSAGE, 1, Requests.pull("raw-consumer", topic, 0, 0, 0), new byte[0]);
    ByteBuffer thousand = ByteBuffer.allocate(1_000 * request.length);
    while (thousand.hasRemaining()) {
      thousand.put(request);
    }
    List<SocketChannel> unread = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        unread.add(connect());
      }
      for (int i = 0; i < 5; i++) {
        for (SocketChannel channel : unread) {
          writeWhatItTakes(channel, thousand.duplicate().flip());
        }
        theNodeAndItsOtherClientsNoticedNothing();
      }
      assertGrownByLessThan(before, 128);
    } finally {
      for (SocketChannel channel : unread) {
        channel.close();
      }
    }
  }

  /**
   * Many clients that send great bodies at once, more together than the node's heap. Some may be
   * cut off; as a producer does, they connect again and repeat.
   */
  @Test
  void moreBytesOnTheirWayThanMemoryAreTakenInTheEnd() throws InterruptedException {
    String topic = Names.fresh("Heavy");
    byte[] body = new byte[(int) (4 * MEBIBYTE)];
    int clients = 80;
    long end = System.nanoTime() + LIMIT.toNanos();
    CountDownLatch taken = new CountDownLatch(clients);
    for (int i = 0; i < clients; i++) {
      Thread sender =
          new Thread(
              () -> {
                while (!isTaken(topic, body) && System.nanoTime() - end < 0) {
                  Await.breathe(Duration.ofMillis(20));
                }
                taken.countDown();
              });
      sender.setDaemon(true);
      sender.start();
    }
    assertThat(taken.await(2 * LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(System.nanoTime() - end).as("nanoseconds over time").isNegative();
  }

  private boolean isTaken(String topic, byte[] body) {
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      RawResponse answer =
          connection.call(Requests.SEND_MESSAGE_V2, Requests.send(topic, 0, ""), body);
      return answer.code() == Requests.SUCCESS;
    } catch (UncheckedIOException cutOff) {
      return false;
    }
  }

  private void fill(String topic) {
    byte[] body = new byte[8 * 1024];
    Arrays.fill(body, (byte) 7);
    try (RawConnection connection = RawConnection.open(node().brokerPort())) {
      for (int i = 0; i < 64; i++) {
        assertThat(
                connection.call(Requests.SEND_MESSAGE_V2, Requests.send(topic, 0, ""), body).code())
            .isEqualTo(Requests.SUCCESS);
      }
    }
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.SO_RCVBUF, 16 * 1024);
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node().brokerPort()));
    channel.configureBlocking(false);
    return channel;
  }

  /** As much as the socket takes in a second; a node that stops reading or hangs up is right. */
  private static void writeWhatItTakes(SocketChannel channel, ByteBuffer bytes) {
    long end = System.nanoTime() + Duration.ofSeconds(1).toNanos();
    try {
      while (bytes.hasRemaining() && System.nanoTime() - end < 0) {
        if (channel.write(bytes) == 0) {
          Await.breathe(Duration.ofMillis(5));
        }
      }
    } catch (IOException cutOff) {
      return;
    }
  }

  /** The heap may still grow into its limit for reasons of its own, so it is given a moment. */
  private void assertGrownByLessThan(long before, int mebibytes) {
    Await.until(
        () ->
            "grown by less than "
                + mebibytes
                + " MiB; it is "
                + (node().figures().anonymousBytes() - before) / MEBIBYTE,
        LIMIT,
        () -> node().figures().anonymousBytes() - before < mebibytes * MEBIBYTE);
  }
}
