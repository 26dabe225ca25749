package io.sampo.cluster.replication;

import static io.sampo.cluster.replication.ReplicaGroup.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.cluster.replication.ReplicaGroup.Node;
import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.QueueKey;
import io.sampo.record.SendKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

/**
 * Sends that come again over the connection that they came over first, because nobody could say
 * what became of them: the same client, or a node that sends for it to the next leader.
 */
class RetriesWithoutAnswerTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 1);

  private final BlockingQueue<AppendReply> answers = new LinkedBlockingQueue<>();
  private final BlockingQueue<QueueCommitted> progress = new LinkedBlockingQueue<>();

  @TempDir private Path folder;
  private @Nullable ReplicaGroup opened;

  @AfterEach
  void stop() {
    ReplicaGroup group = opened;
    if (group != null) {
      group.close();
    }
  }

  @Test
  void whatWasRefusedForWantOfReplicasIsStoredOnceWhenItIsSentAgain() throws Exception {
    ReplicaGroup group = group("sampo.replication.ack-timeout = 300 ms");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);
    send(a, epoch, "with a majority");
    appended();
    group.stop("b");
    send(a, epoch, "alone");
    assertThat(answer()).isEqualTo(AppendRefused.REPLICAS_MISSING);
    send(a, epoch, "alone");
    assertThat(answer()).isEqualTo(AppendRefused.REPLICAS_MISSING);

    group.start("b");
    send(a, epoch, "alone");
    AlreadyAppended again = (AlreadyAppended) answer();

    assertThat(again.queueOffset()).isEqualTo(1);
    send(a, epoch, "alone"); // and this one on purpose: it has been answered
    assertThat(appended().queueOffset()).isEqualTo(2);
    send(a, epoch, "with a majority");
    assertThat(appended().queueOffset()).isEqualTo(3);
  }

  @Test
  void whatTheLastLeaderDidNotAnswerTheNextOneStoresOnce() throws Exception {
    ReplicaGroup group = group("");
    ScriptedReplicaLog.Gate flushes = new ScriptedReplicaLog.Gate();
    Node a = group.start("a");
    Node b = group.start("b", log -> new GatedLog(log, flushes));
    long first = lead(a);
    send(a, first, "answered");
    Appended answered = appended();
    awaitCommitted(b, a.log().committedPosition());

    flushes.hold();
    send(a, first, "not answered");
    b.kit()
        .createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              assertThat(flushes.isWaitedAt()).isTrue(); // b has it
              return Done.getInstance();
            });
    group.stop("a");
    assertThat(answers).doesNotHaveAnyElementsOfTypes(Appended.class);
    answers.clear();
    flushes.allow(1_000_000);
    group.start("c");
    long second = lead(b);

    send(b, second, "not answered");
    AlreadyAppended again = (AlreadyAppended) answer();
    assertThat(again.queueOffset()).isEqualTo(answered.queueOffset() + 1);
    send(b, second, "answered"); // on purpose
    assertThat(appended().queueOffset()).isEqualTo(2);
    send(b, second, "not answered");
    assertThat(appended().queueOffset()).isEqualTo(3);
  }

  @Test
  void whatANodeSendsAgainForAClientIsStoredOnce() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);
    send(a, epoch, "lost on its way back");
    Appended first = appended();

    send(a, epoch, "lost on its way back", true);
    assertThat(((AlreadyAppended) answer()).queueOffset()).isEqualTo(first.queueOffset());
    send(a, epoch, "never came", true);
    assertThat(appended().queueOffset()).isEqualTo(first.queueOffset() + 1);
    send(a, epoch, "lost on its way back"); // and this one on purpose
    assertThat(appended().queueOffset()).isEqualTo(first.queueOffset() + 2);
  }

  private ReplicaGroup group(String config) {
    ReplicaGroup group = new ReplicaGroup(folder, config, "a", "b", "c");
    opened = group;
    return group;
  }

  private static void awaitCommitted(Node node, long position) {
    node.kit()
        .createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              assertThat(node.log().committedPosition()).isEqualTo(position);
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

  /** Always over the same connection. */
  private void send(Node node, long epoch, String id) {
    send(node, epoch, id, false);
  }

  private void send(Node node, long epoch, String id, boolean again) {
    byte[] properties = MessageProperties.encode(Map.of(MessageProperties.UNIQUE_KEY, id));
    ByteBuffer body = ByteBuffer.wrap(("body of " + id).getBytes(StandardCharsets.UTF_8));
    int crc = BodyCrc.of(body);
    int idAt = MessageProperties.UNIQUE_KEY.length() + 1;
    MessageDraft draft =
        MessageDraft.to(ORDERS)
            .born(1_000, new HostAddress(new byte[] {10, 0, 0, 1}, 40_000))
            .body(body, crc)
            .properties(properties, 0)
            .sent(SendKey.of(properties, idAt, crc), 0)
            .mayBeStored(again)
            .build();
    node.commitLog().tell(new Append(epoch, List.of(draft), progress::add, answers::add));
  }

  private AppendReply answer() throws InterruptedException {
    return Objects.requireNonNull(answers.poll(SOON.toSeconds(), TimeUnit.SECONDS), "no answer");
  }

  private Appended appended() throws InterruptedException {
    AppendReply answer = answer();
    assertThat(answer).isInstanceOf(Appended.class);
    return (Appended) answer;
  }
}
