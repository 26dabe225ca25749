package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Command;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** How the commit log batches, flushes and answers. */
class CommitLogTest extends ScriptedCommitLog {
  private static final ActorTestKit TEST_KIT =
      ActorTestKit.create("commit-log", ConfigFactory.load());

  CommitLogTest() {
    super(TEST_KIT);
  }

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
}
