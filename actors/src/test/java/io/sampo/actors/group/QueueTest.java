package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.filter.BadFilterException;
import io.sampo.actors.filter.FilterSettings;
import io.sampo.actors.filter.TagFilter;
import io.sampo.actors.group.FakeLog.FakeQueue;
import io.sampo.actors.group.FakeLog.FakeSlice;
import io.sampo.actors.group.Queue.Append;
import io.sampo.actors.group.Queue.Bounds;
import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.actors.group.Queue.Found;
import io.sampo.actors.group.Queue.NothingMatched;
import io.sampo.actors.group.Queue.NothingNew;
import io.sampo.actors.group.Queue.OffsetFound;
import io.sampo.actors.group.Queue.OffsetMoved;
import io.sampo.actors.group.Queue.Pull;
import io.sampo.actors.group.Queue.PullLimits;
import io.sampo.actors.group.Queue.PullReply;
import io.sampo.actors.group.Queue.ReadRefused;
import io.sampo.cluster.replication.AppendRefused;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogSlice;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A queue over a log of entries without bytes and a commit log that is the test itself. */
class QueueTest {
  private static final QueueKey KEY = new QueueKey("orders", 3);
  private static final PullLimits PLENTY = new PullLimits(32, 1 << 20);
  private static final QueueSettings SETTINGS =
      new QueueSettings(2, 3, 100, Duration.ofSeconds(60));

  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final AtomicLong nowMs = new AtomicLong(1_000_000);
  private final FakeLog log = new FakeLog();
  private final FakeQueue entries = log.queue(KEY);
  private final TestProbe<CommitLog.Command> commitLog = kit.createTestProbe();
  private final TestProbe<PullReply> consumer = kit.createTestProbe();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void appendGoesOnToTheLogUnderTheEpochOfTheLeadership() {
    ActorRef<Queue.Command> queue = start();
    TestProbe<AppendReply> producer = kit.createTestProbe();

    List<MessageDraft> drafts = List.of(MessageDraft.to(KEY).build());
    queue.tell(new Append(drafts, producer.getRef()::tell));

    CommitLog.Append append = commitLog.expectMessageClass(CommitLog.Append.class);
    assertThat(append.epoch()).isEqualTo(7);
    assertThat(append.drafts()).isSameAs(drafts);
    append.replyTo().tell(AppendRefused.DISK_FULL);
    producer.expectMessage(AppendRefused.DISK_FULL);
  }

  @Test
  void appendBeyondTheWindowIsRefusedAndReleasedUntilProgressMakesRoom() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append first = append(queue);
    append(queue);

    TestProbe<AppendReply> producer = kit.createTestProbe();
    AtomicInteger released = new AtomicInteger();
    MessageDraft draft = MessageDraft.to(KEY).onRelease(released::incrementAndGet).build();
    queue.tell(new Append(List.of(draft), producer.getRef()::tell));

    producer.expectMessage(AppendRefused.WINDOW_FULL);
    assertThat(released).hasValue(1);

    commit(first, 1, 1);
    append(queue);
  }

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
  void waitingPullIsAnsweredByTheFirstCommittedMessage() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    queue.tell(pull(0, 15_000));
    entries.add(10, "a");
    consumer.expectNoMessage();

    commit(append, 1, 1);

    assertThat(consumer.expectMessageClass(Found.class).nextOffset()).isEqualTo(1);
  }

  @Test
  void waitingPullIsAnsweredEmptyWhenItsWaitIsOver() {
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(0, 15_000));
    awaitHandled(queue);

    pass(Duration.ofMillis(14_999));
    consumer.expectNoMessage();
    pass(Duration.ofMillis(1));
    consumer.expectMessage(new NothingNew(0, 0, 0));
  }

  @Test
  void pullsOfDifferentWaitsEachEndAtTheirOwnTime() {
    ActorRef<Queue.Command> queue = start();
    TestProbe<PullReply> patient = kit.createTestProbe();
    TestProbe<PullReply> later = kit.createTestProbe();
    queue.tell(new Pull(0, PLENTY, EntryFilter.ALL, 20_000, patient.getRef()::tell));
    queue.tell(pull(0, 5_000));
    awaitHandled(queue);
    pass(Duration.ofSeconds(2));
    queue.tell(new Pull(0, PLENTY, EntryFilter.ALL, 5_000, later.getRef()::tell));
    awaitHandled(queue);

    pass(Duration.ofSeconds(3));
    consumer.expectMessage(new NothingNew(0, 0, 0));
    awaitHandled(queue);
    later.expectNoMessage();
    pass(Duration.ofSeconds(2));
    later.expectMessage(new NothingNew(0, 0, 0));
    awaitHandled(queue);
    patient.expectNoMessage();
    pass(Duration.ofSeconds(13));
    patient.expectMessage(new NothingNew(0, 0, 0));
  }

  @Test
  void noPullWaitsLongerThanTheQueueAllows() {
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(0, Long.MAX_VALUE));
    awaitHandled(queue);
    pass(SETTINGS.waitMax());
    consumer.expectMessage(new NothingNew(0, 0, 0));
  }

  @Test
  void waitingPullKeepsWaitingWhenWhatComesDoesNotMatchAndLearnsItsProgressInTheEnd() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    queue.tell(pull(0, PLENTY, tags("a"), 15_000));
    entries.add(10, "b").add(10, "b");
    commit(append, 2, 1);
    awaitHandled(queue);
    consumer.expectNoMessage();

    pass(Duration.ofSeconds(15));

    consumer.expectMessage(new NothingMatched(2, 0, 2));
  }

  @Test
  void waitingPullThatPassedOverOthersGetsItsMatch() {
    entries.add(10, "b");
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    queue.tell(pull(0, PLENTY, tags("a"), 15_000));
    consumer.expectNoMessage();
    entries.add(10, "b").add(10, "a");

    commit(append, 3, 1);

    Found found = consumer.expectMessageClass(Found.class);
    assertThat(found.messages()).isEqualTo(1);
    assertThat(found.nextOffset()).isEqualTo(3);
    assertThat(log.scannedEntries()).as("each entry was looked at once").isEqualTo(3);
  }

  @Test
  void oneCommitAnswersAllThatWait() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    queue.tell(pull(0, 15_000));
    queue.tell(pull(0, 15_000));
    entries.add(10, "a");
    commit(append, 1, 1);
    consumer.expectMessageClass(Found.class);
    consumer.expectMessageClass(Found.class);
  }

  @Test
  void pullThatFindsNoRoomToWaitIsRefused() {
    ActorRef<Queue.Command> queue = start();
    for (int i = 0; i < SETTINGS.parkedPullsMax(); i++) {
      queue.tell(pull(0, 15_000));
    }
    consumer.expectNoMessage();
    queue.tell(pull(0, 15_000));
    consumer.expectMessage(ReadRefused.TOO_MANY_WAITING);
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
  void failedReadConcernsOnlyTheOneWhoAsked() {
    entries.add(10, "a");
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append append = append(queue);
    TestProbe<PullReply> waiting = kit.createTestProbe();
    queue.tell(new Pull(1, PLENTY, EntryFilter.ALL, 15_000, waiting.getRef()::tell));

    for (Throwable failure : List.of(new IllegalStateException("bad"), new InternalError("bad"))) {
      log.failReads(failure);
      queue.tell(pull(0, 15_000));
      consumer.expectMessage(ReadRefused.READ_FAILED);
      TestProbe<Queue.SearchReply> searcher = kit.createTestProbe();
      queue.tell(new Queue.SearchOffset(1, false, searcher.getRef()::tell));
      searcher.expectMessage(ReadRefused.READ_FAILED);
      TestProbe<Queue.BoundsReply> asker = kit.createTestProbe();
      queue.tell(new Queue.GetBounds(asker.getRef()::tell));
      asker.expectMessage(ReadRefused.READ_FAILED);
    }

    log.failReads(null);
    entries.add(10, "a");
    commit(append, 2, 1);
    waiting.expectMessageClass(Found.class);
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

  @Test
  void restartForgetsNeitherTheCommittedOffsetNorTheWindow() {
    ActorRef<Queue.Command> queue = start();
    CommitLog.Append first = append(queue);
    append(queue);
    entries.add(10, "a").add(10, "a");
    commit(first, 1, 1);
    queue.tell(pull(1, 15_000));
    consumer.expectNoMessage();

    queue.tell(
        new Queue.GetBounds(
            bounds -> {
              throw new IllegalStateException("who asks is broken");
            }));

    consumer.expectMessage(ReadRefused.NOT_LEADING);
    queue.tell(pull(0, 0));
    assertThat(consumer.expectMessageClass(Found.class).maxOffset())
        .as("the second record is in the log but not committed")
        .isEqualTo(1);
    append(queue);
    TestProbe<AppendReply> producer = kit.createTestProbe();
    queue.tell(new Append(List.of(MessageDraft.to(KEY).build()), producer.getRef()::tell));
    producer.expectMessage(AppendRefused.WINDOW_FULL);
  }

  @Test
  void stopRefusesThoseWhoWait() {
    ActorRef<Queue.Command> queue = start();
    queue.tell(pull(0, 15_000));
    awaitHandled(queue);
    kit.stop(queue);
    consumer.expectMessage(ReadRefused.NOT_LEADING);
  }

  @Test
  void boundsNameTheTimeOfTheOldestMessage() {
    ActorRef<Queue.Command> queue = start();
    TestProbe<Queue.BoundsReply> asker = kit.createTestProbe();
    queue.tell(new Queue.GetBounds(asker.getRef()::tell));
    asker.expectMessage(new Bounds(0, 0, -1));

    CommitLog.Append append = append(queue);
    entries.add(100, "a", 1234).add(100, "a", 1300);
    commit(append, 2, 1);
    queue.tell(new Queue.GetBounds(asker.getRef()::tell));
    asker.expectMessage(new Bounds(0, 2, 1234));

    entries.forgetBelow(1);
    queue.tell(new Queue.GetBounds(asker.getRef()::tell));
    asker.expectMessage(new Bounds(1, 2, 1300));
    assertThat(log.openSlices()).isZero();
  }

  @Test
  void searchFindsTheFirstAtOrAfterAndTheLastAtOrBefore() {
    entries.add(10, "a", 100).add(10, "a", 200).add(10, "a", 200).add(10, "a", 300);
    ActorRef<Queue.Command> queue = start();

    assertThat(search(queue, 50, false)).isEqualTo(0);
    assertThat(search(queue, 200, false)).isEqualTo(1);
    assertThat(search(queue, 201, false)).isEqualTo(3);
    assertThat(search(queue, 301, false)).isEqualTo(4);
    assertThat(search(queue, 50, true)).isEqualTo(0);
    assertThat(search(queue, 200, true)).isEqualTo(2);
    assertThat(search(queue, 299, true)).isEqualTo(2);
    assertThat(search(queue, Long.MAX_VALUE, true)).isEqualTo(3);
  }

  private long search(ActorRef<Queue.Command> queue, long timestampMs, boolean upper) {
    TestProbe<Queue.SearchReply> asker = kit.createTestProbe();
    queue.tell(new Queue.SearchOffset(timestampMs, upper, asker.getRef()::tell));
    return asker.expectMessageClass(OffsetFound.class).offset();
  }

  private ActorRef<Queue.Command> start() {
    Leadership leadership = new Leadership("broker-0", 7, log, commitLog.getRef());
    return kit.spawn(Queue.create(KEY, leadership, SETTINGS, nowMs::get).actor());
  }

  /** What was told before is handled, and its timers are set. */
  private void awaitHandled(ActorRef<Queue.Command> queue) {
    search(queue, 0, false);
  }

  private CommitLog.Append append(ActorRef<Queue.Command> queue) {
    queue.tell(new Append(List.of(MessageDraft.to(KEY).build()), reply -> {}));
    return commitLog.expectMessageClass(CommitLog.Append.class);
  }

  private static void commit(CommitLog.Append append, long nextOffset, int answered) {
    assertThat(append.progress()).isNotNull();
    append.progress().tell(new CommitLog.QueueCommitted(nextOffset, answered));
  }

  private Pull pull(long offset, long waitMillis) {
    return pull(offset, PLENTY, EntryFilter.ALL, waitMillis);
  }

  private Pull pull(long offset, PullLimits limits, EntryFilter filter, long waitMillis) {
    return new Pull(offset, limits, filter, waitMillis, consumer.getRef()::tell);
  }

  private static EntryFilter tags(String expression) {
    try {
      return TagFilter.compile("TAG", expression, new FilterSettings(100, 10, 10));
    } catch (BadFilterException e) {
      throw new AssertionError(e);
    }
  }

  private void pass(Duration duration) {
    nowMs.addAndGet(duration.toMillis());
    time.timePasses(duration);
  }
}
