package io.sampo.cluster.replication;

import static io.sampo.cluster.replication.ReplicaGroup.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.cluster.replication.ReplicaGroup.Node;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Three replicas with real files, real connections and actor systems of their own. */
abstract class ThreeReplicas {
  static final QueueKey ORDERS = new QueueKey("orders", 1);

  final CountedDrafts drafts = new CountedDrafts();
  final BlockingQueue<AppendReply> answers = new LinkedBlockingQueue<>();
  final BlockingQueue<QueueCommitted> progress = new LinkedBlockingQueue<>();
  final ReplyTo<QueueCommitted> queue = progress::add;
  private @Nullable ReplicaGroup opened;

  @TempDir Path folder;

  @AfterEach
  void stop() {
    if (opened != null) {
      opened.close();
    }
  }

  void appendFromInside(Node node, long epoch, String body) {
    node.commitLog()
        .tell(new Append(epoch, List.of(drafts.draft(ORDERS, body)), null, answers::add));
  }

  ReplicaGroup group(String config) {
    ReplicaGroup group = new ReplicaGroup(folder, config, "a", "b", "c");
    opened = group;
    return group;
  }

  /** Asks until it is granted: a majority may have to come up first. */
  static long lead(Node node) {
    return lead(node, node.kit().createTestProbe());
  }

  static long lead(Node node, TestProbe<LeadReply> asker) {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (System.nanoTime() < deadline) {
      node.commitLog().tell(new Lead(asker.getRef()));
      if (asker.receiveMessage(SOON) instanceof Leading leading) {
        return leading.epoch();
      }
    }
    throw new AssertionError(node.log().status() + " is not made leader");
  }

  void append(Node node, long epoch, String body) {
    node.commitLog()
        .tell(new Append(epoch, List.of(drafts.draft(ORDERS, body)), queue, answers::add));
  }

  AppendReply answer() throws InterruptedException {
    return Objects.requireNonNull(answers.poll(SOON.toSeconds(), TimeUnit.SECONDS), "no answer");
  }

  Appended appended() throws InterruptedException {
    AppendReply answer = answer();
    assertThat(answer).isInstanceOf(Appended.class);
    return (Appended) answer;
  }

  QueueCommitted progress() throws InterruptedException {
    return Objects.requireNonNull(progress.poll(SOON.toSeconds(), TimeUnit.SECONDS), "no news");
  }

  /** What a consumer would be shown. */
  static List<String> bodies(Node node) {
    List<String> bodies = new ArrayList<>();
    LogReader log = node.log().reader();
    long committed = node.log().committedPosition();
    log.queue(ORDERS)
        .scan(
            0,
            Long.MAX_VALUE,
            (offset, position, sizeBytes, tagHash) -> {
              if (position >= committed) {
                return false;
              }
              try (LogSlice slice = Objects.requireNonNull(log.slice(position, sizeBytes))) {
                bodies.add(
                    StandardCharsets.UTF_8
                        .decode(MessageRecord.body(slice.bytes(), slice.bytes().position()))
                        .toString());
              }
              return true;
            });
    return bodies;
  }
}
