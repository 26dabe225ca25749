package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Command;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.record.Returned;
import io.sampo.record.SendKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commit log takes for the retry of a send, on real files and with a clock of its own. */
class RepeatedSendsTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 1);
  private static final QueueKey OTHER_QUEUE = new QueueKey("orders", 2);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
  private static final int FIRST_PORT = 40_000;
  private static final long WAIT_MS = 10_000;

  private final ActorTestKit testKit = ActorTestKit.create("repeated", ConfigFactory.load());
  private final TestProbe<AppendReply> producer = testKit.createTestProbe();
  private final AtomicLong nowMs = new AtomicLong(START.toEpochMilli());
  private final InstantSource clock = () -> Instant.ofEpochMilli(nowMs.get());

  @TempDir private Path folder;
  private ActorRef<Command> commitLog;
  private long epoch;

  /** A message as an official client makes it, and how an attempt at it differs from others. */
  private record Send(QueueKey queue, String id, String body, int port, int lastByte, long bornMs) {
    static Send of(String id) {
      return new Send(ORDERS, id, "body of " + id, FIRST_PORT, 1, 1_000);
    }

    Send over(int otherPort) {
      return new Send(queue, id, body, otherPort, lastByte, bornMs + 17);
    }

    Send to(QueueKey other) {
      return new Send(other, id, body, port, lastByte, bornMs);
    }

    Send with(String otherBody) {
      return new Send(queue, id, otherBody, port, lastByte, bornMs);
    }

    Send from(int otherLastByte) {
      return new Send(queue, id, body, port, otherLastByte, bornMs);
    }

    Send born(long otherMs) {
      return new Send(queue, id, body, port, lastByte, otherMs);
    }

    MessageDraft draft() {
      byte[] properties = MessageProperties.encode(Map.of(MessageProperties.UNIQUE_KEY, id));
      ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
      int crc = BodyCrc.of(bytes);
      int idAt = MessageProperties.UNIQUE_KEY.length() + 1;
      return MessageDraft.to(queue)
          .born(bornMs, new HostAddress(new byte[] {10, 0, 0, (byte) lastByte}, port))
          .body(bytes, crc)
          .properties(properties, 0)
          .sent(SendKey.of(properties, idAt, crc), 0)
          .build();
    }
  }

  @BeforeEach
  void start() {
    open(folder, "");
  }

  @AfterEach
  void stop() {
    testKit.shutdownTestKit();
  }

  @Test
  void aRetryOverAnotherConnectionIsAnsweredWithTheFirstPlace() {
    Appended before = stored(Send.of("0"));
    Appended first = stored(Send.of("1"));
    stored(Send.of("2").to(OTHER_QUEUE));

    AlreadyAppended retry = repeated(Send.of("1").over(40_001).to(OTHER_QUEUE));

    assertThat(before.queueOffset()).isZero();
    assertThat(retry.queueId()).isEqualTo(ORDERS.queueId());
    assertThat(retry.queueOffset()).isEqualTo(first.queueOffset()).isEqualTo(1);
    assertThat(retry.positions()).containsExactly(first.positions());
    assertThat(nextOffset(ORDERS)).isEqualTo(2);
    assertThat(nextOffset(OTHER_QUEUE)).isEqualTo(1);
    assertThat(repeated(Send.of("1").over(40_002)).positions()).containsExactly(first.positions());
  }

  /** Both in the mailbox before either is stored: one append, one flush, the same answer. */
  @Test
  void twoAttemptsOnTheWayAtOnceAreStoredOnceAndAnsweredOnceItIsCommitted() {
    List<AppendReply> replies = new ArrayList<>();
    for (int round = 0; round < 200; round++) {
      tell(List.of(Send.of("both " + round)));
      tell(List.of(Send.of("both " + round).over(40_001)));
      Appended first = producer.expectMessageClass(Appended.class, SOON);
      AlreadyAppended second = producer.expectMessageClass(AlreadyAppended.class, SOON);
      assertThat(second.positions()).containsExactly(first.positions());
      assertThat(local().committedPosition()).isGreaterThan(first.positions()[0]);
      replies.add(first);
    }
    assertThat(nextOffset(ORDERS)).isEqualTo(replies.size());
  }

  @Test
  void theSameMessageSentTwiceOverALivingConnectionIsStoredTwice() {
    stored(Send.of("1"));
    stored(Send.of("1").born(1_000));
    stored(Send.of("1").born(1_001));
    nowMs.addAndGet(5_000);
    Appended last = stored(Send.of("1").born(6_000));

    assertThat(nextOffset(ORDERS)).isEqualTo(4);
    assertThat(repeated(Send.of("1").born(6_000).over(40_001)).positions())
        .as("a retry is one of the newest")
        .containsExactly(last.positions());
  }

  /** One connection broke; what comes over the next one first is a retry, what follows isn't. */
  @Test
  void afterAReconnectionAtMostOneIsTakenForARetry() {
    stored(Send.of("1"));
    repeated(Send.of("1").over(40_001));
    stored(Send.of("1").over(40_001).born(7_000));
    stored(Send.of("1").over(40_001).born(9_000));

    assertThat(nextOffset(ORDERS)).isEqualTo(3);
  }

  @Test
  void whatDiffersInAnythingIsNoRetry() {
    stored(Send.of("1"));

    stored(Send.of("2").with("body of 1").over(40_001));
    stored(Send.of("1").with("another body").over(40_001));
    stored(Send.of("1").from(2).over(40_001));
    stored(Send.of("1").to(new QueueKey("bills", 1)).over(40_001));
    MessageDraft noSend = MessageDraft.to(ORDERS).body(ByteBuffer.allocate(1), 0).build();
    tellDrafts(List.of(noSend));
    producer.expectMessageClass(Appended.class, SOON);
    assertThat(nextOffset(ORDERS)).isEqualTo(5);
  }

  @Test
  void afterTheWindowItIsStoredAgain() {
    stored(Send.of("1"));
    stored(Send.of("2"));
    nowMs.addAndGet(Duration.ofMinutes(10).toMillis());
    repeated(Send.of("1").over(40_001));
    nowMs.addAndGet(1);

    stored(Send.of("2").over(40_001));
  }

  @Test
  void aBatchIsRecognisedAsAWholeOrNotAtAll() {
    List<Send> batch = List.of(Send.of("1"), Send.of("2"), Send.of("3"));
    stored(Send.of("0"));
    tell(batch);
    Appended first = producer.expectMessageClass(Appended.class, SOON);

    List<Send> again = batch.stream().map(send -> send.over(40_001).to(OTHER_QUEUE)).toList();
    tell(again);
    AlreadyAppended retry = producer.expectMessageClass(AlreadyAppended.class, SOON);
    assertThat(retry.queueOffset()).isEqualTo(1);
    assertThat(retry.positions()).containsExactly(first.positions());

    tell(List.of(again.get(0).over(40_002), Send.of("4").over(40_002)));
    producer.expectMessageClass(Appended.class, SOON);
    tell(List.of(batch.get(2).over(40_003), batch.get(1).over(40_003)));
    producer.expectMessageClass(Appended.class, SOON);
  }

  @Test
  void whatIsKnownSurvivesARestart() {
    Appended first = stored(Send.of("1"));
    List<Appended> many =
        IntStream.range(0, 3_000).mapToObj(i -> stored(Send.of("many " + i))).toList();
    testKit.stop(commitLog, SOON);
    open(folder, "");

    assertThat(repeated(Send.of("1").over(40_001)).positions()).containsExactly(first.positions());
    for (int i = 0; i < many.size(); i++) {
      assertThat(repeated(Send.of("many " + i).over(40_001)).positions())
          .containsExactly(many.get(i).positions());
    }
    assertThat(nextOffset(ORDERS)).isEqualTo(3_001);
  }

  @Test
  void whatIsKnownSurvivesACrash(@TempDir Path crashed) throws IOException {
    Appended first = stored(Send.of("1"));
    LogFiles.copyWhileRunning(folder, crashed);
    testKit.stop(commitLog, SOON);
    open(crashed, "");

    assertThat(repeated(Send.of("1").over(40_001)).positions()).containsExactly(first.positions());
    stored(Send.of("2"));
  }

  @Test
  void moreThanIsRememberedIsForgotten() {
    testKit.stop(commitLog, SOON);
    open(folder, "sampo.deduplication.messages = 1000");
    for (int i = 0; i < 3_000; i++) {
      stored(Send.of("many " + i));
    }

    repeated(Send.of("many 2000").over(40_001));
    stored(Send.of("many 0").over(40_001));
  }

  @Test
  void switchedOffEverySendIsStored() {
    testKit.stop(commitLog, SOON);
    open(folder, "sampo.deduplication.enabled = off");
    stored(Send.of("1"));

    stored(Send.of("1").over(40_001));
  }

  /** The queue's window counts a retry as one append that was answered. */
  @Test
  void aRetryEndsInItsQueuesCount() {
    TestProbe<QueueCommitted> queue = testKit.createTestProbe();
    commitLog.tell(
        new Append(
            epoch, List.of(Send.of("1").draft()), queue.getRef()::tell, producer.getRef()::tell));
    assertThat(queue.expectMessageClass(QueueCommitted.class, SOON))
        .isEqualTo(new QueueCommitted(1, 1));
    commitLog.tell(
        new Append(
            epoch,
            List.of(Send.of("1").over(40_001).to(OTHER_QUEUE).draft()),
            queue.getRef()::tell,
            producer.getRef()::tell));

    assertThat(queue.expectMessageClass(QueueCommitted.class, SOON))
        .isEqualTo(new QueueCommitted(0, 1));
  }

  /** Whatever the connection and however often: it will come again, and that once. */
  @Test
  void aFailedMessageThatStillWaitsIsNotReturnedTwice() {
    Appended first = stored(Return.of("1"));

    assertThat(repeated(Return.of("1")).positions()).containsExactly(first.positions());
    nowMs.addAndGet(WAIT_MS - 1);
    assertThat(repeated(Return.of("1").over(40_001)).positions())
        .containsExactly(first.positions());
    assertThat(repeated(Return.of("1").byItsClient()).positions())
        .containsExactly(first.positions());
    assertThat(nextOffset(Return.WAITING)).isEqualTo(1);
  }

  /** It was delivered since, so it may have failed anew. */
  @Test
  void aFailedMessageThatIsDueIsReturnedAgainUnlessItsAnswerMayBeLost() {
    stored(Return.of("1"));
    nowMs.addAndGet(WAIT_MS);
    repeated(Return.of("1").over(40_001));
    Appended second = stored(Return.of("1").over(40_001));

    assertThat(repeated(Return.of("1").byItsClient().over(40_002)).positions())
        .as("waits again")
        .containsExactly(second.positions());
    nowMs.addAndGet(60_001);
    stored(Return.of("1").over(40_003));
  }

  @Test
  void everyFailureOfItsOwnIsReturned() {
    stored(Return.of("1"));

    stored(Return.of("1").by("another-group"));
    stored(Return.of("1").at(2_000));
    stored(Return.of("1").times(2));
    stored(Return.of("2"));
    stored(Return.of("1").givenUp());
    assertThat(nextOffset(Return.WAITING)).isEqualTo(5);
  }

  /** An application sent one message twice on purpose, and both are failed. */
  @Test
  void whatItsClientSaysOfAMessageItselfMustNotContradictTheLog() {
    stored(Return.of("1").at(8).origin("0A000001"));

    stored(Return.of("1").byItsClient().origin("0A000002"));
    repeated(Return.of("1").byItsClient().origin("0A000002"));
    repeated(Return.of("1").byItsClient().origin(""));
  }

  @Test
  void aRecordBecomesOneDeadLetterAlsoAfterARestart() {
    Appended letter = stored(Return.of("1").givenUp());
    testKit.stop(commitLog, SOON);
    open(folder, "");
    nowMs.addAndGet(Duration.ofMinutes(9).toMillis());

    assertThat(repeated(Return.of("1").givenUp()).positions()).containsExactly(letter.positions());
    assertThat(repeated(Return.of("1").givenUp().over(40_001)).positions())
        .containsExactly(letter.positions());
    stored(Return.of("1").givenUp().at(2_000));
    nowMs.addAndGet(Duration.ofMinutes(2).toMillis());
    stored(Return.of("1").givenUp());
  }

  /** A client that is shut down gives up waiting, and sends over the connection that it has. */
  @Test
  void whatItsClientSendsAfterItsRequestIsTheSameReturnAlsoOverTheSameConnection() {
    stored(Return.of("1").givenUp());
    repeated(Return.of("1").byItsClient().givenUp());
    stored(Return.of("2"));
    nowMs.addAndGet(WAIT_MS);
    repeated(Return.of("2").byItsClient());
    nowMs.addAndGet(60_000);
    stored(Return.of("1").byItsClient().givenUp());
  }

  /** A client that can't return a message at all tries it by itself, and counts on. */
  @Test
  void theNumberOfTriesThatItsClientSaysMayBeAheadOfWhatWaits() {
    stored(Return.of("1"));
    repeated(Return.of("1").byItsClient().times(3));
    stored(Return.of("2").givenUp());
    repeated(Return.of("2").byItsClient().times(3).givenUp().over(40_001));
    nowMs.addAndGet(WAIT_MS);

    stored(Return.of("1").byItsClient().times(2).over(40_002));
  }

  @Test
  void whenTheClockWasSetBackNothingIsTakenForWaiting() {
    stored(Return.of("1"));
    nowMs.addAndGet(-1);

    stored(Return.of("1"));
  }

  /** With its own second attempt an official client doesn't say any more which try it was. */
  @Test
  void aDeadLetterThatItsClientSendsTwiceIsOne() {
    Appended letter = stored(Return.of("1").byItsClient().givenUp());

    assertThat(repeated(Return.of("1").byItsClient().times(0).over(40_001)).positions())
        .containsExactly(letter.positions());
    stored(Return.of("1").byItsClient().times(0).over(40_001));
  }

  /** The copy of a message that a group failed. */
  private record Return(
      String id, String group, int port, long position, int times, boolean dead, String origin) {
    static final QueueKey WAITING = new QueueKey("waiting", 0);
    static final String GROUP = "failing";

    static Return of(String id) {
      return new Return(id, GROUP, FIRST_PORT, 1_000, 1, false, id);
    }

    Return over(int otherPort) {
      return new Return(id, group, otherPort, position, times, dead, origin);
    }

    Return by(String otherGroup) {
      return new Return(id, otherGroup, port, position, times, dead, origin);
    }

    Return at(long otherPosition) {
      return new Return(id, group, port, otherPosition, times, dead, origin);
    }

    Return byItsClient() {
      return at(-1);
    }

    Return times(int otherTimes) {
      return new Return(id, group, port, position, otherTimes, dead, origin);
    }

    Return givenUp() {
      return new Return(id, group, port, position, times, true, origin);
    }

    Return origin(String otherId) {
      return new Return(id, group, port, position, times, dead, otherId);
    }

    MessageDraft draft(long nowMs) {
      byte[] own =
          MessageProperties.encode(
              origin.isEmpty()
                  ? Map.of(MessageProperties.UNIQUE_KEY, id, "RETRY_TOPIC", "orders")
                  : Map.of(
                      MessageProperties.UNIQUE_KEY,
                      id,
                      "RETRY_TOPIC",
                      "orders",
                      "ORIGIN_MESSAGE_ID",
                      origin));
      byte[] properties =
          dead
              ? own
              : ByteBuffer.allocate(9 + own.length)
                  .putLong(nowMs + WAIT_MS)
                  .put((byte) 2)
                  .put(own)
                  .array();
      ByteBuffer bytes = ByteBuffer.wrap(("body of " + id).getBytes(StandardCharsets.UTF_8));
      int crc = BodyCrc.of(bytes);
      int idAt =
          new String(properties, StandardCharsets.ISO_8859_1).indexOf(MessageProperties.UNIQUE_KEY)
              + MessageProperties.UNIQUE_KEY.length()
              + 1;
      Returned returned =
          position < 0 ? Returned.sent(group, port) : Returned.from(group, position, port);
      return MessageDraft.to(dead ? new QueueKey("%DLQ%" + group, 0) : WAITING)
          .body(bytes, crc)
          .reconsumeTimes(times)
          .properties(properties, 0)
          .returned(SendKey.of(properties, idAt, crc), dead ? returned : returned.waiting(0))
          .build();
    }
  }

  private Appended stored(Return again) {
    tellDrafts(List.of(again.draft(nowMs.get())));
    return producer.expectMessageClass(Appended.class, SOON);
  }

  private AlreadyAppended repeated(Return again) {
    tellDrafts(List.of(again.draft(nowMs.get())));
    return producer.expectMessageClass(AlreadyAppended.class, SOON);
  }

  private Appended stored(Send send) {
    tell(List.of(send));
    return producer.expectMessageClass(Appended.class, SOON);
  }

  private AlreadyAppended repeated(Send send) {
    tell(List.of(send));
    return producer.expectMessageClass(AlreadyAppended.class, SOON);
  }

  private void tell(List<Send> sends) {
    tellDrafts(sends.stream().map(Send::draft).toList());
  }

  private void tellDrafts(List<MessageDraft> drafts) {
    commitLog.tell(new Append(epoch, drafts, null, producer.getRef()::tell));
  }

  private long nextOffset(QueueKey queue) {
    return local().reader().queue(queue).nextOffset();
  }

  private LocalLog local() {
    return Objects.requireNonNull(LocalLogs.get(testKit.system()).find("broker-0"));
  }

  private void open(Path dataDir, String more) {
    CommitLogSettings settings =
        CommitLogSettings.of(
            ConfigFactory.parseString(more)
                .withFallback(
                    ConfigFactory.parseMap(
                        Map.of(
                            "sampo.data-dir", dataDir.toString(),
                            "sampo.log.flush", "async",
                            "sampo.log.segment-size", "64 KiB",
                            "sampo.log.preallocate-step", "64 KiB",
                            "sampo.log.batch-max-bytes", "16 KiB")))
                .withFallback(ConfigFactory.load()));
    commitLog =
        testKit.spawn(
            CommitLog.create(
                "broker-0",
                new Surroundings(
                    settings,
                    ReplicaPlan.alone(new ReplicaId("alone", 0)),
                    ReplicaPeers.NONE,
                    clock),
                () -> SegmentedReplicaLog.open(settings, "broker-0")),
            CommitLog.dispatcher());
    TestProbe<LeadReply> asker = testKit.createTestProbe();
    commitLog.tell(new Lead(asker.getRef()));
    epoch = asker.expectMessageClass(Leading.class, SOON).epoch();
  }
}
