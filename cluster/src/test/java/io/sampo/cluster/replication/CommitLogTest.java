package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Command;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadRefused;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.LeadershipEnded;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.cluster.replication.CommitLog.LogFailed;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The commit log on a log that shows the order of things and fails on demand. */
class CommitLogTest {
  private static final ActorTestKit TEST_KIT =
      ActorTestKit.create("commit-log", ConfigFactory.load());
  private static final QueueKey ORDERS = new QueueKey("orders", 0);
  private static final QueueKey BUSY = new QueueKey("busy", 0);
  private static final QueueKey BILLS = new QueueKey("bills", 3);
  private static final Duration SOON = Duration.ofSeconds(20);

  private final ScriptedReplicaLog log = new ScriptedReplicaLog();
  private final CountedDrafts drafts = new CountedDrafts();
  private final AtomicLong nowMs = new AtomicLong(1_000);
  private final TestProbe<LeadReply> leader = TEST_KIT.createTestProbe();
  private final TestProbe<AppendReply> producer = TEST_KIT.createTestProbe();
  private final TestProbe<QueueCommitted> ordersProgress = TEST_KIT.createTestProbe();
  private final ReplyTo<QueueCommitted> ordersQueue = ordersProgress.getRef()::tell;

  @AfterAll
  static void stop() {
    TEST_KIT.shutdownTestKit();
  }

  @Test
  void answersOnlyAfterTheFlushAndTellsTheQueueFirst() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);

    commitLog.tell(
        new Append(
            epoch,
            List.of(drafts.draft(ORDERS, "a")),
            progress -> log.note("progress " + progress.nextOffset()),
            reply -> {
              log.note("answer");
              producer.getRef().tell(reply);
            }));

    assertThat(expectAppended().queueOffset()).isZero();
    assertThat(log.trace())
        .containsExactly(
            "promise 1",
            "epoch 1",
            "flush",
            "append orders at 1000",
            "endBatch",
            "flush",
            "progress 1",
            "answer");
    drafts.assertEachReleasedOnce();
  }

  @Test
  void flushesOnceForAllThatWaited() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);
    log.flushGate().hold();
    commitLog.tell(append(epoch, ORDERS, "first"));
    producer.awaitAssert(SOON, () -> assertThat(log.flushGate().isWaitedAt()).isTrue());
    for (int i = 0; i < 100; i++) {
      commitLog.tell(append(epoch, ORDERS, "while the disk is busy"));
    }
    producer.expectNoMessage(Duration.ofMillis(50));

    log.flushGate().allow(2);

    for (int i = 0; i <= 100; i++) {
      assertThat(expectAppended().queueOffset()).isEqualTo(i);
    }
    assertThat(log.trace().stream().filter("flush"::equals)).hasSize(1 + 2);
    assertThat(ordersProgress.expectMessageClass(QueueCommitted.class, SOON))
        .isEqualTo(new QueueCommitted(1, 1));
    assertThat(ordersProgress.expectMessageClass(QueueCommitted.class, SOON))
        .isEqualTo(new QueueCommitted(101, 100));
    drafts.assertEachReleasedOnce();
  }

  @Test
  void tellsEachQueueOncePerBatch() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);
    TestProbe<QueueCommitted> billsProgress = TEST_KIT.createTestProbe();
    ReplyTo<QueueCommitted> billsQueue = billsProgress.getRef()::tell;
    holdUp(commitLog, epoch);

    commitLog.tell(append(epoch, ORDERS, "a"));
    commitLog.tell(new Append(epoch, drafts(BILLS, 3), billsQueue, producer.getRef()::tell));
    commitLog.tell(append(epoch, ORDERS, "b"));
    log.flushGate().allow(2);

    assertThat(ordersProgress.receiveMessage(SOON)).isEqualTo(new QueueCommitted(2, 2));
    assertThat(billsProgress.receiveMessage(SOON)).isEqualTo(new QueueCommitted(3, 1));
    ordersProgress.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  void endsABatchEarlyWhenItHoldsEnough() {
    ActorRef<Command> commitLog =
        spawn("sampo.log { flush = sync, batch-max-appends = 10, batch-max-bytes = 1 MiB }");
    long epoch = lead(commitLog);
    holdUp(commitLog, epoch);
    for (int i = 0; i < 20; i++) {
      commitLog.tell(append(epoch, ORDERS, "waiting"));
    }

    log.flushGate().allow(2);

    for (int i = 0; i < 11; i++) {
      expectAppended();
    }
    producer.awaitAssert(SOON, () -> assertThat(log.flushGate().isWaitedAt()).isTrue());
    producer.expectNoMessage(Duration.ofMillis(50));
    log.flushGate().allow(1);
    for (int i = 11; i < 21; i++) {
      expectAppended();
    }
  }

  @Test
  void endsABatchEarlyWhenItHoldsManyBytes() {
    ActorRef<Command> commitLog =
        spawn("sampo.log { flush = sync, batch-max-appends = 1000, batch-max-bytes = 10000 b }");
    long epoch = lead(commitLog);
    holdUp(commitLog, epoch);
    for (int i = 0; i < 4; i++) {
      commitLog.tell(append(epoch, ORDERS, "x".repeat(5_000)));
    }

    log.flushGate().allow(3);

    for (int i = 0; i < 5; i++) {
      expectAppended();
    }
    assertThat(log.trace().stream().filter("endBatch"::equals)).hasSize(3);
  }

  @Test
  void storesAGroupOfMessagesWithConsecutiveOffsets() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);
    commitLog.tell(append(epoch, ORDERS, "before"));
    expectAppended();

    commitLog.tell(new Append(epoch, drafts(ORDERS, 3), null, producer.getRef()::tell));

    Appended group = expectAppended();
    assertThat(group.queueOffset()).isEqualTo(1);
    assertThat(group.positions()).hasSize(3).isSorted().doesNotHaveDuplicates();
    assertThat(ordersProgress.receiveMessage(SOON)).isEqualTo(new QueueCommitted(1, 1));
    ordersProgress.expectNoMessage(Duration.ofMillis(50));
  }

  @Test
  void storeTimesNeverGoBackThoughTheClockDoes() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);
    for (long now : new long[] {5_000, 3_000, 6_000}) {
      nowMs.set(now);
      commitLog.tell(append(epoch, ORDERS, "at " + now));
      expectAppended();
    }

    assertThat(log.trace())
        .containsSubsequence(
            "append orders at 5000", "append orders at 5000", "append orders at 6000");
  }

  @Test
  void refusesBeforeItIsLedAndUnderAnyOtherEpoch() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    for (long epoch : new long[] {0, 1}) {
      commitLog.tell(append(epoch, ORDERS, "too early"));
      producer.expectMessage(SOON, AppendRefused.NOT_LEADING);
    }
    assertThat(lead(commitLog)).isEqualTo(1);
    for (long epoch : new long[] {0, 2}) {
      commitLog.tell(append(epoch, ORDERS, "wrong epoch"));
      producer.expectMessage(SOON, AppendRefused.NOT_LEADING);
    }

    ordersProgress.expectNoMessage(Duration.ofMillis(50));
    assertThat(log.trace()).noneMatch(line -> line.startsWith("append"));
    drafts.assertEachReleasedOnce();
  }

  @Test
  void aSecondLeaderTakesANewerEpochAndEndsTheFirst() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    assertThat(lead(commitLog)).isEqualTo(1);
    holdUp(commitLog, 1);
    TestProbe<LeadReply> second = TEST_KIT.createTestProbe();
    commitLog.tell(append(1, ORDERS, "still under the old epoch"));
    commitLog.tell(new Lead(second.getRef()));
    commitLog.tell(append(1, ORDERS, "too late"));
    commitLog.tell(append(2, ORDERS, "under the new epoch"));
    log.flushGate().allow(10);

    assertThat(second.expectMessageClass(Leading.class, SOON).epoch()).isEqualTo(2);
    assertThat(leader.expectMessageClass(LeadershipEnded.class, SOON).epoch()).isEqualTo(1);
    expectAppended();
    assertThat(expectAppended().queueOffset()).isZero();
    producer.expectMessage(SOON, AppendRefused.NOT_LEADING);
    assertThat(expectAppended().queueOffset()).isEqualTo(1);
    drafts.assertEachReleasedOnce();
  }

  @Test
  void thePromiseIsStoredBeforeAnythingIsWrittenUnderAnEpoch() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    log.failPromises();

    commitLog.tell(new Lead(leader.getRef()));

    assertThat(leader.expectMessageClass(LeadRefused.class, SOON).reason())
        .contains("no space left for the promise");
    assertThat(log.trace()).containsExactly("promise 1");
    commitLog.tell(append(1, ORDERS, "not led"));
    producer.expectMessage(SOON, AppendRefused.NOT_LEADING);
  }

  @Test
  void aFullDiskRefusesWhatIsTooMuchAndGoesOn() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);
    commitLog.tell(append(epoch, ORDERS, "fits"));
    expectAppended();
    assertThat(ordersProgress.receiveMessage(SOON)).isEqualTo(new QueueCommitted(1, 1));

    log.full(true);
    commitLog.tell(append(epoch, ORDERS, "does not fit"));
    producer.expectMessage(SOON, AppendRefused.DISK_FULL);
    assertThat(ordersProgress.receiveMessage(SOON)).isEqualTo(new QueueCommitted(1, 1));

    log.full(false);
    commitLog.tell(append(epoch, ORDERS, "fits again"));
    assertThat(expectAppended().queueOffset()).isEqualTo(1);
    assertThat(ordersProgress.receiveMessage(SOON)).isEqualTo(new QueueCommitted(2, 1));
    drafts.assertEachReleasedOnce();
  }

  @Test
  void refusesWhatNoSegmentHolds() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);

    commitLog.tell(append(epoch, ORDERS, "x".repeat(70 << 10)));

    producer.expectMessage(SOON, AppendRefused.TOO_LARGE);
    assertThat(ordersProgress.receiveMessage(SOON)).isEqualTo(new QueueCommitted(0, 1));
    drafts.assertEachReleasedOnce();
  }

  @Test
  void refusesATopicThatNoRecordHolds() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);

    commitLog.tell(append(epoch, new QueueKey("t".repeat(40_000), 0), "body"));

    producer.expectMessage(SOON, AppendRefused.TOO_LARGE);
    drafts.assertEachReleasedOnce();
  }

  @Test
  void aFailedFlushIsFinalAndEverybodyHearsOfIt() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);
    TestProbe<LogFailed> listener = TEST_KIT.createTestProbe();
    TEST_KIT
        .system()
        .eventStream()
        .tell(new EventStream.Subscribe<>(LogFailed.class, listener.getRef()));
    long committed = localLog().committedPosition();
    holdUp(commitLog, epoch);
    commitLog.tell(append(epoch, ORDERS, "after it"));
    log.failFlushes();
    log.flushGate().allow(10);

    producer.expectMessage(SOON, AppendRefused.LOG_FAILED);
    producer.expectMessage(SOON, AppendRefused.LOG_FAILED);
    assertThat(leader.expectMessageClass(LeadershipEnded.class, SOON).epoch()).isEqualTo(epoch);
    assertThat(listener.receiveMessage(SOON).reason()).contains("the disk said no");
    assertThat(localLog().ledEpoch()).isZero();
    assertThat(localLog().committedPosition()).isEqualTo(committed);
    commitLog.tell(new Lead(leader.getRef()));
    assertThat(leader.expectMessageClass(LeadRefused.class, SOON).reason())
        .contains("the disk said no");
    ordersProgress.expectNoMessage(Duration.ofMillis(50));
    drafts.assertEachReleasedOnce();
  }

  @Test
  void aFailedWriteIsFinalAndItsBatchIsNeverEnded() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);
    log.failAppends();

    commitLog.tell(append(epoch, ORDERS, "meets a bad sector"));
    producer.expectMessage(SOON, AppendRefused.LOG_FAILED);
    commitLog.tell(append(epoch, ORDERS, "later"));
    producer.expectMessage(SOON, AppendRefused.LOG_FAILED);

    leader.expectMessageClass(LeadershipEnded.class, SOON);
    TEST_KIT.stop(commitLog);
    assertThat(log.trace()).containsExactly("promise 1", "epoch 1", "flush");
    drafts.assertEachReleasedOnce();
  }

  @Test
  void whatWasTakenIsStoredAndAnsweredWhenTheActorStops() {
    ActorRef<ActorRef<Done>> parent = TEST_KIT.spawn(parentOf(commitLogBehavior("")));
    producer.awaitAssert(SOON, this::localLog);
    ActorRef<Command> commitLog = localLog().commitLog();
    reclaimDeadLetters();
    long epoch = lead(commitLog);
    log.appendGate().hold();
    commitLog.tell(append(epoch, ORDERS, "taken"));
    commitLog.tell(append(epoch, ORDERS, "left in the mailbox"));
    producer.awaitAssert(SOON, () -> assertThat(log.appendGate().isWaitedAt()).isTrue());

    TestProbe<Done> stopping = TEST_KIT.createTestProbe();
    parent.tell(stopping.getRef());
    stopping.receiveMessage(SOON);
    log.appendGate().allow(2);
    stopping.expectTerminated(commitLog, SOON);

    assertThat(expectAppended().queueOffset()).isZero();
    producer.expectMessage(SOON, AppendRefused.NOT_LEADING);
    assertThat(log.trace())
        .endsWith("append orders at 1000", "endBatch", "flush", "close")
        .containsOnlyOnce("append orders at 1000");
    assertThat(LocalLogs.get(TEST_KIT.system()).find(logGroup())).isNull();
    drafts.assertEachReleasedOnce();
  }

  @Test
  void asynchronousFlushAnswersAfterTheWriteAndFlushesBehind() {
    ActorRef<Command> commitLog =
        spawn("sampo.log { flush = async, flush-interval = 10 ms, flush-bytes = 1 GiB }");
    long epoch = lead(commitLog);
    log.flushGate().hold();

    for (int i = 0; i < 5; i++) {
      commitLog.tell(append(epoch, ORDERS, "not flushed"));
      assertThat(expectAppended().queueOffset()).isEqualTo(i);
    }
    assertThat(localLog().committedPosition()).isEqualTo(log.writtenPosition());
    assertThat(log.flushedPosition()).isLessThan(log.writtenPosition());

    log.flushGate().allow(1_000);
    producer.awaitAssert(
        SOON, () -> assertThat(log.flushedPosition()).isEqualTo(log.writtenPosition()));
  }

  @Test
  void asynchronousFlushComesEarlyWhenMuchWasWritten() {
    ActorRef<Command> commitLog =
        spawn("sampo.log { flush = async, flush-interval = 1 h, flush-bytes = 4096 b }");
    long epoch = lead(commitLog);

    commitLog.tell(append(epoch, ORDERS, "little"));
    expectAppended();
    assertThat(log.flushedPosition()).isLessThan(log.writtenPosition());
    commitLog.tell(append(epoch, ORDERS, "x".repeat(5_000)));
    expectAppended();

    producer.awaitAssert(
        SOON, () -> assertThat(log.flushedPosition()).isEqualTo(log.writtenPosition()));
  }

  @Test
  void aFailedBackgroundFlushIsFinalToo() {
    ActorRef<Command> commitLog =
        spawn("sampo.log { flush = async, flush-interval = 1 h, flush-bytes = 4096 b }");
    long epoch = lead(commitLog);
    log.failFlushes();

    commitLog.tell(append(epoch, ORDERS, "x".repeat(5_000)));

    expectAppended();
    leader.expectMessageClass(LeadershipEnded.class, SOON);
    commitLog.tell(append(epoch, ORDERS, "later"));
    producer.expectMessage(SOON, AppendRefused.LOG_FAILED);
    drafts.assertEachReleasedOnce();
  }

  @Test
  void aLogThatCanNotBeOpenedRefusesWithTheReason() {
    ActorRef<Command> commitLog =
        TEST_KIT.spawn(
            CommitLog.create(
                logGroup(),
                surroundings(""),
                () -> {
                  throw new IOException("bad record at 17");
                }),
            CommitLog.dispatcher());

    commitLog.tell(new Lead(leader.getRef()));
    assertThat(leader.expectMessageClass(LeadRefused.class, SOON).reason())
        .contains("bad record at 17");
    commitLog.tell(append(1, ORDERS, "nowhere to go"));
    producer.expectMessage(SOON, AppendRefused.LOG_FAILED);
    drafts.assertEachReleasedOnce();
  }

  @Test
  void aFaultyReceiverHurtsOnlyItself() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);
    holdUp(commitLog, epoch);
    commitLog.tell(
        new Append(
            epoch,
            drafts(ORDERS, 1),
            null,
            reply -> {
              throw new IllegalStateException("a connection with a bug");
            }));
    commitLog.tell(append(epoch, ORDERS, "the neighbour"));
    log.flushGate().allow(10);

    expectAppended();
    assertThat(expectAppended().queueOffset()).isEqualTo(1);
    drafts.assertEachReleasedOnce();
  }

  @Test
  void runsOnAThreadOfItsOwnThatIsNamedForItsRole() {
    ActorRef<Command> commitLog = spawn("sampo.log.flush = sync");
    long epoch = lead(commitLog);
    TestProbe<String> thread = TEST_KIT.createTestProbe();

    commitLog.tell(
        new Append(
            epoch,
            drafts(ORDERS, 1),
            null,
            reply -> thread.getRef().tell(Thread.currentThread().getName())));

    assertThat(thread.receiveMessage(SOON)).contains("sampo.commit-log.dispatcher");
  }

  @Test
  void aLogGroupIsOpenOnceOnANode() {
    lead(spawn(""));
    TestProbe<Object> watcher = TEST_KIT.createTestProbe();

    ActorRef<Command> second =
        TEST_KIT.spawn(
            CommitLog.create(logGroup(), surroundings(""), ScriptedReplicaLog::new),
            CommitLog.dispatcher());

    watcher.expectTerminated(second, SOON);
    assertThat(localLog().commitLog()).isNotEqualTo(second);
  }

  private ActorRef<Command> spawn(String config) {
    return TEST_KIT.spawn(commitLogBehavior(config), CommitLog.dispatcher());
  }

  private Behavior<Command> commitLogBehavior(String config) {
    return CommitLog.create(logGroup(), surroundings(config), () -> log);
  }

  private Surroundings surroundings(String config) {
    return new Surroundings(
        settings(config),
        ReplicaPlan.alone(new ReplicaId("a", 1)),
        ReplicaPeers.NONE,
        () -> Instant.ofEpochMilli(nowMs.get()));
  }

  /** Has the behavior as a child and orders it to stop when it is told whom to answer then. */
  private static Behavior<ActorRef<Done>> parentOf(Behavior<Command> behavior) {
    return Behaviors.setup(
        context -> {
          ActorRef<Command> child = context.spawn(behavior, "log", CommitLog.dispatcher());
          return Behaviors.receiveMessage(
              replyTo -> {
                context.stop(child);
                replyTo.tell(Done.getInstance());
                return Behaviors.same();
              });
        });
  }

  private void reclaimDeadLetters() {
    ActorRef<Object> stopped = TEST_KIT.spawn(Behaviors.stopped());
    producer.expectTerminated(stopped, SOON);
    TEST_KIT.spawn(DeadLetterReclaimer.create());
    AtomicInteger reclaimed = new AtomicInteger();
    producer.awaitAssert(
        SOON,
        () -> {
          stopped.tell((Undeliverable) reclaimed::incrementAndGet);
          return assertThat(reclaimed).hasPositiveValue();
        });
  }

  private long lead(ActorRef<Command> commitLog) {
    commitLog.tell(new Lead(leader.getRef()));
    return leader.expectMessageClass(Leading.class, SOON).epoch();
  }

  /**
   * Makes the writer wait in a flush of another queue, so that what is told next shares the batch
   * after it.
   */
  private void holdUp(ActorRef<Command> commitLog, long epoch) {
    log.flushGate().hold();
    commitLog.tell(new Append(epoch, drafts(BUSY, 1), null, producer.getRef()::tell));
    producer.awaitAssert(SOON, () -> assertThat(log.flushGate().isWaitedAt()).isTrue());
  }

  private Append append(long epoch, QueueKey queue, String body) {
    return new Append(
        epoch, List.of(drafts.draft(queue, body)), ordersQueue, producer.getRef()::tell);
  }

  private List<MessageDraft> drafts(QueueKey queue, int number) {
    return IntStream.range(0, number).mapToObj(i -> drafts.draft(queue, "message " + i)).toList();
  }

  private Appended expectAppended() {
    return producer.expectMessageClass(Appended.class, SOON);
  }

  /** Each test instance has a log group of its own, since all share an actor system. */
  private String logGroup() {
    return "group-" + System.identityHashCode(this);
  }

  private LocalLog localLog() {
    return Objects.requireNonNull(LocalLogs.get(TEST_KIT.system()).find(logGroup()));
  }

  private static CommitLogSettings settings(String config) {
    return CommitLogSettings.of(
        ConfigFactory.parseString(config).withFallback(ConfigFactory.load()).resolve());
  }
}
