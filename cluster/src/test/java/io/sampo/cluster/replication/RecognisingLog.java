package io.sampo.cluster.replication;

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
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** A commit log that recognises what comes again, on real files and with a clock of its own. */
final class RecognisingLog implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(30);

  private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

  private final ActorTestKit testKit = ActorTestKit.create("recognising", ConfigFactory.load());
  private final TestProbe<AppendReply> producer = testKit.createTestProbe();
  private final AtomicLong nowMs = new AtomicLong(START.toEpochMilli());
  private final InstantSource clock = () -> Instant.ofEpochMilli(nowMs.get());
  private Path folder;
  private ActorRef<Command> commitLog;
  private long epoch;

  RecognisingLog(Path folder) {
    this.folder = folder;
    this.commitLog = open("");
    this.epoch = lead();
  }

  long nowMs() {
    return nowMs.get();
  }

  void timePasses(Duration time) {
    nowMs.addAndGet(time.toMillis());
  }

  Appended stored(MessageDraft... drafts) {
    append(List.of(drafts), null);
    return producer.expectMessageClass(Appended.class, SOON);
  }

  AlreadyAppended repeated(MessageDraft... drafts) {
    append(List.of(drafts), null);
    return producer.expectMessageClass(AlreadyAppended.class, SOON);
  }

  /** Both are in the mailbox before either is answered. */
  AlreadyAppended storedAndRepeated(MessageDraft first, MessageDraft second) {
    append(List.of(first), null);
    append(List.of(second), null);
    producer.expectMessageClass(Appended.class, SOON);
    return producer.expectMessageClass(AlreadyAppended.class, SOON);
  }

  /** What the queue hears of one. */
  QueueCommitted counted(MessageDraft draft) {
    TestProbe<QueueCommitted> queue = testKit.createTestProbe();
    append(List.of(draft), queue.getRef());
    return queue.expectMessageClass(QueueCommitted.class, SOON);
  }

  private void append(List<MessageDraft> drafts, @Nullable ActorRef<QueueCommitted> queue) {
    commitLog.tell(
        new Append(epoch, drafts, queue == null ? null : queue::tell, producer.getRef()::tell));
  }

  long nextOffset(QueueKey queue) {
    return local().reader().queue(queue).nextOffset();
  }

  long committedPosition() {
    return local().committedPosition();
  }

  private LocalLog local() {
    return Objects.requireNonNull(LocalLogs.get(testKit.system()).find("broker-0"));
  }

  /** Stops it and opens it with other settings. */
  void restart(String settings) {
    testKit.stop(commitLog, SOON);
    commitLog = open(settings);
    epoch = lead();
  }

  /** Goes on with what a crash would have left. */
  void crash(Path copy) throws IOException {
    LogFiles.copyWhileRunning(folder, copy);
    folder = copy;
    restart("");
  }

  private ActorRef<Command> open(String more) {
    CommitLogSettings settings =
        CommitLogSettings.of(
            ConfigFactory.parseString(more)
                .withFallback(
                    ConfigFactory.parseMap(
                        Map.of(
                            "sampo.data-dir", folder.toString(),
                            "sampo.log.flush", "async",
                            "sampo.log.segment-size", "64 KiB",
                            "sampo.log.preallocate-step", "64 KiB",
                            "sampo.log.batch-max-bytes", "16 KiB")))
                .withFallback(ConfigFactory.load()));
    return testKit.spawn(
        CommitLog.create(
            "broker-0",
            new Surroundings(
                settings, ReplicaPlan.alone(new ReplicaId("alone", 0)), ReplicaPeers.NONE, clock),
            () -> SegmentedReplicaLog.open(settings, "broker-0")),
        CommitLog.dispatcher());
  }

  private long lead() {
    TestProbe<LeadReply> asker = testKit.createTestProbe();
    commitLog.tell(new Lead(asker.getRef()));
    return asker.expectMessageClass(Leading.class, SOON).epoch();
  }

  @Override
  public void close() {
    testKit.shutdownTestKit();
  }
}
