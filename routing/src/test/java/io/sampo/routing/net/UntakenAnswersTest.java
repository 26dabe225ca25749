package io.sampo.routing.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.header.OffsetResponseHeader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UntakenAnswersTest {
  private static final CommandHeader ANY = new OffsetResponseHeader(1);

  private final List<TestClient> clients = new ArrayList<>();

  @AfterEach
  void nothingLeaks() {
    clients.forEach(TestClient::close);
    clients.forEach(TestClient::assertNothingLeaked);
  }

  private static TestSlice copy(int bytes) {
    return new TestSlice(bytes) {
      @Override
      public boolean isCopy() {
        return true;
      }
    };
  }

  /** Far more views of files than that may be waited for. */
  private static NetSettings littleMemory() {
    return TestSettings.with(
        new NetSettings.Limits(1 << 17, 1000, 1000, 1 << 20, 1 << 16, 1 << 24, 1 << 18, 1 << 19));
  }

  /** A client whose requests the test answers. */
  private TestClient connect(List<Exchange> open, AnswerMemory answers) {
    TestClient client =
        new TestClient(
            PortRole.logGroup("broker-0"),
            littleMemory(),
            connection ->
                new Session() {
                  @Override
                  public void onCommand(RemotingCommand command) {
                    Exchange exchange = new Exchange(connection, command);
                    connection.begin(exchange, 0);
                    open.add(exchange);
                    command.release();
                  }

                  @Override
                  public void onClosed() {}
                },
            new HeldBytes(1 << 20),
            answers);
    clients.add(client);
    return client;
  }

  @Test
  void answersThatTakeMemoryMayBeFarFewerThanRecords() {
    for (boolean copies : new boolean[] {true, false}) {
      List<Exchange> open = new ArrayList<>();
      TestClient client = connect(open, new AnswerMemory(1 << 24));
      StuckWrites.install(client.channel());
      client.sendTogether(40, RequestCode.PULL_MESSAGE, ANY);
      for (int i = 0; i < 20; i++) {
        open.get(i).answer(ANY, List.of(new TestSlice(64 * 1024)));
      }
      client.runTasks();
      assertThat(client.channel().isOpen()).as("1.3 MB of views").isTrue();

      int answered = 0;
      while (client.channel().isOpen() && answered < 20) {
        Exchange exchange = open.get(20 + answered++);
        if (copies) {
          exchange.answer(ANY, List.of(copy(64 * 1024)));
        } else {
          exchange.answer(ANY, Unpooled.wrappedBuffer(new byte[64 * 1024]));
        }
        client.runTasks();
      }
      assertThat(answered).as("256 KiB in pieces of 64 KiB").isBetween(4, 5);
    }
  }

  @Test
  void whoHasTheMostAnswersInMemoryIsClosedForAll() {
    AnswerMemory answers = new AnswerMemory(1 << 19);
    List<TestClient> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      List<Exchange> open = new ArrayList<>();
      TestClient client = connect(open, answers);
      all.add(client);
      StuckWrites.install(client.channel());
      client.send(RequestCode.PULL_MESSAGE, ANY);
      int bytes = i == 1 ? 200 * 1024 : 120 * 1024;
      open.get(0).answer(ANY, Unpooled.wrappedBuffer(new byte[bytes]));
      client.runTasks();
    }
    all.forEach(TestClient::runTasks);

    assertThat(all.stream().map(client -> client.channel().isOpen()))
        .containsExactly(true, false, true, true);
    assertThat(answers.bytes()).isBetween(360L * 1024, 362L * 1024);
    all.forEach(TestClient::close);
    assertThat(answers.bytes()).isZero();
  }

  @Test
  void answersThatAreTakenCountNoMore() {
    AnswerMemory answers = new AnswerMemory(1 << 19);
    List<Exchange> open = new ArrayList<>();
    TestClient client = connect(open, answers);
    StuckWrites.install(client.channel());
    client.send(RequestCode.PULL_MESSAGE, ANY);
    open.get(0).answer(ANY, Unpooled.wrappedBuffer(new byte[100_000]));
    client.runTasks();
    assertThat(answers.bytes()).isGreaterThanOrEqualTo(100_000);

    client.channel().pipeline().remove(StuckWrites.class);
    client.channel().flush();
    client.runTasks();
    assertThat(client.channel().outboundMessages()).as("looked at once").hasSizeLessThan(10);

    assertThat(client.answers()).hasSize(1);
    assertThat(answers.bytes()).isZero();
  }
}
