package io.sampo.cluster.replication;

import static io.sampo.cluster.replication.ReplicaGroup.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.AppendReply.NotOnAll;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.LeadershipEnded;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.cluster.replication.ReplicaGroup.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.Test;

/** How messages get to the other replicas, and who is answered what meanwhile. */
class ReplicasTest extends ThreeReplicas {
  @Test
  void whatIsAcknowledgedIsOnEveryReplicaInTheEnd() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    Node b = group.start("b");
    Node c = group.start("c");
    long epoch = lead(a);

    for (int i = 0; i < 200; i++) {
      append(a, epoch, "message " + i);
      assertThat(appended().queueOffset()).isEqualTo(i);
    }

    group.awaitSame();
    List<String> sent = IntStream.range(0, 200).mapToObj(i -> "message " + i).toList();
    for (Node node : List.of(a, b, c)) {
      assertThat(bodies(node)).isEqualTo(sent);
    }
    drafts.assertEachReleasedOnce();
  }

  @Test
  void anotherLeadsWhenTheLeaderIsGoneAndNothingAcknowledgedIsLost() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    Node b = group.start("b");
    group.start("c");
    long first = lead(a);
    List<String> acknowledged = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      append(a, first, "first " + i);
    }
    for (int i = 0; i < 300; i++) {
      appended();
      acknowledged.add("first " + i);
    }
    group.stop("a");

    long second = lead(b);
    append(b, second, "second");
    assertThat(appended().queueOffset()).isEqualTo(300);
    acknowledged.add("second");
    assertThat(second).isGreaterThan(first);
    assertThat(bodies(b)).isEqualTo(acknowledged);

    Node again = group.start("a");
    group.awaitSame();
    assertThat(bodies(again)).isEqualTo(acknowledged);
  }

  @Test
  void whatNobodyAcknowledgedIsCutWhenItsLeaderComesBack() throws Exception {
    ReplicaGroup group = group("sampo.replication.ack-timeout = 300 ms");
    Node a = group.start("a");
    group.start("b");
    group.start("c");
    long first = lead(a);
    append(a, first, "on all");
    appended();
    group.awaitSame();
    group.stop("b");
    group.stop("c");
    for (int i = 0; i < 50; i++) {
      append(a, first, "on a alone " + i);
    }
    for (int i = 0; i < 50; i++) {
      assertThat(answer()).isEqualTo(AppendRefused.REPLICAS_MISSING);
    }
    group.stop("a");

    Node b = group.start("b");
    group.start("c");
    long second = lead(b);
    append(b, second, "in its place");
    assertThat(appended().queueOffset()).isEqualTo(1);
    Node back = group.start("a");

    group.awaitSame();
    assertThat(bodies(back)).containsExactly("on all", "in its place");
    drafts.assertEachReleasedOnce();
  }

  @Test
  void aFollowerWhoseDiskStandsStillSlowsNobody() throws Exception {
    ReplicaGroup group = group("");
    ScriptedReplicaLog.Gate flushes = new ScriptedReplicaLog.Gate();
    Node a = group.start("a");
    group.start("b");
    Node c = group.start("c", log -> new GatedLog(log, flushes));
    long epoch = lead(a);
    append(a, epoch, "before");
    appended();
    group.awaitSame();

    flushes.hold();
    for (int i = 0; i < 500; i++) {
      append(a, epoch, "x".repeat(2_000));
    }
    for (int i = 0; i < 500; i++) {
      appended();
    }
    assertThat(c.log().committedPosition()).isLessThan(a.log().committedPosition());
    a.kit()
        .createTestProbe()
        .awaitAssert(
            () -> {
              assertThat(c.log().isStuckFor(Duration.ofMillis(500))).isTrue();
              return null;
            });
    assertThat(a.log().isStuckFor(Duration.ofSeconds(20))).isFalse();

    flushes.allow(1_000_000);
    group.awaitSame();
    assertThat(bodies(c)).hasSize(501);
  }

  @Test
  void aReplicaThatWasAwayCatchesUpOverManySegments() throws Exception {
    ReplicaGroup group = group("sampo.replication.fetch-max-bytes = 32 KiB");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);
    for (int i = 0; i < 1_000; i++) {
      append(a, epoch, i + "x".repeat(3_000));
    }
    for (int i = 0; i < 1_000; i++) {
      appended();
    }

    Node c = group.start("c");

    group.awaitSame();
    assertThat(bodies(c)).isEqualTo(bodies(a)).hasSize(1_000);
  }

  @Test
  void allMeansAll() throws Exception {
    ReplicaGroup group = group("sampo.replication { acknowledge = all, ack-timeout = 300 ms }");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);

    append(a, epoch, "two of three have it");
    assertThat(progress()).as("a quorum has it").isEqualTo(new QueueCommitted(1, 1));
    assertThat(answer())
        .isInstanceOfSatisfying(NotOnAll.class, late -> assertThat(late.waited()).isTrue());
    appendFromInside(a, epoch, "state goes on with a quorum");
    assertThat(appended().queueOffset()).isEqualTo(1);
    append(a, epoch, "nobody waits for who is known to be away");
    assertThat(answer())
        .isInstanceOfSatisfying(NotOnAll.class, known -> assertThat(known.waited()).isFalse());

    group.start("c");
    group.awaitSame();
    awaitAll(a, epoch);
  }

  /** Once the leader has noticed that all confirm again, it waits for all. */
  private void awaitAll(Node leader, long epoch) throws InterruptedException {
    AppendReply reply;
    do {
      append(leader, epoch, "three of three");
      reply = answer();
    } while (reply instanceof NotOnAll known && !known.waited());
    assertThat(reply).isInstanceOf(Appended.class);
  }

  @Test
  void theLeaderAloneAcknowledgesAndShowsOnlyWhatIsCommitted() throws Exception {
    ReplicaGroup group = group("sampo.replication.acknowledge = leader");
    Node a = group.start("a");
    group.start("b");
    group.start("c");
    long epoch = lead(a);
    append(a, epoch, "on all");
    appended();
    assertThat(progress()).isEqualTo(new QueueCommitted(1, 1));
    group.awaitSame();
    group.stop("b");
    group.stop("c");

    long committed = a.log().committedPosition();
    append(a, epoch, "on one");
    assertThat(appended().queueOffset()).isEqualTo(1);
    assertThat(a.log().committedPosition()).isEqualTo(committed);
    assertThat(progress).isEmpty();

    group.start("b");
    assertThat(progress()).isEqualTo(new QueueCommitted(2, 1));
  }

  @Test
  void whatWasNotConfirmedInTimeIsShownWhenItIsCommittedAfterAll() throws Exception {
    ReplicaGroup group = group("sampo.replication.ack-timeout = 300 ms");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);
    group.stop("b");

    append(a, epoch, "alone");
    assertThat(answer()).isEqualTo(AppendRefused.REPLICAS_MISSING);
    assertThat(progress).isEmpty();
    appendFromInside(a, epoch, "from inside");

    group.start("c");
    assertThat(progress()).isEqualTo(new QueueCommitted(1, 1));
    assertThat(appended().queueOffset()).as("who has no time limit").isEqualTo(1);
    group.awaitSame();
  }

  @Test
  void aLeaderThatIsReplacedRefusesWhatWaits() throws Exception {
    ReplicaGroup group = group("sampo.replication.acknowledge = all");
    Node a = group.start("a");
    Node b = group.start("b");
    TestProbe<LeadReply> leader = a.kit().createTestProbe();
    long epoch = lead(a, leader);
    append(a, epoch, "c is missing");
    progress();

    lead(b);

    assertThat(answer()).isEqualTo(AppendRefused.LEADERSHIP_ENDED);
    assertThat(leader.expectMessageClass(LeadershipEnded.class, SOON).epoch()).isEqualTo(epoch);
    append(a, epoch, "too late");
    assertThat(answer()).isEqualTo(AppendRefused.NOT_LEADING);
    assertThat(a.log().ledEpoch()).isZero();
    group.awaitSame();
    assertThat(bodies(a)).as("what was refused may be stored").containsExactly("c is missing");
  }
}
