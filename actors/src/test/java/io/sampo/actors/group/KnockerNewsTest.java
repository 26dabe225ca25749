package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.actors.group.LogGroup.LeaderNews;
import io.sampo.actors.group.LogGroup.LeaderRetires;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.FishingOutcomes;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a knocker tells the knockers of other nodes; one of those is a probe. */
class KnockerNewsTest {
  private static final Knocker.Pace NEVER_AGAIN =
      new Knocker.Pace(Duration.ofHours(1), Duration.ofHours(1));

  private final ActorTestKit kit =
      ActorTestKit.create(
          ConfigFactory.parseMap(
                  Map.of(
                      "pekko.actor.provider", "cluster",
                      "pekko.remote.artery.canonical.hostname", "127.0.0.1",
                      "pekko.remote.artery.canonical.port", 0))
              .withFallback(ConfigFactory.load()));
  private final TestProbe<ShardingEnvelope<LogGroup.Command>> region = kit.createTestProbe();
  private final TestProbe<LogGroup.Command> leader = kit.createTestProbe();
  private final LeaderDirectory directory = new LeaderDirectory();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void aLeaderThatBeginsHereIsToldToAllNodesAtOnce() {
    Cluster cluster = Cluster.get(kit.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    kit.spawn(Knocker.create(() -> List.of("broker-0"), region.getRef(), directory, NEVER_AGAIN));
    TestProbe<LeaderNews> other = kit.createTestProbe();
    kit.system().receptionist().tell(Receptionist.register(Knocker.KNOCKERS, other.getRef()));
    LeaderAnnouncement announcement = new LeaderAnnouncement("broker-0", 1, leader.getRef());

    other.awaitAssert(
        Duration.ofSeconds(30),
        () -> { // until the knocker has heard of the other one
          kit.system()
              .eventStream()
              .tell(new EventStream.Publish<>(new Knocker.LeadershipBegan(announcement)));
          other.expectMessage(Duration.ofMillis(200), announcement);
          return null;
        });
    assertThat(directory.leadership("broker-0")).isEqualTo(announcement);

    region.receiveMessage(); // the knock at the start
    LeaderRetires retires = new LeaderRetires(announcement);
    kit.system()
        .eventStream()
        .tell(new EventStream.Publish<>(new Knocker.LeadershipRetires(retires)));
    other.fishForMessage(
        Duration.ofSeconds(10),
        news ->
            news.equals(retires)
                ? FishingOutcomes.complete()
                : FishingOutcomes.continueAndIgnore());
    region.receiveMessage(); // for the next one
    assertThat(directory.leadership("broker-0")).isEqualTo(announcement);
  }
}
