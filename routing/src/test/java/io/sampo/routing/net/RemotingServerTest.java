package io.sampo.routing.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.storage.log.LogSlice;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.header.OffsetResponseHeader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Real sockets on the loopback, a session that says back what it was asked. */
@Timeout(60)
class RemotingServerTest {
  private static final PortRole BROKER = PortRole.logGroup("broker-0");
  private static final CommandHeader ANY = new OffsetResponseHeader(1);
  private static final int READ_TIMEOUT_MILLIS = 20_000;

  private @Nullable RemotingServer server;
  private final List<Socket> sockets = new ArrayList<>();
  private final List<TestSlice> slices = new CopyOnWriteArrayList<>();
  private final List<String> threads = new CopyOnWriteArrayList<>();
  private final List<ClientConnection> opened = new CopyOnWriteArrayList<>();
  private volatile int answerBytes;

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    if (server != null) {
      server.stop(Duration.ofSeconds(1)).toCompletableFuture().join();
    }
    assertThat(slices).allMatch(slice -> slice.timesClosed() == 1);
  }

  private RemotingServer serve(NetSettings settings) throws IOException {
    RemotingServer bound = bind(settings);
    bound.serve(Echo::new);
    return bound;
  }

  private RemotingServer bind(NetSettings settings) throws IOException {
    Map<PortRole, Integer> wanted = new LinkedHashMap<>();
    wanted.put(PortRole.NAME_SERVER, 0);
    wanted.put(BROKER, 0);
    RemotingServer bound = RemotingServer.bind(settings, InetAddress.getLoopbackAddress(), wanted);
    server = bound;
    return bound;
  }

  /** Answers at once with the role of the port, or with records when the test wants bytes. */
  private final class Echo implements Session {
    private final ClientConnection connection;

    Echo(ClientConnection connection) {
      this.connection = connection;
      opened.add(connection);
      threads.add(Thread.currentThread().getName());
    }

    @Override
    public void onCommand(RemotingCommand command) {
      Exchange exchange = new Exchange(connection, command);
      connection.begin(exchange, 0);
      if (answerBytes > 0) {
        TestSlice slice = new TestSlice(answerBytes);
        slices.add(slice);
        exchange.answer(ANY, List.<LogSlice>of(slice));
      } else {
        exchange.answer(0, connection.role().toString());
      }
      command.release();
    }

    @Override
    public void onClosed() {}
  }

  private Socket connect(PortRole role) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    RemotingServer bound = server;
    assertThat(bound).isNotNull();
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), bound.port(role)), 10_000);
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    return socket;
  }

  private static byte[] request(int opaque) {
    ByteBuf frame =
        TestClient.frame(
            HeaderCodec.JSON, opaque, RequestCode.GET_MAX_OFFSET, false, ANY, new byte[0]);
    byte[] bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes);
    frame.release();
    return bytes;
  }

  /** The next frame's header, or null when the server closed the connection. */
  private static @Nullable String readAnswer(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    int first;
    try {
      first = in.read();
    } catch (SocketException reset) {
      return null;
    }
    if (first < 0) {
      return null;
    }
    byte[] rest = in.readNBytes(3);
    int frameBytes = ByteBuffer.allocate(4).put((byte) first).put(rest).flip().getInt();
    byte[] frame = in.readNBytes(frameBytes);
    return new String(frame, 4, frame.length - 4, StandardCharsets.UTF_8);
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - deadline).as(what).isNegative();
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  @Test
  void thePortOfARequestSaysWhoIsMeant() throws IOException {
    serve(TestSettings.roomy());

    for (PortRole role : List.of(PortRole.NAME_SERVER, BROKER)) {
      Socket socket = connect(role);
      socket.getOutputStream().write(request(1));
      assertThat(readAnswer(socket)).contains("\"remark\":\"" + role + "\"");
    }
    assertThat(threads).allMatch(name -> name.startsWith("sampo-net-"));
    assertThat(opened.get(0).remote().port()).isEqualTo(sockets.get(0).getLocalPort());
  }

  @Test
  void withoutEpollTheSelectorDoesTheSame() throws IOException {
    Map<PortRole, Integer> wanted = Map.of(BROKER, 0);
    RemotingServer bound =
        RemotingServer.bind(
            TestSettings.roomy(),
            InetAddress.getLoopbackAddress(),
            wanted,
            RemotingServer.Transport.NIO);
    server = bound;
    bound.serve(Echo::new);
    answerBytes = 100_000;
    Socket socket = connect(BROKER);
    for (int i = 0; i < 10; i++) {
      socket.getOutputStream().write(request(i));
      assertThat(readAnswer(socket)).hasSizeGreaterThan(100_000);
    }
  }

  @Test
  void clientsThatComeBeforeItServesAreAnsweredAfterwards() throws IOException {
    RemotingServer bound = bind(TestSettings.roomy());
    Socket early = connect(BROKER);
    early.getOutputStream().write(request(1));
    assertThat(opened).isEmpty();

    bound.serve(Echo::new);

    assertThat(readAnswer(early)).contains("broker-0");
  }

  @Test
  void clientsAreRefusedAtReservedPortsUntilTheyAreOpened() throws IOException {
    int free;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = probe.getLocalPort();
    }
    RemotingServer reserved =
        RemotingServer.reserve(
            TestSettings.roomy(),
            InetAddress.getLoopbackAddress(),
            Map.of(BROKER, free, PortRole.NAME_SERVER, 0));
    try {
      assertThat(reserved.port(BROKER)).isEqualTo(free);
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), free).close())
          .isInstanceOf(ConnectException.class);
      int drawn = reserved.port(PortRole.NAME_SERVER);
      new Socket(InetAddress.getLoopbackAddress(), drawn).close(); // any free one is kept

      reserved.openReserved();
      reserved.serve(Echo::new);

      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), free)) {
        socket.getOutputStream().write(request(1));
        assertThat(readAnswer(socket)).contains("broker-0");
      }
    } finally {
      reserved.stop(Duration.ZERO).toCompletableFuture().join();
    }
  }

  @Test
  void aTakenPortIsNamedAndNothingStaysBound() throws IOException {
    RemotingServer first = bind(TestSettings.roomy());
    Map<PortRole, Integer> wanted = new LinkedHashMap<>();
    wanted.put(PortRole.NAME_SERVER, 0);
    wanted.put(BROKER, first.port(BROKER));

    assertThatThrownBy(
            () ->
                RemotingServer.bind(TestSettings.roomy(), InetAddress.getLoopbackAddress(), wanted))
        .isInstanceOf(BindException.class)
        .hasMessageContaining("broker-0 port " + first.port(BROKER));
  }

  static List<Arguments> garbage() {
    long seed = System.nanoTime();
    byte[] noise = new byte[4096];
    new Random(seed).nextBytes(noise);
    noise[0] = (byte) 0xee; // a length that no frame has
    return List.of(
        Arguments.of("a TLS hello", new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3}),
        Arguments.of("HTTP", "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
        Arguments.of("noise of seed " + seed, noise),
        Arguments.of("a length of -1", new byte[] {-1, -1, -1, -1, 0, 0, 0, 0}),
        Arguments.of("a length of 0", new byte[] {0, 0, 0, 0, 0, 0, 0, 0}),
        Arguments.of("a length beyond the limit", new byte[] {0x7f, -1, -1, -1, 0, 0, 0, 0}),
        Arguments.of("a header that is no JSON", new byte[] {0, 0, 0, 6, 0, 0, 0, 2, '{', '{'}),
        Arguments.of("an unknown codec", new byte[] {0, 0, 0, 6, 9, 0, 0, 2, '{', '}'}),
        Arguments.of("a header beyond its frame", new byte[] {0, 0, 0, 6, 0, 0, 1, 0, '{', '}'}));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("garbage")
  void whatIsNoFrameClosesItsConnectionAndNoOther(String what, byte[] bytes) throws IOException {
    serve(TestSettings.roomy());
    Socket good = connect(BROKER);
    Socket bad = connect(BROKER);

    bad.getOutputStream().write(bytes);

    assertThat(readAnswer(bad)).as(what).isNull();
    good.getOutputStream().write(request(1));
    assertThat(readAnswer(good)).contains("broker-0");
  }

  @Test
  void aFrameThatNeverEndsIsForgottenWithItsConnection() throws Exception {
    RemotingServer bound = serve(TestSettings.roomy());
    Socket socket = connect(BROKER);
    socket.getOutputStream().write(request(1), 0, 30);
    await("accepted", () -> bound.connectionCount() == 1);

    socket.close();

    await("closed", () -> bound.connectionCount() == 0);
  }

  @Test
  void requestsInOneWriteAndByteByByteAreAllAnswered() throws IOException {
    serve(TestSettings.roomy());
    Socket socket = connect(BROKER);
    ByteBuf together = Unpooled.buffer();
    for (int i = 0; i < 100; i++) {
      together.writeBytes(request(i));
    }
    socket.getOutputStream().write(together.array(), 0, together.readableBytes());
    for (byte b : request(100)) {
      socket.getOutputStream().write(b);
      socket.getOutputStream().flush();
    }

    for (int i = 0; i <= 100; i++) {
      assertThat(readAnswer(socket)).contains("\"opaque\":" + i + ",");
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosedAndRoomIsUsedAgain() throws Exception {
    NetSettings settings =
        new NetSettings(
            1, 128, 3, TestSettings.limits(), Duration.ofSeconds(120), Duration.ofSeconds(10));
    RemotingServer bound = serve(settings);
    List<Socket> allowed = List.of(connect(BROKER), connect(BROKER), connect(PortRole.NAME_SERVER));
    await("accepted", () -> bound.connectionCount() == 3);

    assertThat(readAnswer(connect(BROKER))).isNull();
    allowed.get(0).close();
    await("closed", () -> bound.connectionCount() == 2);
    Socket next = connect(BROKER);
    next.getOutputStream().write(request(1));

    assertThat(readAnswer(next)).contains("broker-0");
  }

  @Test
  void aThousandIdleConnectionsDisturbNobody() throws Exception {
    RemotingServer bound =
        serve(
            new NetSettings(
                1,
                128,
                2000,
                TestSettings.limits(),
                Duration.ofSeconds(120),
                Duration.ofSeconds(10)));
    for (int i = 0; i < 1000; i++) {
      connect(BROKER);
    }
    await("accepted", () -> bound.connectionCount() == 1000);
    Socket busy = connect(BROKER);

    busy.getOutputStream().write(request(1));

    assertThat(readAnswer(busy)).contains("broker-0");
  }

  @Test
  void anIdleConnectionIsClosed() throws IOException {
    serve(
        new NetSettings(
            1, 128, 10, TestSettings.limits(), Duration.ofMillis(200), Duration.ofSeconds(10)));
    Socket socket = connect(BROKER);
    socket.getOutputStream().write(request(1));
    assertThat(readAnswer(socket)).isNotNull();

    assertThat(readAnswer(socket)).as("after the idle time").isNull();
  }

  @Test
  void aClientThatNeverReadsIsNotReadEitherAndThenClosed() throws Exception {
    NetSettings.Limits limits =
        new NetSettings.Limits(1 << 20, 1000, 1000, 1 << 20, 1 << 16, 8 << 20, 8 << 20, 8 << 20);
    RemotingServer bound = serve(TestSettings.with(limits));
    answerBytes = 512 * 1024;
    Socket stuck = connect(BROKER);
    Socket good = connect(BROKER);
    // In one write, so that all of it is read before the answers pile up.
    ByteBuf together = Unpooled.buffer();
    for (int i = 0; i < 200; i++) {
      together.writeBytes(request(i));
    }
    stuck.getOutputStream().write(together.array(), 0, together.readableBytes());

    await("closed", () -> bound.connectionCount() == 1);
    await("slices closed", () -> slices.stream().allMatch(slice -> slice.timesClosed() == 1));
    answerBytes = 0;
    good.getOutputStream().write(request(1));
    assertThat(readAnswer(good)).contains("broker-0");
  }

  @Test
  void recordsArriveWholeThroughASmallWindow() throws Exception {
    serve(TestSettings.roomy());
    answerBytes = 300_000;
    Socket slow = connect(BROKER);
    slow.getOutputStream().write(request(1));
    slow.getOutputStream().write(request(2));

    DataInputStream in = new DataInputStream(slow.getInputStream());
    for (int i = 1; i <= 2; i++) {
      int frameBytes = in.readInt();
      int headerBytes = in.readInt() & 0xff_ffff;
      assertThat(frameBytes - 4 - headerBytes).isEqualTo(300_000);
      in.skipNBytes(frameBytes - 4L);
    }
    await("slices closed", () -> slices.stream().allMatch(slice -> slice.timesClosed() == 1));
  }

  @Test
  void aClientThatStillSendsGetsItsAnswerWhenTheServerStops() throws Exception {
    RemotingServer bound = bind(TestSettings.roomy());
    List<Exchange> open = new CopyOnWriteArrayList<>();
    bound.serve(
        connection ->
            new Session() {
              @Override
              public void onCommand(RemotingCommand command) {
                Exchange exchange = new Exchange(connection, command);
                connection.begin(exchange, 0);
                open.add(exchange);
                if (open.size() > 1) {
                  exchange.answer(ANY);
                }
                command.release();
              }

              @Override
              public void onClosed() {}
            });
    Socket socket = new Socket();
    sockets.add(socket);
    socket.setReceiveBufferSize(4096); // most of the answer stays with the server
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), bound.port(BROKER)), 10_000);
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
    socket.getOutputStream().write(request(1));
    await("asked", () -> open.size() == 1);

    var stopping = bound.stop(Duration.ofSeconds(20)).toCompletableFuture();
    socket.getOutputStream().write(request(2)); // in time, or not
    TestSlice slice = new TestSlice(200_000);
    slices.add(slice);
    open.get(0).answer(ANY, List.<LogSlice>of(slice));
    stopping.get(20, TimeUnit.SECONDS);

    List<String> answers = new ArrayList<>();
    for (String answer = readAnswer(socket); answer != null; answer = readAnswer(socket)) {
      answers.add(answer);
    }
    assertThat(answers).hasSizeBetween(1, 2); // the second one may come too late
    assertThat(answers).anySatisfy(answer -> assertThat(answer).hasSizeGreaterThan(200_000));
  }

  @Test
  void aClientThatWritesWhileTheServerStopsMeetsTheEndAndNoReset() throws Exception {
    RemotingServer bound = serve(TestSettings.roomy());
    Socket socket = connect(BROKER);
    socket.getOutputStream().write(request(1));
    assertThat(readAnswer(socket)).contains("broker-0");

    CompletableFuture<Void> stopped = bound.stop(Duration.ofSeconds(5)).toCompletableFuture();

    InputStream in = socket.getInputStream();
    while (in.read() >= 0) {} // a reset would throw
    for (int i = 0; i < 100; i++) {
      socket.getOutputStream().write(request(i));
    }
    assertThat(stopped).isNotDone();
    socket.close();
    stopped.get(20, TimeUnit.SECONDS);
  }

  @Test
  void stoppingClosesEverythingAndFreesThePorts() throws Exception {
    RemotingServer bound = serve(TestSettings.roomy());
    int port = bound.port(BROKER);
    Socket socket = connect(BROKER);
    await("accepted", () -> bound.connectionCount() == 1);

    bound.stop(Duration.ofSeconds(5)).toCompletableFuture().get(20, TimeUnit.SECONDS);

    assertThat(readAnswer(socket)).isNull();
    assertThat(bound.connectionCount()).isZero();
    Map<PortRole, Integer> again = Map.of(BROKER, port);
    RemotingServer second =
        RemotingServer.bind(TestSettings.roomy(), InetAddress.getLoopbackAddress(), again);
    assertThat(second.port(BROKER)).isEqualTo(port);
    second.stop(Duration.ZERO).toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertThat(bound.stop(Duration.ZERO).toCompletableFuture()).isCompleted();
  }
}
