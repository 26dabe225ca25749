package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.record.Returned;
import io.sampo.record.SendKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commit log takes for a message that is returned once more. */
class ReturnedAgainTest {
  private static final int FIRST_PORT = 40_000;
  private static final Duration WAIT = Duration.ofSeconds(10);

  @TempDir private Path folder;
  private RecognisingLog log;

  /** The copy of a message that a group failed. */
  private record Return(
      String id,
      String group,
      int port,
      long position,
      int times,
      boolean dead,
      String origin,
      Duration waits) {
    static final QueueKey WAITING = new QueueKey("waiting", 0);
    static final String GROUP = "failing";

    static Return of(String id) {
      return new Return(id, GROUP, FIRST_PORT, 1_000, 1, false, id, WAIT);
    }

    Return over(int otherPort) {
      return new Return(id, group, otherPort, position, times, dead, origin, waits);
    }

    Return by(String otherGroup) {
      return new Return(id, otherGroup, port, position, times, dead, origin, waits);
    }

    Return at(long otherPosition) {
      return new Return(id, group, port, otherPosition, times, dead, origin, waits);
    }

    Return byItsClient() {
      return at(-1);
    }

    Return times(int otherTimes) {
      return new Return(id, group, port, position, otherTimes, dead, origin, waits);
    }

    Return givenUp() {
      return new Return(id, group, port, position, times, true, origin, waits);
    }

    Return origin(String otherId) {
      return new Return(id, group, port, position, times, dead, otherId, waits);
    }

    Return waiting(Duration otherWait) {
      return new Return(id, group, port, position, times, dead, origin, otherWait);
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
              : ByteBuffer.allocate(9 + group.length() + own.length)
                  .putLong(nowMs + waits.toMillis())
                  .put(group.getBytes(StandardCharsets.US_ASCII))
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
          .returned(
              SendKey.of(properties, idAt, crc),
              dead ? returned : returned.waiting(0, new Returned.Span(8, group.length())))
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

  private Appended stored(Return again) {
    return log.stored(again.draft(log.nowMs()));
  }

  private AlreadyAppended repeated(Return again) {
    return log.repeated(again.draft(log.nowMs()));
  }

  /** Whatever the connection and however often: it will come again, and that once. */
  @Test
  void aFailedMessageThatStillWaitsIsNotReturnedTwice() {
    Appended first = stored(Return.of("1"));

    assertThat(repeated(Return.of("1")).positions()).containsExactly(first.positions());
    log.timePasses(WAIT.minusMillis(1));
    assertThat(repeated(Return.of("1").over(40_001)).positions())
        .containsExactly(first.positions());
    assertThat(repeated(Return.of("1").byItsClient()).positions())
        .containsExactly(first.positions());
    assertThat(log.nextOffset(Return.WAITING)).isEqualTo(1);
  }

  /** It was delivered since, so it may have failed anew. */
  @Test
  void aFailedMessageThatIsDueIsReturnedAgainUnlessItsAnswerMayBeLost() {
    stored(Return.of("1"));
    log.timePasses(WAIT);
    repeated(Return.of("1").over(40_001));
    Appended second = stored(Return.of("1").over(40_001));

    assertThat(repeated(Return.of("1").byItsClient().over(40_002)).positions())
        .as("waits again")
        .containsExactly(second.positions());
    log.timePasses(Duration.ofMillis(60_001));
    stored(Return.of("1").over(40_003));
  }

  @Test
  void everyFailureOfItsOwnIsReturned() {
    Return first = Return.of("1").origin("0A000001");
    stored(first);

    stored(first.by("another-group"));
    stored(first.at(2_000).origin("0A000002"));
    stored(Return.of("2"));
    stored(first.givenUp());
    assertThat(log.nextOffset(Return.WAITING)).isEqualTo(4);
  }

  /** A crash has the first record delivered again, after its copy was delivered and failed. */
  @Test
  void groupsOfOneHashAreTwo() {
    assertThat("BB").hasSameHashCodeAs("Aa");
    Appended first = stored(Return.of("1").by("Aa"));
    Appended second = stored(Return.of("1").by("BB").over(40_001));
    assertThat(repeated(Return.of("1").by("BB").over(40_002)).positions())
        .containsExactly(second.positions());
    assertThat(second.positions()).isNotEqualTo(first.positions());
    log.timePasses(WAIT);
    stored(Return.of("1").by("Aa").over(40_003)); // the newest is the other group's
  }

  @Test
  void triesThatGoOnSideBySideBecomeOneAgain() {
    Return first = Return.of("1").origin("0A000001");
    Return second = first.at(2_000).times(2);
    stored(first);
    log.timePasses(WAIT);
    Appended waiting = stored(second);

    assertThat(repeated(first).positions()).containsExactly(waiting.positions());
    log.timePasses(WAIT);
    Appended beside = stored(first);
    assertThat(repeated(second.at(3_000).times(3)).positions()).containsExactly(beside.positions());
  }

  @Test
  void whatWaitsIsKnownLongerThanTheWindowAndWhateverNumberOfSendsComesBetween() {
    log.restart("sampo.deduplication.messages = 1000");
    Return slow = Return.of("1").waiting(Duration.ofHours(2));
    Appended waiting = stored(slow);
    for (int i = 0; i < 3_000; i++) {
      log.stored(
          MessageDraft.to(new QueueKey("orders", 0))
              .body(ByteBuffer.allocate(1), 0)
              .sent((i + 1) * 0x9E37_79B9_7F4A_7C15L, 0)
              .build());
    }
    log.timePasses(Duration.ofHours(1));

    assertThat(repeated(slow).positions()).containsExactly(waiting.positions());
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
    log.restart("");
    log.timePasses(Duration.ofMinutes(9));

    assertThat(repeated(Return.of("1").givenUp()).positions()).containsExactly(letter.positions());
    assertThat(repeated(Return.of("1").givenUp().over(40_001)).positions())
        .containsExactly(letter.positions());
    stored(Return.of("1").givenUp().at(2_000));
    log.timePasses(Duration.ofMinutes(2));
    stored(Return.of("1").givenUp());
  }

  /** Whichever record it was that was given up, and with tries beside it that still go on. */
  @Test
  void aMessageBecomesOneDeadLetter() {
    Return first = Return.of("1").origin("0A000001");
    Appended letter = stored(first.at(3_000).times(3).givenUp());
    stored(first);
    log.timePasses(Duration.ofMinutes(5));
    stored(first.at(4_000).times(2));

    assertThat(repeated(first.at(5_000).times(3).givenUp()).positions())
        .containsExactly(letter.positions());
    assertThat(repeated(first.byItsClient().times(7).givenUp()).positions())
        .containsExactly(letter.positions());
    log.restart("");
    log.timePasses(Duration.ofMinutes(4));
    assertThat(repeated(first.at(6_000).times(3).givenUp()).positions())
        .containsExactly(letter.positions());
  }

  /** Somebody sent the dead letter again, it failed again, and it must not vanish. */
  @Test
  void aDeadLetterOfAnotherMessageOrOfLongAgoIsNoReasonToDropOne() {
    Return first = Return.of("1").origin("0A000001");
    stored(first.at(3_000).givenUp());

    stored(first.at(4_000).origin("0A000002").givenUp());
    stored(first.at(4_000).by("another-group").givenUp());
    log.timePasses(Duration.ofMinutes(11));
    stored(first.at(5_000).givenUp());
  }

  /** A client that is shut down gives up waiting, and sends over the connection that it has. */
  @Test
  void whatItsClientSendsAfterItsRequestIsTheSameReturnAlsoOverTheSameConnection() {
    stored(Return.of("1").givenUp());
    repeated(Return.of("1").byItsClient().givenUp());
    stored(Return.of("2"));
    log.timePasses(WAIT);
    repeated(Return.of("2").byItsClient());
    log.timePasses(Duration.ofMinutes(1));
    stored(Return.of("1").byItsClient().givenUp());
  }

  /** A client that can't return a message at all tries it by itself, and counts on. */
  @Test
  void theNumberOfTriesThatItsClientSaysMayBeAheadOfWhatWaits() {
    stored(Return.of("1"));
    repeated(Return.of("1").byItsClient().times(3));
    stored(Return.of("2").givenUp());
    repeated(Return.of("2").byItsClient().times(3).givenUp().over(40_001));
    log.timePasses(WAIT);

    stored(Return.of("1").byItsClient().times(2).over(40_002));
  }

  @Test
  void whenTheClockWasSetBackNothingIsTakenForWaiting() {
    stored(Return.of("1"));
    log.timePasses(Duration.ofMillis(-1));

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
}
