package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Command;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
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
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** A commit log on a log that shows the order of things and fails on demand. */
abstract class ScriptedCommitLog {
  static final QueueKey ORDERS = new QueueKey("orders", 0);
  static final QueueKey BUSY = new QueueKey("busy", 0);
  static final QueueKey BILLS = new QueueKey("bills", 3);
  static final Duration SOON = Duration.ofSeconds(20);

  final ActorTestKit testKit;

  final ScriptedReplicaLog log = new ScriptedReplicaLog();
  final CountedDrafts drafts = new CountedDrafts();
  final AtomicLong nowMs = new AtomicLong(1_000);
  final TestProbe<LeadReply> leader;
  final TestProbe<AppendReply> producer;
  final TestProbe<QueueCommitted> ordersProgress;
  final ReplyTo<QueueCommitted> ordersQueue;

  /**
   * @param testKit shared by the tests of a class
   */
  ScriptedCommitLog(ActorTestKit testKit) {
    this.testKit = testKit;
    this.leader = testKit.createTestProbe();
    this.producer = testKit.createTestProbe();
    this.ordersProgress = testKit.createTestProbe();
    this.ordersQueue = ordersProgress.getRef()::tell;
  }

  ActorRef<Command> spawn(String config) {
    return testKit.spawn(commitLogBehavior(config), CommitLog.dispatcher());
  }

  Behavior<Command> commitLogBehavior(String config) {
    return CommitLog.create(logGroup(), surroundings(config), () -> log);
  }

  Surroundings surroundings(String config) {
    return new Surroundings(
        settings(config),
        ReplicaPlan.alone(new ReplicaId("a", 1)),
        ReplicaPeers.NONE,
        () -> Instant.ofEpochMilli(nowMs.get()));
  }

  /** Has the behavior as a child and orders it to stop when it is told whom to answer then. */
  static Behavior<ActorRef<Done>> parentOf(Behavior<Command> behavior) {
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

  void reclaimDeadLetters() {
    ActorRef<Object> stopped = testKit.spawn(Behaviors.stopped());
    producer.expectTerminated(stopped, SOON);
    testKit.spawn(DeadLetterReclaimer.create());
    AtomicInteger reclaimed = new AtomicInteger();
    producer.awaitAssert(
        SOON,
        () -> {
          stopped.tell((Undeliverable) reclaimed::incrementAndGet);
          return assertThat(reclaimed).hasPositiveValue();
        });
  }

  long lead(ActorRef<Command> commitLog) {
    commitLog.tell(new Lead(leader.getRef()));
    return leader.expectMessageClass(Leading.class, SOON).epoch();
  }

  /**
   * Makes the writer wait in a flush of another queue, so that what is told next shares the batch
   * after it.
   */
  void holdUp(ActorRef<Command> commitLog, long epoch) {
    log.flushGate().hold();
    commitLog.tell(new Append(epoch, drafts(BUSY, 1), null, producer.getRef()::tell));
    producer.awaitAssert(SOON, () -> assertThat(log.flushGate().isWaitedAt()).isTrue());
  }

  Append append(long epoch, QueueKey queue, String body) {
    return new Append(
        epoch, List.of(drafts.draft(queue, body)), ordersQueue, producer.getRef()::tell);
  }

  List<MessageDraft> drafts(QueueKey queue, int number) {
    return IntStream.range(0, number).mapToObj(i -> drafts.draft(queue, "message " + i)).toList();
  }

  Appended expectAppended() {
    return producer.expectMessageClass(Appended.class, SOON);
  }

  /** Each test instance has a log group of its own, since all share an actor system. */
  String logGroup() {
    return "group-" + System.identityHashCode(this);
  }

  LocalLog localLog() {
    return Objects.requireNonNull(LocalLogs.get(testKit.system()).find(logGroup()));
  }

  static CommitLogSettings settings(String config) {
    return CommitLogSettings.of(
        ConfigFactory.parseString(config).withFallback(ConfigFactory.load()).resolve());
  }
}
