package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.group.FakeLog.FakeSlice;
import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.group.Queue.NothingMatched;
import io.sampo.actors.group.Queue.NothingNew;
import io.sampo.actors.group.Queue.OffsetMoved;
import io.sampo.actors.group.Queue.PullLimits;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.storage.log.LogSlice;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;

/** What a pull is given of what is committed. */
class QueuePullTest extends QueueOverFakeLog {
  @Test
  void pullShowsOnlyWhatIsCommitted() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    entries.add(100, "a").add(100, "a");

    queue.tell(pull(0, 0));
    consumer.expectMessage(new NothingNew(0, 0, 0));

    commit(append, 1, 1);
    queue.tell(pull(0, 0));
    Found found = consumer.expectMessageClass(Found.class);
    assertThat(found.messages()).isEqualTo(1);
    assertThat(found.nextOffset()).isEqualTo(1);
    assertThat(found.maxOffset()).isEqualTo(1);
  }

  @Test
  void neighbouringRecordsComeAsOneSlice() {
    entries.add(100, "a").add(50, "a");
    log.newBatch();
    entries.add(70, "a");
    ActorRef<Queue.Command> queue = start();

    queue.tell(pull(0, 0));

    Found found = consumer.expectMessageClass(Found.class);
    assertThat(found.messages()).isEqualTo(3);
    assertThat(found.slices())
        .extracting(slice -> ((FakeSlice) slice).position)
        .containsExactly(0L, 182L);
    assertThat(found.slices()).extracting(LogSlice::sizeBytes).containsExactly(150, 70);
    assertThat(log.openSlices()).isEqualTo(2);
  }

  @Test
  void recordsThatDoNotMatchAreLeftOutOfTheSlices() {
    entries.add(100, "a").add(50, "b").add(70, "a").add(70, "b");
    ActorRef<Queue.Command> queue = start();

    queue.tell(pull(0, PLENTY, tags("a"), 0));

    Found found = consumer.expectMessageClass(Found.class);
    assertThat(found.slices())
        .extracting(slice -> ((FakeSlice) slice).position)
        .containsExactly(0L, 150L);
    assertThat(found.messages()).isEqualTo(2);
    assertThat(found.nextOffset()).as("also what doesn't match is done with").isEqualTo(4);
  }

  @Test
  void pullEndsAtItsLimits() {
    entries.add(100, "a").add(100, "a").add(100, "a");
    ActorRef<Queue.Command> queue = start();

    queue.tell(pull(0, new PullLimits(2, 1000), EntryFilter.ALL, 0));
    assertThat(consumer.expectMessageClass(Found.class).nextOffset()).isEqualTo(2);

    queue.tell(pull(0, new PullLimits(32, 250), EntryFilter.ALL, 0));
    assertThat(consumer.expectMessageClass(Found.class).nextOffset()).isEqualTo(2);

    queue.tell(pull(0, new PullLimits(32, 1), EntryFilter.ALL, 0));
    assertThat(consumer.expectMessageClass(Found.class).messages())
        .as("one message comes, however large")
        .isEqualTo(1);
  }

  @Test
  void pullOutsideTheQueueLearnsWhereToGoOn() {
    for (int i = 0; i < 5; i++) {
      entries.add(10, "a");
    }
    entries.forgetBelow(2);
    ActorRef<Queue.Command> queue = start();

    queue.tell(pull(1, 5000));
    consumer.expectMessage(new OffsetMoved(2, 2, 5));
    queue.tell(pull(6, 5000));
    consumer.expectMessage(new OffsetMoved(5, 2, 5));
    queue.tell(pull(5, 0));
    consumer.expectMessage(new NothingNew(5, 2, 5));
  }

  @Test
  void pullBeyondAnEmptyQueueGoesBackToItsStart() {
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(9, 5000));
    consumer.expectMessage(new OffsetMoved(0, 0, 0));
  }

  @Test
  void pullWhoseFilterMatchesNothingGetsItsProgress() {
    entries.add(10, "b").add(10, "b");
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(0, PLENTY, tags("a"), 0));
    consumer.expectMessage(new NothingMatched(2, 0, 2));
  }

  @Test
  void onePullLooksAtNoMoreEntriesThanItMay() {
    for (int i = 0; i < 1000; i++) {
      entries.add(10, "b");
    }
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(0, PLENTY, tags("a"), 15_000));
    consumer.expectMessage(new NothingMatched(100, 0, 1000));
    assertThat(log.scannedEntries()).isLessThanOrEqualTo(101);
  }

  @Test
  void recordsWhoseSegmentIsGoneAreSkipped() {
    entries.add(10, "a").add(10, "a");
    log.dropSegmentsSoFar();
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(0, 0));
    consumer.expectMessage(new NothingMatched(2, 0, 2));

    CommitLog.Append append = append(queue);
    log.newBatch();
    entries.add(10, "a");
    commit(append, 3, 1);
    queue.tell(pull(0, 0));
    Found found = consumer.expectMessageClass(Found.class);
    assertThat(found.messages()).isEqualTo(1);
    assertThat(found.slices()).hasSize(1);
  }

  @Test
  void pullThatRetentionOvertakesGoesOnAtTheOldestMessage() {
    entries.add(10, "a").add(10, "a").add(10, "a");
    ActorRef<Queue.Command> queue = start();
    log.forgetDuringNextScan(2);
    queue.tell(pull(0, 0));
    consumer.expectMessage(new OffsetMoved(2, 2, 3));
  }

  @Test
  void failureInTheMiddleOfAPullClosesItsSlices() {
    entries.add(10, "a");
    log.newBatch();
    entries.add(10, "a");
    ActorRef<Queue.Command> queue = start();
    AtomicInteger seen = new AtomicInteger();
    EntryFilter failsAtTheThird =
        tagHash -> {
          if (seen.incrementAndGet() == 3) {
            throw new IllegalStateException("bad filter");
          }
          return true;
        };
    log.newBatch();
    CommitLog.Append append = append(queue);
    entries.add(10, "a");
    commit(append, 3, 1);

    queue.tell(pull(0, PLENTY, failsAtTheThird, 0));

    consumer.expectMessage(ReadRefused.READ_FAILED);
    assertThat(log.openSlices()).isZero();
  }
}
