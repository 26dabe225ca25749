package io.sampo.cluster.replication;

import static io.sampo.cluster.replication.ReplicaGroup.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.cluster.replication.DropBelow.DropReply;
import io.sampo.cluster.replication.DropBelow.Dropped;
import io.sampo.cluster.replication.ReplicaGroup.Node;
import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.QueueKey;
import io.sampo.storage.index.SilentQueues;
import io.sampo.storage.log.LogReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log group with several copies loses its beginning: on all of them, and nobody any offset. */
class OldSegmentsOfCopiesTest {
  private static final QueueKey BUSY = new QueueKey("busy", 0);
  private static final QueueKey QUIET = new QueueKey("quiet", 0);

  private final BlockingQueue<AppendReply> answers = new LinkedBlockingQueue<>();
  private final BlockingQueue<DropReply> drops = new LinkedBlockingQueue<>();
  private @Nullable ReplicaGroup opened;

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    if (opened != null) {
      opened.close();
    }
  }

  private ReplicaGroup group() {
    ReplicaGroup group = new ReplicaGroup(folder, "", "a", "b", "c");
    opened = group;
    return group;
  }

  @Test
  void followersLetGoWhatTheLeaderLetGo() throws Exception {
    ReplicaGroup group = group();
    Node a = group.start("a");
    Node b = group.start("b");
    Node c = group.start("c");
    long epoch = lead(a);
    fill(a, epoch);

    long start = drop(a, epoch);

    for (Node node : List.of(a, b, c)) {
      awaitStart(node, start);
    }
    group.awaitSame();
    group.stop("a");
    long next = lead(b);
    assertThat(append(b, next, QUIET, "quiet").queueOffset()).isEqualTo(3);
  }

  @Test
  void whatIsNotOldByTheirOwnClocksTheOthersKeep() throws Exception {
    ReplicaGroup group = group();
    Node a = group.start("a");
    Node b = group.start("b");
    Node c = group.start("c");
    long epoch = lead(a);
    fill(a, epoch);

    long start = drop(a, epoch, Duration.ofHours(1)); // as if its clock were an hour ahead
    append(a, epoch, BUSY, "behind");

    assertThat(a.log().reader().startPosition()).isEqualTo(start);
    awaitCommitted(b, a);
    awaitCommitted(c, a);
    a.kit().createTestProbe().expectNoMessage(Duration.ofSeconds(2)); // some looks at the list
    for (Node node : List.of(b, c)) {
      assertThat(node.log().reader().startPosition()).isZero();
    }
    group.stop("a");
    long next = lead(b);
    assertThat(append(b, next, QUIET, "quiet").queueOffset()).isEqualTo(3);
    assertThat(b.log().reader().queue(QUIET).firstOffset()).isZero();
  }

  @Test
  void oneThatWasAwayBeginsWithTheRestAndLeadsWithTheSameOffsets() throws Exception {
    ReplicaGroup group = group();
    Node a = group.start("a");
    group.start("b");
    group.start("c");
    long epoch = lead(a);
    append(a, epoch, BUSY, "on all");
    group.awaitSame();
    group.stop("c");
    fill(a, epoch);
    long start = drop(a, epoch);

    Node c = group.start("c");
    awaitStart(c, start);
    group.awaitSame();
    group.stop("c");
    c = group.start("c"); // has to find it in its files
    group.awaitSame();
    group.stop("a");
    long next = lead(c);

    assertThat(c.log().reader().startPosition()).isEqualTo(start);
    assertThat(append(c, next, QUIET, "quiet").queueOffset()).isEqualTo(3);
  }

  /** Three messages of a queue that is silent from then on, and some segments of another one. */
  private void fill(Node leader, long epoch) throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      append(leader, epoch, QUIET, "quiet " + i);
    }
    long end = leader.log().reader().writtenPosition() + 5 * (256 << 10);
    while (leader.log().reader().writtenPosition() < end) {
      append(leader, epoch, BUSY, "x".repeat(20_000));
    }
  }

  /** As the leader's part for old segments does it; returns where the log begins now. */
  private long drop(Node leader, long epoch) throws InterruptedException {
    return drop(leader, epoch, Duration.ofMillis(1));
  }

  private long drop(Node leader, long epoch, Duration keptFor) throws InterruptedException {
    LogReader log = leader.log().reader();
    long start = log.fullSegments().get(2).endPosition();
    SilentQueues.Drop what = new SilentQueues.Drop(start, keptFor.toMillis());
    for (MessageDraft draft : SilentQueues.drafts(what, log.queuesSilentFrom(start), 1024)) {
      tell(leader, epoch, draft);
    }
    DropReply reply;
    do { // the index of the last segment may still be written
      leader.commitLog().tell(new DropBelow(epoch, start, drops::add));
      reply = Objects.requireNonNull(drops.poll(SOON.toSeconds(), TimeUnit.SECONDS));
    } while (!(reply instanceof Dropped));
    return start;
  }

  private static void awaitCommitted(Node follower, Node leader) {
    follower
        .kit()
        .createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              assertThat(follower.log().committedPosition())
                  .isEqualTo(leader.log().committedPosition());
              return Done.getInstance();
            });
  }

  private static void awaitStart(Node node, long start) {
    node.kit()
        .createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              assertThat(node.log().reader().startPosition()).isEqualTo(start);
              return Done.getInstance();
            });
  }

  private static long lead(Node node) {
    TestProbe<LeadReply> asker = node.kit().createTestProbe();
    long deadline = System.nanoTime() + SOON.toNanos();
    while (System.nanoTime() < deadline) {
      node.commitLog().tell(new Lead(asker.getRef()));
      if (asker.receiveMessage(SOON) instanceof Leading leading) {
        return leading.epoch();
      }
    }
    throw new AssertionError(node.log().status() + " is not made leader");
  }

  private Appended append(Node leader, long epoch, QueueKey queue, String body)
      throws InterruptedException {
    ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
    return tell(leader, epoch, MessageDraft.to(queue).body(bytes, BodyCrc.of(bytes)).build());
  }

  private Appended tell(Node leader, long epoch, MessageDraft draft) throws InterruptedException {
    leader.commitLog().tell(new Append(epoch, List.of(draft), null, answers::add));
    AppendReply reply = Objects.requireNonNull(answers.poll(SOON.toSeconds(), TimeUnit.SECONDS));
    assertThat(reply).isInstanceOf(Appended.class);
    return (Appended) reply;
  }
}
