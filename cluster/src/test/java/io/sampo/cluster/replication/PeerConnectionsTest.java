package io.sampo.cluster.replication;

import static io.sampo.cluster.replication.ReplicaGroup.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.cluster.replication.ReplicaGroup.Node;
import io.sampo.record.QueueKey;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What an operator reads of the connections between replicas. */
class PeerConnectionsTest {
  private static final Logger LOG =
      (Logger) LoggerFactory.getLogger(PeerConnectionsTest.class.getPackageName());

  private final CountedDrafts drafts = new CountedDrafts();
  private final BlockingQueue<AppendReply> answers = new LinkedBlockingQueue<>();
  private final Lines lines = new Lines();

  @TempDir private Path folder;

  @BeforeEach
  void listen() {
    lines.start();
    LOG.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    LOG.detachAppender(lines);
  }

  @Test
  void aFollowerThatLeadsNowIsNotDisconnectedForItsSilence() throws Exception {
    try (ReplicaGroup group =
        new ReplicaGroup(
            folder,
            "sampo.replication { heartbeat = 20 ms, fetch-timeout = 60 ms }",
            "a",
            "b",
            "c")) {
      Node a = group.start("a");
      Node b = group.start("b");
      group.start("c");
      append(a, lead(a));
      long epoch = lead(b);
      long silenceMaxNanos = TimeUnit.MILLISECONDS.toNanos(2 * 3 * 60);
      long enough = System.nanoTime() + 4 * silenceMaxNanos;
      while (System.nanoTime() < enough) {
        append(b, epoch);
      }

      assertThat(lines.containing("was disconnected")).isEmpty();
    }
  }

  @Test
  void aNodeThatIsAwayIsSaidToBeOnceAndOnceToBeBack() {
    PeersAway away = new PeersAway();
    away.heard("n1");
    for (int i = 0; i < 20; i++) {
      away.lost("n1", new ConnectException("refused " + i));
    }
    away.lost("n2", null);
    for (int i = 0; i < 20; i++) {
      away.heard("n1");
    }
    away.lost("n1", null);

    assertThat(lines.containing("n1"))
        .satisfiesExactly(
            gone -> assertThat(gone).contains("can't be followed", "refused 0"),
            back -> assertThat(back).contains("can be followed again"),
            goneAgain -> assertThat(goneAgain).contains("can't be followed", "was closed"));
    assertThat(lines.containing("n2")).hasSize(1);
  }

  private long lead(Node node) {
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

  private void append(Node leader, long epoch) throws InterruptedException {
    QueueKey queue = new QueueKey("orders", 1);
    leader
        .commitLog()
        .tell(new Append(epoch, List.of(drafts.draft(queue, "body")), null, answers::add));
    assertThat(Objects.requireNonNull(answers.poll(SOON.toSeconds(), TimeUnit.SECONDS)))
        .isInstanceOf(AppendReply.Appended.class);
  }

  /** Keeps what was logged for operators. */
  private static final class Lines extends AppenderBase<ILoggingEvent> {
    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel().isGreaterOrEqual(Level.INFO)) {
        lines.add(event.getFormattedMessage());
      }
    }

    List<String> containing(String part) {
      return lines.stream().filter(line -> line.contains(part)).toList();
    }
  }
}
