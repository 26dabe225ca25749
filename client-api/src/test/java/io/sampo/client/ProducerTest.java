package io.sampo.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProducerTest {
  private final TestCluster cluster = TestCluster.of(2).topic("T", 2);

  @AfterEach
  void stop() {
    cluster.close();
  }

  private Producer.Builder producer() {
    return Producer.builder(cluster.nameServers(), "PG");
  }

  private int stored(String topic) {
    int count = 0;
    for (TestBroker broker : cluster.brokers) {
      for (int queue = 0; queue < 4; queue++) {
        count += broker.stored(topic, queue);
      }
    }
    return count;
  }

  @Test
  void messagesGoToAllQueuesInTurnAndReceiptsSayWhere() throws Exception {
    try (Producer producer = producer().build()) {
      Set<TopicQueue> queues = new HashSet<>();
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < 8; i++) {
        SendReceipt receipt = producer.sendAndWait(Message.of("T", new byte[] {1}));
        queues.add(receipt.queue());
        ids.add(receipt.messageId());
        assertThat(receipt.queueOffset()).isEqualTo(i / 4);
        assertThat(receipt.offsetMessageId()).hasSize(32);
        assertThat(receipt.durability()).isEqualTo(SendReceipt.Durability.AS_CONFIGURED);
      }
      assertThat(queues).hasSize(4);
      assertThat(ids).hasSize(8);
    }
    assertThat(cluster.broker(0).received(RequestCode.UNREGISTER_CLIENT)).isEqualTo(1);
    Await.until("the client has left", () -> cluster.broker(0).connections() == 0);
  }

  @Test
  void manySendsAreInFlightAtOnceAndAllComeBack() throws Exception {
    try (Producer producer = producer().inFlightMax(64, 10_000).build()) {
      List<CompletableFuture<SendReceipt>> sent = new ArrayList<>();
      for (int i = 0; i < 2_000; i++) {
        sent.add(producer.send(Message.of("T", new byte[100])));
      }
      for (CompletableFuture<SendReceipt> receipt : sent) {
        assertThat(receipt.get(10, TimeUnit.SECONDS)).isNotNull();
      }
    }
    assertThat(stored("T")).isEqualTo(2_000);
  }

  @Test
  void aTopicThatDoesNotExistIsSentToByTheRouteOfTheTemplate() throws Exception {
    try (Producer producer = producer().build()) {
      SendReceipt receipt = producer.sendAndWait(Message.of("new", new byte[1]));

      assertThat(receipt.queue().topic()).isEqualTo("new");
      assertThat(receipt.queue().queueId()).isBetween(0, 3);
    }
    cluster.autoCreate = false;
    try (Producer producer = producer().build()) {
      assertThatThrownBy(() -> producer.sendAndWait(Message.of("other", new byte[1])))
          .isInstanceOf(NoRouteException.class)
          .hasMessageContaining("other");
    }
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        ResponseCode.SYSTEM_ERROR,
        ResponseCode.SYSTEM_BUSY,
        ResponseCode.SERVICE_NOT_AVAILABLE
      })
  void aRefusalForTheMomentIsTriedAgainOnTheOtherBroker(int code) throws Exception {
    cluster.broker(0).refuse(RequestCode.SEND_MESSAGE_V2, code, Integer.MAX_VALUE);
    try (Producer producer = producer().build()) {
      for (int i = 0; i < 4; i++) {
        assertThat(producer.sendAndWait(Message.of("T", new byte[1])).queue().brokerName())
            .isEqualTo("broker-1");
      }
    }
    assertThat(cluster.broker(0).received(RequestCode.SEND_MESSAGE_V2)).isPositive();
  }

  @Test
  void aRefusalForGoodIsReportedAtOnce() {
    for (TestBroker broker : cluster.brokers) {
      broker.refuse(RequestCode.SEND_MESSAGE_V2, ResponseCode.MESSAGE_ILLEGAL, 1);
    }
    try (Producer producer = producer().build()) {
      RefusedException refused =
          catchThrowableOfType(
              RefusedException.class, () -> producer.sendAndWait(Message.of("T", new byte[1])));

      assertThat(refused.code()).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    }
    assertThat(
            cluster.broker(0).received(RequestCode.SEND_MESSAGE_V2)
                + cluster.broker(1).received(RequestCode.SEND_MESSAGE_V2))
        .isEqualTo(1);
  }

  @Test
  void attemptsAreLimited() {
    for (TestBroker broker : cluster.brokers) {
      broker.refuse(RequestCode.SEND_MESSAGE_V2, ResponseCode.SYSTEM_BUSY, Integer.MAX_VALUE);
    }
    try (Producer producer = producer().attemptsMax(5).build()) {
      assertThatThrownBy(() -> producer.sendAndWait(Message.of("T", new byte[1])))
          .isInstanceOf(RefusedException.class);
    }
    assertThat(
            cluster.broker(0).received(RequestCode.SEND_MESSAGE_V2)
                + cluster.broker(1).received(RequestCode.SEND_MESSAGE_V2))
        .isEqualTo(5);
  }

  @Test
  void aBrokerThatIsGoneOrSilentDoesNotStopTheOthers() throws Exception {
    try (Producer producer = producer().build()) {
      producer.sendAndWait(Message.of("T", new byte[1]));
      cluster.broker(1).goAway();
      for (int i = 0; i < 4; i++) {
        assertThat(producer.sendAndWait(Message.of("T", new byte[1])).queue().brokerName())
            .isEqualTo("broker-0");
      }
      cluster.broker(1).comeBack();
      Set<String> used = new HashSet<>();
      Await.until(
          "the broker is used again",
          () -> {
            used.add(producer.send(Message.of("T", new byte[1])).join().queue().brokerName());
            return used.contains("broker-1");
          });
      cluster.broker(1).ignore(RequestCode.SEND_MESSAGE_V2, Integer.MAX_VALUE);
      for (int i = 0; i < 2; i++) {
        assertThat(producer.sendAndWait(Message.of("T", new byte[1])).queue().brokerName())
            .isEqualTo("broker-0");
      }
    }
  }

  @Test
  void aLostConnectionFailsWhatIsPendingAndIsMadeAgain() throws Exception {
    for (TestBroker broker : cluster.brokers) {
      broker.ignore(RequestCode.SEND_MESSAGE_V2, 1);
    }
    try (Producer producer = producer().attemptsMax(1).build()) {
      CompletableFuture<SendReceipt> first = producer.send(Message.of("T", new byte[1]));
      Await.until(
          "the request has arrived",
          () ->
              cluster.broker(0).received(RequestCode.SEND_MESSAGE_V2)
                      + cluster.broker(1).received(RequestCode.SEND_MESSAGE_V2)
                  > 0);
      cluster.brokers.forEach(TestBroker::dropConnections);

      assertThatThrownBy(() -> first.get(5, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOf(TransportException.class)
          .hasMessageContaining("lost");
      cluster.brokers.forEach(broker -> broker.ignore(RequestCode.SEND_MESSAGE_V2, 0));
      assertThat(producer.sendAndWait(Message.of("T", new byte[1]))).isNotNull();
    }
  }

  @Test
  void theSendTimeoutEndsAllAttempts() {
    cluster.brokers.forEach(b -> b.ignore(RequestCode.SEND_MESSAGE_V2, Integer.MAX_VALUE));
    try (Producer producer = producer().sendTimeout(Duration.ofMillis(300)).build()) {
      assertThatThrownBy(() -> producer.sendAndWait(Message.of("T", new byte[1])))
          .isInstanceOf(TransportException.class)
          .hasMessageContaining("did not answer");
    }
  }

  @Test
  void aFullWindowRefusesAfterTheTimeout() throws Exception {
    cluster.brokers.forEach(b -> b.ignore(RequestCode.SEND_MESSAGE_V2, Integer.MAX_VALUE));
    try (Producer producer =
        producer().sendTimeout(Duration.ofSeconds(2)).attemptsMax(1).inFlightMax(1, 1).build()) {
      CompletableFuture<SendReceipt> first = producer.send(Message.of("T", new byte[10]));
      CompletableFuture<SendReceipt> onItsThread =
          first
              .handle((receipt, failure) -> producer.send(Message.of("T", new byte[10])))
              .thenCompose(inner -> inner);

      assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(TransportException.class);
      assertThatThrownBy(() -> onItsThread.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(ClientException.class);
    }
  }

  @Test
  void waitingOnAThreadOfTheClientIsAnErrorAndNoDeadlock() throws Exception {
    try (Producer producer = producer().build()) {
      CompletableFuture<Object> inside =
          producer
              .send(Message.of("T", new byte[1]))
              .thenApply(
                  receipt -> {
                    try {
                      return producer.sendAndWait(Message.of("T", new byte[1]));
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  });

      assertThatThrownBy(() -> inside.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aDeadNameServerIsPassedOver() throws Exception {
    TestBroker dead = new TestBroker(cluster, "gone");
    dead.close();
    for (int i = 0; i < 4; i++) {
      try (Producer producer =
          Producer.builder(dead.address() + ";" + cluster.nameServers(), "PG").build()) {
        assertThat(producer.sendAndWait(Message.of("T", new byte[1]))).isNotNull();
      }
    }
  }

  @Test
  void whatNoBrokerWouldTakeIsRefusedBeforeItIsSent() {
    assertThatThrownBy(() -> Message.of("no blanks", new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Message.of("t".repeat(128), new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Message.to("T").property("UNIQ_KEY", "x"))
        .hasMessageContaining("reserved");
    assertThatThrownBy(() -> Message.to("T").keys("a b"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Producer.builder("nonsense", "PG").build())
        .hasMessageContaining("host:port");
    assertThatThrownBy(() -> Producer.builder("h:1", "bad group")).hasMessageContaining("group");
    try (Producer producer = producer().bodyBytesMax(10).build()) {
      assertThatThrownBy(() -> producer.send(Message.of("T", new byte[11])))
          .hasMessageContaining("11 bytes");
      Message large = Message.to("T").property("p", "x".repeat(40_000)).build();
      assertThatThrownBy(() -> producer.send(large)).hasMessageContaining("at most 32767");
    }
  }

  @Test
  void aClosedProducerSendsNoMoreAndASharedClientGoesOn() throws Exception {
    try (SampoClient client = SampoClient.builder(cluster.nameServers()).build()) {
      Producer first = client.newProducer("PG").build();
      Producer second = client.newProducer("PG").build();
      first.sendAndWait(Message.of("T", new byte[1]));
      first.close();

      assertThatThrownBy(() -> first.send(Message.of("T", new byte[1])))
          .isInstanceOf(IllegalStateException.class);
      assertThat(cluster.broker(0).received(RequestCode.UNREGISTER_CLIENT)).isZero();
      assertThat(second.sendAndWait(Message.of("T", new byte[1]))).isNotNull();
      second.close();
      assertThat(cluster.broker(0).received(RequestCode.UNREGISTER_CLIENT)).isEqualTo(1);
    }
  }

  @Test
  void closingTheClientFailsWhatWaits() {
    cluster.brokers.forEach(b -> b.ignore(RequestCode.SEND_MESSAGE_V2, Integer.MAX_VALUE));
    SampoClient client = SampoClient.builder(cluster.nameServers()).build();
    Producer producer = client.newProducer("PG").build();
    CompletableFuture<SendReceipt> pending = producer.send(Message.of("T", new byte[1]));
    Await.until(
        "the request has arrived",
        () ->
            cluster.broker(0).received(RequestCode.SEND_MESSAGE_V2)
                    + cluster.broker(1).received(RequestCode.SEND_MESSAGE_V2)
                > 0);

    client.close();

    assertThatThrownBy(() -> pending.get(5, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TransportException.class);
    assertThatThrownBy(() -> producer.sendAndWait(Message.of("T", new byte[1])))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("closed");
  }
}
