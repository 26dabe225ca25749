package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.record.SendKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commit log takes for the retry of a send. */
class RepeatedSendsTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 1);
  private static final QueueKey OTHER_QUEUE = new QueueKey("orders", 2);
  private static final int FIRST_PORT = 40_000;

  @TempDir private Path folder;
  private RecognisingLog log;

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
    log = new RecognisingLog(folder);
  }

  @AfterEach
  void stop() {
    log.close();
  }

  private Appended stored(Send... sends) {
    return log.stored(drafts(sends));
  }

  private AlreadyAppended repeated(Send... sends) {
    return log.repeated(drafts(sends));
  }

  private static MessageDraft[] drafts(Send[] sends) {
    return List.of(sends).stream().map(Send::draft).toArray(MessageDraft[]::new);
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
    assertThat(log.nextOffset(ORDERS)).isEqualTo(2);
    assertThat(log.nextOffset(OTHER_QUEUE)).isEqualTo(1);
    assertThat(repeated(Send.of("1").over(40_002)).positions()).containsExactly(first.positions());
  }

  /** Both in the mailbox before either is stored: one append, one flush, the same answer. */
  @Test
  void twoAttemptsOnTheWayAtOnceAreStoredOnceAndAnsweredOnceItIsCommitted() {
    int rounds = 200;
    for (int round = 0; round < rounds; round++) {
      Send send = Send.of("both " + round);
      AlreadyAppended second = log.storedAndRepeated(send.draft(), send.over(40_001).draft());
      assertThat(second.queueOffset()).isEqualTo(round);
      assertThat(log.committedPosition()).isGreaterThan(second.positions()[0]);
    }
    assertThat(log.nextOffset(ORDERS)).isEqualTo(rounds);
  }

  @Test
  void theSameMessageSentTwiceOverALivingConnectionIsStoredTwice() {
    stored(Send.of("1"));
    stored(Send.of("1").born(1_000));
    stored(Send.of("1").born(1_001));
    log.timePasses(Duration.ofSeconds(5));
    Appended last = stored(Send.of("1").born(6_000));

    assertThat(log.nextOffset(ORDERS)).isEqualTo(4);
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

    assertThat(log.nextOffset(ORDERS)).isEqualTo(3);
  }

  @Test
  void aConnectionThatTheMessageCameOverBeforeBringsNoRetryOfIt() {
    stored(Send.of("1"));
    repeated(Send.of("1").over(40_001)); // as if the first one's answer was lost
    stored(Send.of("1").over(FIRST_PORT).born(3_000));

    assertThat(log.nextOffset(ORDERS)).isEqualTo(2);
  }

  @Test
  void whatDiffersInAnythingIsNoRetry() {
    stored(Send.of("1"));

    stored(Send.of("2").with("body of 1").over(40_001));
    stored(Send.of("1").with("another body").over(40_001));
    stored(Send.of("1").from(2).over(40_001));
    stored(Send.of("1").to(new QueueKey("bills", 1)).over(40_001));
    MessageDraft noSend = MessageDraft.to(ORDERS).body(ByteBuffer.allocate(1), 0).build();
    log.stored(noSend);
    assertThat(log.nextOffset(ORDERS)).isEqualTo(5);
  }

  @Test
  void afterTheWindowItIsStoredAgain() {
    stored(Send.of("1"));
    stored(Send.of("2"));
    log.timePasses(Duration.ofMinutes(10));
    repeated(Send.of("1").over(40_001));
    log.timePasses(Duration.ofMillis(1));

    stored(Send.of("2").over(40_001));
  }

  @Test
  void aBatchIsRecognisedAsAWholeOrNotAtAll() {
    Send[] batch = {Send.of("1"), Send.of("2"), Send.of("3")};
    stored(Send.of("0"));
    Appended first = stored(batch);

    AlreadyAppended retry =
        repeated(
            List.of(batch).stream()
                .map(send -> send.over(40_001).to(OTHER_QUEUE))
                .toArray(Send[]::new));
    assertThat(retry.queueOffset()).isEqualTo(1);
    assertThat(retry.positions()).containsExactly(first.positions());

    stored(batch[0].to(OTHER_QUEUE).over(40_002), Send.of("4").to(OTHER_QUEUE).over(40_002));
    stored(batch[2].over(40_003), batch[1].over(40_003));
  }

  @Test
  void whatIsKnownSurvivesARestart() {
    Appended first = stored(Send.of("1"));
    List<Appended> many =
        IntStream.range(0, 3_000).mapToObj(i -> stored(Send.of("many " + i))).toList();
    log.restart("");

    assertThat(repeated(Send.of("1").over(40_001)).positions()).containsExactly(first.positions());
    for (int i = 0; i < many.size(); i++) {
      assertThat(repeated(Send.of("many " + i).over(40_001)).positions())
          .containsExactly(many.get(i).positions());
    }
    assertThat(log.nextOffset(ORDERS)).isEqualTo(3_001);
  }

  @Test
  void whatIsKnownSurvivesACrash(@TempDir Path crashed) throws IOException {
    Appended first = stored(Send.of("1"));
    log.crash(crashed);

    assertThat(repeated(Send.of("1").over(40_001)).positions()).containsExactly(first.positions());
    stored(Send.of("2"));
  }

  @Test
  void moreThanIsRememberedIsForgotten() {
    log.restart("sampo.deduplication.messages = 1000");
    for (int i = 0; i < 3_000; i++) {
      stored(Send.of("many " + i));
    }

    repeated(Send.of("many 2000").over(40_001));
    stored(Send.of("many 0").over(40_001));
  }

  @Test
  void switchedOffEverySendIsStored() {
    log.restart("sampo.deduplication.enabled = off");
    stored(Send.of("1"));

    stored(Send.of("1").over(40_001));
  }

  /** The queue's window counts a retry as one append that was answered. */
  @Test
  void aRetryEndsInItsQueuesCount() {
    assertThat(log.counted(Send.of("1").draft())).isEqualTo(new QueueCommitted(1, 1));
    assertThat(log.counted(Send.of("1").over(40_001).to(OTHER_QUEUE).draft()))
        .isEqualTo(new QueueCommitted(0, 1));
  }
}
