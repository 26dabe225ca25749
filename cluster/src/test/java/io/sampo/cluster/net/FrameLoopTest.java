package io.sampo.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameLoopTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final ConnectionRules RULES = new ConnectionRules(8 << 20, 64, LONG, LONG, LONG);

  private final Traffic traffic = new Traffic();
  private final CompletableFuture<Throwable> broken = new CompletableFuture<>();
  private final FrameLoop loop =
      FrameLoop.start("test-frames", Runnable::run, traffic, broken::complete);
  private final BlockingQueue<Recorder> accepted = new LinkedBlockingQueue<>();

  @AfterEach
  void close() throws Exception {
    loop.close().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  @Test
  void framesArriveWholeAndInOrderBothWays() throws Exception {
    InetSocketAddress port = listen(RULES);
    Recorder client = new Recorder();
    FrameConnection connection = loop.connect(port, RULES, client);
    for (int i = 0; i < 20; i++) {
      connection.send(frame(i, i % 5 == 4 ? 3 << 20 : i));
    }
    Recorder server = taken(accepted);
    for (int i = 0; i < 20; i++) {
      ByteBuffer came = taken(server.frames);
      assertThat(came).isEqualTo(frame(i, i % 5 == 4 ? 3 << 20 : i));
    }
    FrameConnection back = Objects.requireNonNull(server.connection);
    back.send(ByteBuffer.allocate(4).putInt(0, 5), ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}));
    back.send(frame(7, 0), ByteBuffer.allocate(0));

    assertThat(taken(client.frames))
        .isEqualTo(ByteBuffer.wrap(new byte[] {0, 0, 0, 5, 1, 2, 3, 4, 5}));
    assertThat(taken(client.frames)).isEqualTo(frame(7, 0));
    assertThat(traffic.sentBytes()).isEqualTo(traffic.receivedBytes()).isGreaterThan(12 << 20);
  }

  @Test
  void aBrokenFrameEndsItsConnectionAndNoOther() throws Exception {
    InetSocketAddress port = listen(RULES);
    FrameConnection good = loop.connect(port, RULES, new Recorder());
    good.send(frame(1, 1));
    Recorder other = taken(accepted);
    try (Socket stranger = new Socket(port.getAddress(), port.getPort())) {
      stranger.getOutputStream().write(new byte[] {-1, -1, -1, -1});
      assertThat(taken(accepted).closed.get(30, TimeUnit.SECONDS))
          .get()
          .isInstanceOf(BrokenFrameException.class);
      assertThat(stranger.getInputStream().read()).isEqualTo(-1);
    }
    good.send(frame(2, 2));

    assertThat(taken(other.frames)).isEqualTo(frame(1, 1));
    assertThat(taken(other.frames)).isEqualTo(frame(2, 2));
  }

  @Test
  void whatAHandlerThrowsEndsItsConnection() throws Exception {
    IllegalStateException thrown = new IllegalStateException("planted");
    CompletableFuture<Optional<Throwable>> closed = new CompletableFuture<>();
    FrameHandler failing =
        new FrameHandler() {
          @Override
          public void onFrame(FrameConnection connection, ByteBuffer frame) {
            throw thrown;
          }

          @Override
          public void onClosed(FrameConnection connection, @Nullable Throwable cause) {
            closed.complete(Optional.ofNullable(cause));
          }
        };
    InetSocketAddress port =
        loop.listen(loopback(), RULES, remote -> failing)
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    Recorder client = new Recorder();
    loop.connect(port, RULES, client).send(frame(1, 1));

    assertThat(closed.get(30, TimeUnit.SECONDS)).contains(thrown);
    assertThat(client.closed.get(30, TimeUnit.SECONDS)).as("the other side ended it").isEmpty();
  }

  @Test
  void whoIsNotTakenIsDisconnectedAndNobodyElseNotices() throws Exception {
    AtomicBoolean refuses = new AtomicBoolean(true);
    InetSocketAddress port =
        loop.listen(
                loopback(),
                RULES,
                remote -> {
                  if (refuses.getAndSet(false)) {
                    throw new IllegalStateException("planted");
                  }
                  Recorder recorder = new Recorder();
                  accepted.add(recorder);
                  return recorder;
                })
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
    Recorder first = new Recorder();
    loop.connect(port, RULES, first);
    assertThat(first.closed.get(30, TimeUnit.SECONDS)).as("the other side ended it").isEmpty();

    loop.connect(port, RULES, new Recorder()).send(frame(1, 1));

    assertThat(taken(taken(accepted).frames)).isEqualTo(frame(1, 1));
    assertThat(broken).isNotDone();
  }

  @Test // a node that went on without the loop would copy nothing, and nobody would take over
  void whatBreaksTheLoopIsToldAndEndsAll() throws Exception {
    InetSocketAddress port = listen(RULES);
    Recorder client = new Recorder();
    loop.connect(port, RULES, client).send(frame(1, 1));
    Recorder server = taken(accepted);
    taken(server.frames);
    AssertionError thrown = new AssertionError("planted");

    loop.execute(
        () -> {
          throw thrown;
        });

    assertThat(broken.get(30, TimeUnit.SECONDS)).isSameAs(thrown);
    assertThat(List.of(client.closed.get(30, TimeUnit.SECONDS), server.closed.get()))
        .containsOnly(Optional.empty());
    loop.close().toCompletableFuture().get(30, TimeUnit.SECONDS);
    try (ServerSocket again = new ServerSocket()) {
      again.bind(port); // the port is free
    }
  }

  @Test // as where no file descriptor is left: without a rest it would be ready again at once
  void aPortThatCanNotTakeAnybodyRestsFromTickToTick() throws Exception {
    try (RefusingPort port = new RefusingPort();
        Selector selector = Selector.open()) {
      FrameListener listener = new FrameListener(loop, port, RULES, remote -> new Recorder());
      ReadyKey key = new ReadyKey(port, selector);
      listener.listen(key.interestOps(SelectionKey.OP_ACCEPT));

      listener.onReady();
      assertThat(listener.isPausing()).isTrue();
      assertThat(key.interestOps()).isZero();

      listener.goOn();
      assertThat(listener.isPausing()).isFalse();
      assertThat(key.interestOps()).isEqualTo(SelectionKey.OP_ACCEPT);

      key.cancel();
      listener.onReady(); // the port is being closed: nothing to rest from
      assertThat(listener.isPausing()).isFalse();
    }
  }

  @Test // the sender is not held up, and what arrives is whole
  void whatFindsNoRoomIsDropped() throws Exception {
    try (ServerSocket server = new ServerSocket()) {
      server.setReceiveBufferSize(32 << 10);
      server.bind(loopback());
      ConnectionRules few = new ConnectionRules(8 << 20, 3, LONG, LONG, LONG);
      FrameConnection connection =
          loop.connect((InetSocketAddress) server.getLocalSocketAddress(), few, new Recorder());
      try (Socket socket = server.accept()) {
        for (int i = 0; i < 50; i++) {
          connection.send(frame(i, 4 << 20));
        }
        connection.close();
        try (DataInputStream in = new DataInputStream(socket.getInputStream())) {
          int whole = 0;
          while (nextFrame(in)) {
            whole++;
          }
          assertThat(whole).isLessThan(50);
        }
      }
      assertThat(traffic.sentBytes()).isLessThan(50L * (4 << 20));
    }
  }

  /** Reads a frame, whichever it is; false when the stream ends, in it or before it. */
  private static boolean nextFrame(DataInputStream in) throws IOException {
    byte[] head = in.readNBytes(4);
    if (head.length < 4) {
      return false;
    }
    int length = ByteBuffer.wrap(head).getInt();
    byte[] content = in.readNBytes(length);
    if (content.length == length) {
      int seed = content[0] - 4;
      assertThat(ByteBuffer.wrap(content)).isEqualTo(frame(seed, length).position(4));
    }
    return content.length == length;
  }

  @Test
  void theSilentAreDisconnectedAndTheQuietAreTold() throws Exception {
    Duration soon = Duration.ofMillis(300);
    InetSocketAddress silent = listen(new ConnectionRules(1000, 4, LONG, soon, LONG));
    try (Socket socket = new Socket(silent.getAddress(), silent.getPort())) {
      socket.getOutputStream().write(frame(1, 1).array());
      assertThat(taken(accepted).closed.get(30, TimeUnit.SECONDS))
          .get()
          .isInstanceOf(SocketTimeoutException.class);
    }
    InetSocketAddress mute = listen(new ConnectionRules(1000, 4, soon, LONG, LONG));
    try (Socket socket = new Socket(mute.getAddress(), mute.getPort())) {
      socket.getOutputStream().write(1); // a byte is no frame
      assertThat(taken(accepted).closed.get(30, TimeUnit.SECONDS))
          .get()
          .isInstanceOf(SocketTimeoutException.class);
    }
    InetSocketAddress quiet = listen(new ConnectionRules(1000, 4, LONG, LONG, soon));
    try (Socket socket = new Socket(quiet.getAddress(), quiet.getPort());
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      out.write(frame(1, 1).array());
      assertThat(in.readNBytes(4))
          .as("what a recorder says when it is quiet")
          .isEqualTo(new byte[4]);
    }
  }

  @Test
  void aConnectionThatDoesNotComeAboutIsTold() throws Exception {
    InetSocketAddress nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = (InetSocketAddress) socket.getLocalSocketAddress();
    }
    Recorder client = new Recorder();
    FrameConnection connection = loop.connect(nobody, RULES, client);
    connection.send(frame(1, 1));

    assertThat(client.closed.get(30, TimeUnit.SECONDS)).get().isInstanceOf(ConnectException.class);
    assertThat(connection.isOpen()).isFalse();
    connection.send(frame(2, 2));
    assertThat(traffic.sentBytes()).isZero();
  }

  @Test
  void allEndsWithTheLoop() throws Exception {
    InetSocketAddress port = listen(RULES);
    Recorder client = new Recorder();
    FrameConnection connection = loop.connect(port, RULES, client);
    connection.send(frame(1, 1));
    Recorder server = taken(accepted);

    loop.close().toCompletableFuture().get(30, TimeUnit.SECONDS);

    assertThat(List.of(client.closed.get(), server.closed.get())).containsOnly(Optional.empty());
    connection.send(frame(2, 2));
    connection.close();
    try (ServerSocket again = new ServerSocket()) {
      again.bind(port); // the port is free
    }
  }

  private InetSocketAddress listen(ConnectionRules rules) throws Exception {
    return loop.listen(
            loopback(),
            rules,
            remote -> {
              Recorder recorder = new Recorder();
              accepted.add(recorder);
              return recorder;
            })
        .toCompletableFuture()
        .get(30, TimeUnit.SECONDS);
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private static ByteBuffer frame(int seed, int bytes) {
    ByteBuffer frame = ByteBuffer.allocate(4 + bytes).putInt(bytes);
    while (frame.hasRemaining()) {
      frame.put((byte) (seed + frame.position()));
    }
    return frame.flip();
  }

  private static <T> T taken(BlockingQueue<T> queue) throws InterruptedException {
    return Objects.requireNonNull(queue.poll(30, TimeUnit.SECONDS), "nothing came");
  }

  /** Keeps what it is told. */
  private static final class Recorder implements FrameHandler {
    final BlockingQueue<ByteBuffer> frames = new LinkedBlockingQueue<>();
    final CompletableFuture<Optional<Throwable>> closed = new CompletableFuture<>();
    volatile @Nullable FrameConnection connection;

    @Override
    public void onFrame(FrameConnection from, ByteBuffer frame) {
      connection = from;
      frames.add(frame);
    }

    @Override
    public void onQuiet(FrameConnection quiet) {
      quiet.send(ByteBuffer.allocate(4));
    }

    @Override
    public void onClosed(FrameConnection ended, @Nullable Throwable cause) {
      closed.complete(Optional.ofNullable(cause));
    }
  }
}
