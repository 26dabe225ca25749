package io.sampo.cluster.replication;

import static io.sampo.cluster.replication.ReplicaGroup.SOON;
import static io.sampo.cluster.replication.ReplicaGroup.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefusal;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.ReplicaGroup.Node;
import io.sampo.cluster.replication.ReplicaQuestion.AskReach;
import io.sampo.cluster.replication.ReplicaQuestion.AskStatus;
import io.sampo.cluster.replication.ReplicaQuestion.BarrierReply;
import io.sampo.cluster.replication.ReplicaQuestion.ChangeMembership;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipChanged;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipNotChanged;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipReply;
import io.sampo.cluster.replication.ReplicaQuestion.ReadBarrier;
import io.sampo.cluster.replication.ReplicaQuestion.ReadReady;
import io.sampo.cluster.replication.ReplicaQuestion.ReadRefused;
import io.sampo.cluster.replication.ReplicaQuestion.ReplicaReach;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.Test;

/** What else a leader is asked: to change who has replicas, and for proof that it leads. */
class ReplicaQuestionsTest extends ThreeReplicas {
  @Test
  void aReplicaWithAnEmptyDiskLearnsAndIsVotedInInPlaceOfTheLostOne() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    group.start("b");
    group.start("c");
    long epoch = lead(a);
    for (int i = 0; i < 50; i++) {
      append(a, epoch, "message " + i);
      appended();
    }
    group.stop("c");
    ReplicaId replaced = new ReplicaId("c", 2);
    Membership now = Membership.ofVoters(List.of(id("a"), id("b"), id("c")));

    assertThat(change(a, now.withVoter(replaced)))
        .isEqualTo(
            new MembershipNotChanged(now.withVoter(replaced), MembershipRefusal.NOT_CAUGHT_UP));
    Membership learning = now.without(id("c")).withLearner(replaced);
    assertThat(change(a, learning)).isEqualTo(new MembershipChanged(learning));
    Node c =
        group.start(new ReplicaPlan(replaced, Membership.NOBODY), folder.resolve("c2"), log -> log);
    TestProbe<ReplicaStatus> statuses = a.kit().createTestProbe();
    statuses.awaitAssert(
        SOON,
        () -> {
          a.commitLog().tell(new AskStatus(statuses.getRef()));
          ReplicaStatus status = statuses.receiveMessage(SOON);
          assertThat(status.leads()).isTrue();
          assertThat(status.copies())
              .anyMatch(copy -> copy.replica().equals(replaced) && copy.caughtUp());
          return status;
        });
    Membership whole = learning.withVoter(replaced);
    assertThat(change(a, whole)).isEqualTo(new MembershipChanged(whole));

    group.awaitSame();
    assertThat(bodies(c)).hasSize(50);
    group.stop("b");
    append(a, epoch, "a and the new c are a majority");
    appended();
    statuses.awaitAssert(
        SOON,
        () -> {
          ReplicaStatus status = Objects.requireNonNull(c.log().status());
          assertThat(status.membership()).isEqualTo(whole);
          assertThat(status.leader()).isEqualTo(id("a"));
          return status;
        });
  }

  @Test
  void aReadWaitsForTheProofThatItsLeaderIsCurrent() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    group.start("b");
    group.start("c");
    long epoch = lead(a);
    append(a, epoch, "before");
    appended();
    BlockingQueue<BarrierReply> replies = new LinkedBlockingQueue<>();

    a.commitLog().tell(new ReadBarrier(epoch, replies::add));
    BarrierReply reply = replies.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    assertThat(reply).isEqualTo(new ReadReady(a.log().committedPosition()));
    a.commitLog().tell(new ReadBarrier(epoch - 1, replies::add));
    assertThat(replies.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ReadRefused.INSTANCE);

    group.stop("b");
    group.stop("c");
    a.commitLog().tell(new ReadBarrier(epoch, replies::add));
    Node b = group.start("b");
    lead(b);
    assertThat(replies.poll(SOON.toSeconds(), TimeUnit.SECONDS))
        .as("b may have confirmed before it led; a leads no more either way")
        .isIn(ReadRefused.INSTANCE, new ReadReady(a.log().committedPosition()));
    a.commitLog().tell(new ReadBarrier(epoch, replies::add));
    assertThat(replies.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ReadRefused.INSTANCE);
  }

  @Test
  void aReadIsRefusedInTimeWhenNoMajorityIsHeard() throws Exception {
    ReplicaGroup group = group("sampo.replication.ack-timeout = 300 ms");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);
    group.stop("b");
    BlockingQueue<BarrierReply> replies = new LinkedBlockingQueue<>();

    for (int i = 0; i < 2; i++) {
      a.commitLog().tell(new ReadBarrier(epoch, replies::add));
    }
    for (int i = 0; i < 2; i++) {
      assertThat(replies.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ReadRefused.INSTANCE);
    }
  }

  @Test // the answer doesn't wait for what a quiet connection says of itself
  void aNodeIsReachedOrNot() throws Exception {
    ReplicaGroup group = group("sampo.replication.fetch-timeout = 10 s");
    Node a = group.start("a");
    Node b = group.start("b");
    group.start("c");
    append(a, lead(a), "followers are connected");
    appended();
    TestProbe<ReplicaReach> asker = b.kit().createTestProbe();

    b.commitLog().tell(new AskReach("a", asker.getRef()));
    assertThat(asker.receiveMessage(SOON)).isEqualTo(new ReplicaReach("a", true));
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      group.moved("a", (InetSocketAddress) mute.getLocalSocketAddress());
      b.commitLog().tell(new AskReach("a", asker.getRef()));
      assertThat(asker.receiveMessage(SOON)).isEqualTo(new ReplicaReach("a", false));
    }
    b.commitLog().tell(new AskReach("a", asker.getRef()));
    assertThat(asker.receiveMessage(SOON)).as("refused").isEqualTo(new ReplicaReach("a", false));
    b.commitLog().tell(new AskReach("nobody", asker.getRef()));
    assertThat(asker.receiveMessage(SOON)).isEqualTo(new ReplicaReach("nobody", false));
  }

  private static MembershipReply change(Node leader, Membership membership) {
    TestProbe<MembershipReply> asker = leader.kit().createTestProbe();
    leader.commitLog().tell(new ChangeMembership(membership, asker.getRef()));
    return asker.receiveMessage(SOON);
  }
}
