package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.actors.group.MessageFinder.Find;
import io.sampo.actors.group.MessageFinder.FindRefused;
import io.sampo.actors.group.MessageFinder.FindReply;
import io.sampo.actors.group.MessageFinder.MessagesFound;
import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.MessageRecordWriter;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogSettings;
import io.sampo.storage.log.LogSlice;
import io.sampo.storage.log.RecordPlace;
import io.sampo.storage.log.SegmentedLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries by key on a log with three messages of one key, of 1 KB each. */
class MessageFinderTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final int MESSAGE_BYTES = 1 << 10;

  @TempDir Path folder;

  private final ActorTestKit kit = ActorTestKit.create(ConfigFactory.load());
  private final TestProbe<FindReply> replies = kit.createTestProbe();
  private SegmentedLog log;
  private long thirdPosition;

  @BeforeEach
  void threeMessages() throws IOException {
    log = SegmentedLog.open(new LogSettings(folder, 1 << 20, 64 << 10, 64 << 10));
    log.beginEpoch(1);
    for (int i = 0; i < 3; i++) {
      ByteBuffer body = ByteBuffer.allocate(MESSAGE_BYTES);
      MessageDraft draft =
          MessageDraft.to(ORDERS)
              .body(body, BodyCrc.of(body))
              .properties(MessageProperties.encode(Map.of(MessageProperties.KEYS, "k")), 0)
              .build();
      RecordPlace place = new RecordPlace();
      log.reserve(MessageRecordWriter.sizeOf(draft));
      log.append(draft, 1_000 + i, place);
      log.endBatch();
      thirdPosition = place.position;
    }
  }

  @AfterEach
  void stop() throws IOException {
    kit.shutdownTestKit();
    log.close();
  }

  private ActorRef<MessageFinder.Command> finder(
      LongSupplier committed, int bytesMax, int waiting) {
    return kit.spawn(
        MessageFinder.create(
                log, committed, new FinderSettings(2, bytesMax, Duration.ofSeconds(30), waiting))
            .narrow());
  }

  private Find find(int max) {
    return new Find("orders", "k", false, 0, Long.MAX_VALUE, max, replies.getRef()::tell);
  }

  private MessagesFound found() {
    return replies.expectMessageClass(MessagesFound.class);
  }

  private static List<Long> offsets(MessagesFound found) {
    List<Long> offsets =
        found.records().stream()
            .map(record -> MessageRecord.queueOffset(record.bytes(), record.bytes().position()))
            .toList();
    found.records().forEach(LogSlice::close);
    return offsets;
  }

  @Test
  void theNewestComeFirstAndNoMoreThanAllowed() {
    ActorRef<MessageFinder.Command> finder = finder(log::writtenPosition, 1 << 20, 9);
    finder.tell(find(1));
    assertThat(offsets(found())).containsExactly(2L);
    finder.tell(find(100));
    MessagesFound both = found();
    assertThat(both.complete()).isTrue();
    assertThat(both.searchedTo()).isEqualTo(log.writtenPosition());
    assertThat(offsets(both)).containsExactly(2L, 1L);
  }

  @Test
  void oneMessageComesEvenWhenItIsTooLarge() {
    finder(log::writtenPosition, MESSAGE_BYTES, 9).tell(find(100));

    assertThat(offsets(found())).containsExactly(2L);
  }

  @Test
  void onlyWhatIsCommittedIsShown() {
    finder(() -> thirdPosition - 48, 1 << 20, 9).tell(find(100)); // where the third batch begins

    assertThat(offsets(found())).containsExactly(1L, 0L);
  }

  @Test
  void noMoreWaitThanMayAndThenThereIsRoomAgain() {
    CountDownLatch goOn = new CountDownLatch(1);
    ActorRef<MessageFinder.Command> finder =
        finder(
            () -> {
              try {
                goOn.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              return log.writtenPosition();
            },
            1 << 20,
            2);
    for (int i = 0; i < 3; i++) {
      finder.tell(find(1));
    }
    assertThat(replies.receiveMessage()).isEqualTo(FindRefused.TOO_MANY_WAITING);
    goOn.countDown();
    offsets(found());
    offsets(found());
    kit.createTestProbe()
        .awaitAssert(
            () -> {
              finder.tell(find(1));
              offsets(found());
              return null;
            });
  }

  @Test
  void aLogThatCannotBeReadIsARefusal() {
    finder(
            () -> {
              throw new IllegalStateException("no position");
            },
            1,
            9)
        .tell(find(1));

    assertThat(replies.receiveMessage()).isEqualTo(FindRefused.READ_FAILED);
  }
}
