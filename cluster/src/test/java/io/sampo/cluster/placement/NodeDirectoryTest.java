package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two members of a cluster in this JVM, each with its copy. */
class NodeDirectoryTest {
  private static final Config CONFIG =
      ConfigFactory.parseString(
              """
              pekko.actor.provider = cluster
              pekko.remote.artery { transport = tcp, canonical { hostname = "127.0.0.1", port = 0 } }
              pekko.cluster {
                jmx.enabled = off
                periodic-tasks-initial-delay = 50ms
                gossip-interval = 100ms
                leader-actions-interval = 100ms
                distributed-data { gossip-interval = 100ms, notify-subscribers-interval = 50ms }
              }
              """)
          .withFallback(ConfigFactory.load());

  private final ActorTestKit one = ActorTestKit.create("directory", CONFIG);
  private final ActorTestKit other = ActorTestKit.create("directory", CONFIG);

  @BeforeEach
  void join() {
    for (ActorTestKit node : List.of(one, other)) {
      Cluster.get(node.system())
          .manager()
          .tell(Join.create(Cluster.get(one.system()).selfMember().address()));
    }
  }

  @AfterEach
  void stop() {
    other.shutdownTestKit();
    one.shutdownTestKit();
  }

  private static NodeDirectory start(ActorTestKit node) {
    TestProbe<NodeDirectory> started = node.createTestProbe();
    Behavior<Void> parent =
        Behaviors.setup(
            context -> {
              started.ref().tell(NodeDirectory.start(context));
              return Behaviors.empty();
            });
    node.spawn(parent);
    return started.receiveMessage();
  }

  private static NodeCard card(String node, ActorTestKit at, int nameServerPort) {
    return new NodeCard(
        node,
        7,
        "127.0.0.1",
        Cluster.get(at.system()).selfMember().address().toString(),
        1,
        nameServerPort,
        Map.of("broker-0", 3),
        4,
        false,
        new CommonSettings(3, 1000, true, "quorum"));
  }

  private void await(Runnable assertion) {
    one.createTestProbe()
        .awaitAssert(
            Duration.ofSeconds(20),
            () -> {
              assertion.run();
              return null;
            });
  }

  @Test
  void cardsReachTheOthersAndStayUntilTheyAreForgotten() {
    NodeDirectory here = start(one);
    NodeDirectory there = start(other);
    NodeCard mine = card("a", one, 2);
    NodeCard yours = card("b", other, 2);
    TestProbe<Integer> changes = one.createTestProbe();
    here.addListener(() -> changes.ref().tell(here.cards().size()));

    here.publish(mine);
    there.publish(yours);

    await(() -> assertThat(here.cards()).containsExactlyInAnyOrder(mine, yours));
    await(() -> assertThat(there.cards()).containsExactlyInAnyOrder(mine, yours));
    assertThat(here.card("b")).isEqualTo(yours);
    assertThat(there.cardAt(mine.clusterAddress())).isEqualTo(mine);
    changes.fishForMessage(
        Duration.ofSeconds(5),
        size -> size == 2 ? FishingOutcomes.complete() : FishingOutcomes.continueAndIgnore());

    here.forget("b");

    await(() -> assertThat(here.card("b")).isNull());
  }

  @Test
  void whatANodeSaysOfItselfStandsAgainstWhatIsRememberedOfIt() {
    NodeDirectory here = start(one);
    NodeDirectory there = start(other);
    NodeCard now = card("a", one, 2);
    here.publish(now);
    await(() -> assertThat(there.card("a")).isEqualTo(now));

    there.publish(card("a", other, 99)); // as if it were an earlier start's, with a later time
    there.publish(card("b", other, 2));

    await(() -> assertThat(there.card("b")).isNotNull());
    await(() -> assertThat(there.card("a")).isEqualTo(now));
    await(() -> assertThat(here.card("a")).isEqualTo(now));
  }
}
