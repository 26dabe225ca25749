package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.cluster.placement.NodeRole;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.sharding.ShardCoordinator;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.cluster.typed.Leave;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Nodes of a real cluster that are to stop while their leaders, which are probes, never end. */
class LeaderHandOverTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** A member of the cluster. */
  private static final class Node {
    final ActorTestKit kit =
        ActorTestKit.create(
            "nodes",
            ConfigFactory.parseMap(
                    Map.of(
                        "pekko.actor.provider",
                        "cluster",
                        "pekko.cluster.roles",
                        List.of(NodeRole.VOTER),
                        "pekko.remote.artery.canonical.hostname",
                        "127.0.0.1",
                        "pekko.remote.artery.canonical.port",
                        0))
                .withFallback(ConfigFactory.load()));
    final Cluster cluster = Cluster.get(kit.system());
    final TestProbe<LocalLeaders.Command> leaders = kit.createTestProbe();
    final TestProbe<Done> done = kit.createTestProbe();
    private final ActorRef<LeaderHandOver.Command> handOver;

    Node() {
      LogGroup.init(
          kit.system(), ShardCoordinator.leastShardAllocationStrategy(1, 1), leaders.getRef());
      ActorRef<Knocker.Command> knocker =
          kit.spawn(
              Knocker.create(
                  List::of,
                  kit.<ShardingEnvelope<LogGroup.Command>>createTestProbe().getRef(),
                  new LeaderDirectory(),
                  Knocker.Pace.from(ConfigFactory.load())));
      handOver = kit.spawn(LeaderHandOver.create(leaders.getRef(), knocker), LeaderHandOver.NAME);
    }

    /** Waits until it and those who joined before see each other. */
    void join(Node first, int members) {
      cluster.manager().tell(Join.create(first.cluster.selfMember().address()));
      for (Node node : List.of(first, this)) {
        done.awaitAssert(SOON, () -> assertThat(node.membersUp()).isEqualTo(members));
      }
    }

    private long membersUp() {
      return StreamSupport.stream(cluster.state().getMembers().spliterator(), false)
          .filter(member -> member.status() == MemberStatus.up())
          .count();
    }

    void stop() {
      handOver.tell(new LeaderHandOver.Begin(done.getRef()));
      leaders.expectMessageClass(LocalLeaders.AwaitNone.class, SOON);
    }
  }

  private final Node first = new Node();
  private final Node second = new Node();

  @AfterEach
  void shutDown() {
    first.kit.shutdownTestKit();
    second.kit.shutdownTestKit();
  }

  private void formCluster() {
    first.join(first, 1);
    second.join(first, 2);
  }

  @Test
  void whoIsAloneWaitsForNobody() {
    first.join(first, 1);

    first.stop();

    first.done.expectMessage(SOON, Done.getInstance());
  }

  @Test
  void whileAnotherNodeIsThereItIsGivenTheTimeToFollow() {
    formCluster();

    first.stop();

    first.done.expectNoMessage();
    second.cluster.manager().tell(Leave.create(second.cluster.selfMember().address()));
    first.done.expectMessage(SOON, Done.getInstance());
  }

  @Test
  void nodesThatStopTogetherDoNotWaitForEachOther() {
    formCluster();

    first.stop();
    second.stop();

    first.done.expectMessage(SOON, Done.getInstance());
    second.done.expectMessage(SOON, Done.getInstance());
  }
}
