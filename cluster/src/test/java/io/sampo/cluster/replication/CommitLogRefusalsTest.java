package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.replication.CommitLog.Command;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadRefused;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.LeadershipEnded;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.cluster.replication.CommitLog.LogFailed;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.QueueKey;
import java.io.IOException;
import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the commit log refuses, and what becomes of it when its files fail. */
class CommitLogRefusalsTest extends ScriptedCommitLog {
  private static final ActorTestKit TEST_KIT =
      ActorTestKit.create("commit-log", ConfigFactory.load());

  CommitLogRefusalsTest() {
    super(TEST_KIT);
  }

  @AfterAll
  static void stop() {
    TEST_KIT.shutdownTestKit();
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
}
