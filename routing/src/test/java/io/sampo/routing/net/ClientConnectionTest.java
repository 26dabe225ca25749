package io.sampo.routing.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.routing.net.TestClient.Answer;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.header.ConsumerGroupHeader;
import io.sampo.wire.header.OffsetResponseHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientConnectionTest {
  private static final CommandHeader ANY = new OffsetResponseHeader(1);

  /** Leaves every exchange open until the test answers it. */
  private static final class Silent implements Session {
    private final ClientConnection connection;
    private final List<Exchange> open = new ArrayList<>();
    private final long waitMillis;
    private boolean closed;

    Silent(ClientConnection connection, long waitMillis) {
      this.connection = connection;
      this.waitMillis = waitMillis;
    }

    @Override
    public void onCommand(RemotingCommand command) {
      Exchange exchange = new Exchange(connection, command);
      connection.begin(exchange, waitMillis);
      open.add(exchange);
      command.release();
    }

    @Override
    public void onClosed() {
      closed = true;
    }
  }

  private final List<TestClient> clients = new ArrayList<>();
  private @Nullable Silent session;

  private TestClient connect(NetSettings settings, long waitMillis, HeldBytes held) {
    TestClient client =
        new TestClient(
            PortRole.logGroup("broker-0"),
            settings,
            connection -> {
              Silent opened = new Silent(connection, waitMillis);
              session = opened;
              return opened;
            },
            held);
    clients.add(client);
    return client;
  }

  private TestClient connect(NetSettings settings) {
    return connect(settings, 0, new HeldBytes(settings.limits().heldBytes()));
  }

  private TestClient connect() {
    return connect(TestSettings.roomy());
  }

  private Silent session() {
    Silent opened = session;
    assertThat(opened).isNotNull();
    return opened;
  }

  @AfterEach
  void nothingLeaks() {
    clients.forEach(TestClient::close);
    clients.forEach(TestClient::assertNothingLeaked);
  }

  @Test
  void anAnswerCarriesTheNumberAndTheCodecOfItsRequest() {
    TestClient client = connect();
    client.write(
        TestClient.frame(
            HeaderCodec.ROCKETMQ, 77, RequestCode.GET_MAX_OFFSET, false, ANY, new byte[0]));

    session().open.get(0).answer(new OffsetResponseHeader(5));
    client.runTasks();

    ByteBuf raw = client.channel().readOutbound();
    assertThat(raw.getByte(4)).as("header codec").isEqualTo((byte) 1);
    client.channel().outboundMessages().add(raw);
    Answer answer = client.answer();
    assertThat(answer.opaque()).isEqualTo(77);
    assertThat(answer.isResponse()).isTrue();
    assertThat(answer.code()).isEqualTo(ResponseCode.SUCCESS);
    assertThat(answer.fields().int64("offset")).isEqualTo(5);
  }

  @Test
  void answersThatComeTogetherLeaveInOneFlushAndInOrder() {
    TestClient client = connect();
    client.sendTogether(100, RequestCode.GET_MAX_OFFSET, ANY);
    int before = client.flushCount();

    session().open.forEach(exchange -> exchange.answer(new OffsetResponseHeader(9)));
    List<Answer> answers = client.answers();

    assertThat(client.flushCount() - before).isEqualTo(1);
    assertThat(answers).hasSize(100);
    assertThat(answers.stream().map(Answer::opaque)).isSorted();
  }

  @Test
  void answersMadeWhileReadingLeaveInOneFlushAfterTheRead() {
    TestClient client =
        new TestClient(
            PortRole.logGroup("broker-0"),
            TestSettings.roomy(),
            connection ->
                new Session() {
                  @Override
                  public void onCommand(RemotingCommand command) {
                    Exchange exchange = new Exchange(connection, command);
                    connection.begin(exchange, 0);
                    exchange.answer(ANY);
                    command.release();
                  }

                  @Override
                  public void onClosed() {}
                });
    clients.add(client);

    client.sendTogether(50, RequestCode.GET_MAX_OFFSET, ANY);

    assertThat(client.flushCount()).isEqualTo(1);
    assertThat(client.answers()).hasSize(50);
  }

  @Test
  void theSecondAnswerToARequestIsGivenBack() {
    TestClient client = connect();
    client.send(RequestCode.PULL_MESSAGE, ANY);
    TestSlice late = new TestSlice("late");
    ByteBuf lateBody = Unpooled.buffer().writeInt(1);

    session().open.get(0).answer(ResponseCode.SYSTEM_ERROR, "first");
    session().open.get(0).answer(ANY, List.of(late));
    session().open.get(0).answer(ANY, lateBody);

    assertThat(client.answer().remark()).isEqualTo("first");
    assertThat(late.timesClosed()).isEqualTo(1);
    assertThat(lateBody.refCnt()).isZero();
  }

  @Test
  void recordsFollowTheirHeaderAndAreClosedOnceSent() {
    TestClient client = connect();
    client.send(RequestCode.PULL_MESSAGE, ANY);
    List<TestSlice> slices = List.of(new TestSlice("one,"), new TestSlice("two"));

    session().open.get(0).answer(new OffsetResponseHeader(3), List.copyOf(slices));
    Answer answer = client.answer();

    assertThat(answer.text()).isEqualTo("one,two");
    assertThat(slices).allMatch(slice -> slice.timesClosed() == 1);
  }

  @Test
  void bodiesOfAnySizeArriveWhole() {
    TestClient client = connect();
    for (int sizeBytes : new int[] {0, 1, 4096, 4097, 100_000}) {
      client.send(RequestCode.GET_ROUTEINFO_BY_TOPIC, ANY);
      byte[] body = new byte[sizeBytes];
      Arrays.fill(body, (byte) 7);
      ByteBuf buffer = Unpooled.wrappedBuffer(body);

      session().open.get(session().open.size() - 1).answer(ANY, buffer);

      assertThat(client.answer().body()).as("%d bytes", sizeBytes).isEqualTo(body);
    }
  }

  @Test
  void aOnewayRequestIsNeverAnsweredAndStillEnds() {
    TestClient client = connect();
    client.sendOneway(RequestCode.UPDATE_CONSUMER_OFFSET, ANY, new byte[0]);
    TestSlice slice = new TestSlice("unwanted");

    session().open.get(0).answer(ANY, List.of(slice));

    assertThat(client.answers()).isEmpty();
    assertThat(slice.timesClosed()).isEqualTo(1);
    client.timePasses(60);
    assertThat(client.answers()).isEmpty();
  }

  @Test
  void aRequestThatNobodyAnswersEndsAtItsDeadline() {
    TestClient client = connect();
    client.send(RequestCode.GET_MAX_OFFSET, ANY);

    client.timePasses(9);
    assertThat(client.answers()).isEmpty();
    client.timePasses(3);
    Answer answer = client.answer();

    assertThat(answer.code()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    assertThat(answer.remark()).contains("not known");
  }

  @Test
  void theTimeThatARequestAsksForIsAddedToItsDeadline() {
    NetSettings settings = TestSettings.roomy();
    TestClient client = connect(settings, 20_000, new HeldBytes(settings.limits().heldBytes()));
    client.send(RequestCode.PULL_MESSAGE, ANY);

    client.timePasses(29);
    assertThat(client.answers()).isEmpty();
    client.timePasses(3);
    assertThat(client.answers()).hasSize(1);
  }

  @Test
  void answersToAClosedConnectionAreGivenBack() {
    TestClient client = connect();
    client.send(RequestCode.PULL_MESSAGE, ANY);
    client.send(RequestCode.PULL_MESSAGE, ANY);
    TestSlice queued = new TestSlice("queued");
    TestSlice late = new TestSlice("late");
    ByteBuf lateBody = Unpooled.buffer().writeInt(1);
    session().open.get(0).answer(ANY, List.of(queued)); // for the loop's next turn
    client.channel().close();
    session().open.get(1).answer(ANY, List.of(late));
    client.runTasks();

    assertThat(session().closed).isTrue();
    assertThat(session().connection.isOpen()).isFalse();
    assertThat(queued.timesClosed()).isEqualTo(1);
    assertThat(late.timesClosed()).isEqualTo(1);
    session().open.get(1).answer(ANY, lateBody);
    assertThat(lateBody.refCnt()).isZero();
  }

  @Test
  void recordsThatTheTransportDoesNotTakeAreClosedWithTheConnection() {
    TestClient client = connect();
    StuckWrites.install(client.channel());
    client.send(RequestCode.PULL_MESSAGE, ANY);
    TestSlice slice = new TestSlice(1000);
    session().open.get(0).answer(ANY, List.of(slice));
    client.runTasks();
    assertThat(slice.timesClosed()).as("on its way").isZero();

    client.close();

    assertThat(slice.timesClosed()).isEqualTo(1);
  }

  @Test
  void anAnswerThatCannotBeEncodedClosesTheConnectionAndLeaksNothing() {
    TestClient client = connect();
    client.sendTogether(3, RequestCode.PULL_MESSAGE, ANY);
    TestSlice broken = new TestSlice("broken");
    TestSlice behind = new TestSlice("behind");
    session().open.get(0).answer(ANY);
    session()
        .open
        .get(1)
        .answer(
            out -> {
              throw new IllegalStateException("no fields");
            },
            List.of(broken));
    session().open.get(2).answer(ANY, List.of(behind));

    client.runTasks();

    assertThat(client.channel().isOpen()).isFalse();
    assertThat(broken.timesClosed()).isEqualTo(1);
    assertThat(behind.timesClosed()).isEqualTo(1);
  }

  @Test
  void aConnectionWithTooManyOpenRequestsIsReadAgainOnceSomeAreAnswered() {
    NetSettings.Limits few =
        new NetSettings.Limits(1 << 20, 16, 10, 1 << 20, 1 << 16, 1 << 20, 1 << 20, 1 << 22);
    TestClient client = connect(TestSettings.with(few));

    client.sendTogether(15, RequestCode.SEND_MESSAGE_V2, ANY);
    assertThat(client.channel().config().isAutoRead()).isTrue();
    client.send(RequestCode.SEND_MESSAGE_V2, ANY);
    assertThat(client.channel().config().isAutoRead()).isFalse();
    session().open.get(0).answer(ANY);
    client.runTasks();
    assertThat(client.channel().config().isAutoRead()).as("15 are open").isFalse();
    session().open.get(1).answer(ANY);
    client.runTasks();

    assertThat(client.channel().config().isAutoRead()).as("14 are open").isTrue();
  }

  @Test
  void requestsThatWaitDoNotStopTheReading() {
    NetSettings.Limits few =
        new NetSettings.Limits(1 << 20, 16, 20, 1 << 20, 1 << 16, 1 << 20, 1 << 20, 1 << 22);
    NetSettings settings = TestSettings.with(few);
    TestClient client = connect(settings, 1000, new HeldBytes(1 << 20));

    client.sendTogether(19, RequestCode.PULL_MESSAGE, ANY);

    assertThat(client.channel().config().isAutoRead()).isTrue();
    assertThat(session().connection.mayWait()).isTrue();
    client.send(RequestCode.PULL_MESSAGE, ANY);
    assertThat(session().connection.mayWait()).isFalse();
    session().open.get(7).answer(ANY);
    client.runTasks();
    assertThat(session().connection.mayWait()).isTrue();
  }

  @Test
  void aConnectionThatHoldsItsShareOfTheMemoryIsNotRead() {
    TestClient client = connect();
    client.send(RequestCode.SEND_MESSAGE_V2, ANY);

    session().connection.hold(1 << 17);
    assertThat(client.channel().config().isAutoRead()).isTrue();
    session().connection.hold(1 << 17);
    assertThat(client.channel().config().isAutoRead()).isFalse();
    session().connection.release(1);
    client.timePasses(1);

    assertThat(client.channel().config().isAutoRead()).isTrue();
    session().connection.release((1 << 18) - 1);
  }

  @Test
  void aConnectionIsNotReadWhileOthersFillTheMemory() {
    NetSettings settings = TestSettings.roomy();
    HeldBytes held = new HeldBytes(1 << 20);
    TestClient client = connect(settings, 0, held);
    client.send(RequestCode.SEND_MESSAGE_V2, ANY);
    held.add(1 << 20);

    session().connection.hold(1);
    assertThat(client.channel().config().isAutoRead()).isFalse();
    client.timePasses(5);
    assertThat(client.channel().config().isAutoRead()).isFalse();
    held.add(-(1 << 20));
    client.timePasses(1);

    assertThat(client.channel().config().isAutoRead()).isTrue();
    session().connection.release(1);
    assertThat(held.get()).isZero();
  }

  @Test
  void aClientThatDoesNotTakeItsAnswersIsNotReadAndThenClosed() {
    TestClient client = connect();
    StuckWrites.install(client.channel());
    List<TestSlice> slices = new ArrayList<>();
    client.sendTogether(40, RequestCode.PULL_MESSAGE, ANY);
    for (int i = 0; i < 40 && client.channel().isOpen(); i++) {
      TestSlice slice = new TestSlice(64 * 1024);
      slices.add(slice);
      session().open.get(i).answer(ANY, List.of(slice));
      client.runTasks();
      if (i == 1) {
        assertThat(client.channel().config().isAutoRead()).isFalse();
        assertThat(client.channel().isOpen()).isTrue();
      }
    }

    assertThat(client.channel().isOpen()).isFalse();
    assertThat(slices).as("1 MiB in pieces of 64 KiB").hasSizeBetween(16, 17);
    assertThat(slices).allMatch(slice -> slice.timesClosed() == 1);
  }

  @Test
  void theNodeCanSpeakFirst() {
    TestClient client = connect();

    session()
        .connection
        .sendOneway(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED, new ConsumerGroupHeader("G"));
    Answer request = client.answer();

    assertThat(request.code()).isEqualTo(RequestCode.NOTIFY_CONSUMER_IDS_CHANGED);
    assertThat(request.isResponse()).isFalse();
    assertThat(request.isOneway()).isTrue();
    assertThat(request.fields().text("consumerGroup")).isEqualTo("G");
  }

  @Test
  void stoppingWaitsForAnswersAndForAMomentOfSilence() {
    TestClient client = connect();
    client.send(RequestCode.SEND_MESSAGE_V2, ANY);
    session().connection.stop();
    client.millisPass(100);
    assertThat(client.channel().isOpen()).isTrue();

    session().open.get(0).answer(ANY);
    client.millisPass(4);
    assertThat(client.answers()).hasSize(1);
    client.sendAsOlderClient(RequestCode.SEND_MESSAGE_V2, ANY);
    client.millisPass(100);
    assertThat(client.channel().isOpen()).isTrue();
    session().open.get(1).answer(ANY); // it is served as ever
    client.millisPass(10);
    assertThat(client.answers()).extracting(Answer::code).containsExactly(ResponseCode.SUCCESS);

    assertThat(client.channel().isOpen()).isFalse();
  }

  @Test
  void stoppingSendsThoseAwayThatWait() {
    TestClient waiting = connect(TestSettings.roomy(), 10_000, new HeldBytes(1 << 20));
    waiting.send(RequestCode.PULL_MESSAGE, ANY);
    session().connection.stop();
    waiting.runTasks();
    assertThat(waiting.answers())
        .extracting(Answer::code)
        .containsExactly(ResponseCode.SERVICE_NOT_AVAILABLE);
    waiting.sendAsOlderClient(RequestCode.PULL_MESSAGE, ANY);
    waiting.millisPass(10);
    assertThat(waiting.answers())
        .extracting(Answer::code)
        .containsExactly(ResponseCode.SERVICE_NOT_AVAILABLE);
    assertThat(waiting.channel().isOpen()).isFalse();
  }

  @Test
  void stoppingSendsNewerClientsAway() {
    TestClient client = connect();
    client.send(RequestCode.SEND_MESSAGE_V2, ANY);
    session().connection.stop();
    client.runTasks();
    client.send(RequestCode.SEND_MESSAGE_V2, ANY);
    assertThat(client.answers()).extracting(Answer::code).containsExactly(ResponseCode.GO_AWAY);
    assertThat(session().open).hasSize(1);
    session().open.get(0).answer(ANY);
    client.millisPass(10);
    assertThat(client.channel().isOpen()).isFalse();
  }

  @Test
  void stoppingDoesNotWaitForEverForSilence() {
    TestClient client = connect();
    session().connection.stop();
    int sent = 0;
    while (client.channel().isOpen() && sent < 600) {
      client.sendAsOlderClient(RequestCode.SEND_MESSAGE_V2, ANY);
      session().open.get(sent++).answer(ANY);
      client.millisPass(2);
    }
    assertThat(sent).isBetween(490, 510);
    assertThat(client.answers()).hasSize(sent);
  }

  @Test
  void answersFromManyThreadsAllArrive() throws InterruptedException {
    // An embedded event loop belongs to one thread, so the threads only fill the stack here: the
    // first item is queued by this thread and the loop runs when they are done.
    TestClient client = connect();
    client.sendTogether(900, RequestCode.GET_MAX_OFFSET, ANY);
    List<Exchange> open = session().open;
    open.get(0).answer(ANY);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      int first = t;
      Thread thread =
          new Thread(
              () -> {
                for (int i = 1 + first; i < open.size(); i += 3) {
                  open.get(i).answer(ANY);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join(TimeUnit.SECONDS.toMillis(30));
    }

    assertThat(client.answers().stream().map(Answer::opaque).distinct()).hasSize(900);
  }
}
