package io.sampo.actors.group;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.group.LogGroup.CatalogResolved;
import io.sampo.actors.group.LogGroup.LeaderAnnouncement;
import io.sampo.actors.group.LogGroup.ResolveCatalog;
import io.sampo.actors.group.LogGroup.ResolveRefused;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A knocker whose shard region is a probe, and a finder of the catalog that follows it. */
class KnockerTest {
  private static final Knocker.Pace PACE =
      new Knocker.Pace(Duration.ofSeconds(1), Duration.ofMillis(100));

  private final ActorTestKit kit =
      ActorTestKit.create(
          ManualTime.config()
              .withFallback(
                  ConfigFactory.parseMap(
                      Map.of(
                          "pekko.actor.provider", "cluster",
                          "pekko.remote.artery.canonical.hostname", "127.0.0.1",
                          "pekko.remote.artery.canonical.port", 0)))
              .withFallback(ConfigFactory.load()));
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<ShardingEnvelope<LogGroup.Command>> region = kit.createTestProbe();
  private final TestProbe<LogGroup.Command> leader = kit.createTestProbe();
  private final LeaderDirectory directory = new LeaderDirectory();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void knocksAtEachLogGroupAtOnceAndOftenUntilAllAreLed() {
    kit.spawn(
        Knocker.create(() -> List.of("broker-0", "broker-1"), region.getRef(), directory, PACE));
    LogGroup.Knock first = expectKnock("broker-0");
    expectKnock("broker-1");
    announce(first, "broker-0", 1, leader.getRef());
    time.timePasses(PACE.searchInterval());
    expectKnock("broker-0");
    LogGroup.Knock second = expectKnock("broker-1");
    TestProbe<LogGroup.Command> other = kit.createTestProbe();
    announce(second, "broker-1", 1, other.getRef());

    time.timePasses(PACE.searchInterval());
    expectKnock("broker-0");
    expectKnock("broker-1");
    time.timePasses(PACE.searchInterval());
    region.expectNoMessage();
    time.timePasses(PACE.interval());
    expectKnock("broker-0");
    expectKnock("broker-1");
  }

  @Test
  void leaderThatEndsIsForgottenAndLookedForAtOnce() {
    kit.spawn(Knocker.create(() -> List.of("broker-0"), region.getRef(), directory, PACE));
    announce(expectKnock("broker-0"), "broker-0", 1, leader.getRef());
    leader.stop();
    LogGroup.Knock again = expectKnock("broker-0");
    assertThat(directory.leader("broker-0")).isNull();

    TestProbe<LogGroup.Command> next = kit.createTestProbe();
    announce(again, "broker-0", 2, next.getRef());
    assertThat(directory.leader("broker-0")).isEqualTo(next.getRef());
  }

  @Test
  void knocksUntilTheNextLeaderWhenOneIsAboutToBeFollowed() {
    kit.spawn(Knocker.create(() -> List.of("broker-0"), region.getRef(), directory, PACE));
    LogGroup.Knock first = expectKnock("broker-0");
    announce(first, "broker-0", 1, leader.getRef());
    ActorRef<LogGroup.LeaderNews> news = first.replyTo().unsafeUpcast();
    LeaderAnnouncement announced = new LeaderAnnouncement("broker-0", 1, leader.getRef());
    news.tell(new LogGroup.LeaderRetires(announced));

    LogGroup.Knock again = expectKnock("broker-0");
    assertThat(directory.leadership("broker-0")).isEqualTo(announced);
    time.timePasses(PACE.searchInterval());
    expectKnock("broker-0");
    TestProbe<LogGroup.Command> next = kit.createTestProbe();
    announce(again, "broker-0", 2, next.getRef());
    news.tell(new LogGroup.LeaderRetires(announced)); // late, and no news any more
    time.timePasses(PACE.searchInterval());
    expectKnock("broker-0");
    time.timePasses(PACE.searchInterval());
    region.expectNoMessage();
    leader.stop();
    expectKnock("broker-0");
    assertThat(directory.leader("broker-0")).isEqualTo(next.getRef());
  }

  @Test
  void fallsSilentWhenTheNodeStopsButKeepsTheDirectory() {
    kit.spawn(Knocker.create(() -> List.of("broker-0"), region.getRef(), directory, PACE));
    announce(expectKnock("broker-0"), "broker-0", 1, leader.getRef());
    TestProbe<Done> node = kit.createTestProbe();
    CompletableFuture<Done> shardingLeaves = new CompletableFuture<>();
    CoordinatedShutdown.get(kit.system())
        .addTask(
            CoordinatedShutdown.PhaseClusterShardingShutdownRegion(),
            "pause",
            () -> {
              node.getRef().tell(Done.getInstance());
              return shardingLeaves;
            });
    CompletionStage<Done> stopped =
        CoordinatedShutdown.get(kit.system()).runAll(CoordinatedShutdown.clusterLeavingReason());
    node.expectMessage(Done.getInstance());

    leader.stop();
    region.awaitAssert(
        () -> {
          assertThat(directory.leader("broker-0")).isNull();
          return null;
        });
    time.timePasses(Duration.ofSeconds(3));
    region.expectNoMessage();
    shardingLeaves.complete(Done.getInstance());
    assertThat(stopped).succeedsWithin(Duration.ofSeconds(10));
  }

  @Test
  void catalogIsFoundAndFoundAgainAfterItOrItsLeaderEnds() {
    kit.spawn(Knocker.create(() -> List.of("broker-0"), region.getRef(), directory, PACE));
    TestProbe<String> found = kit.createTestProbe();
    kit.spawn(
        CatalogFinder.create(
            "broker-0", directory, catalog -> found.getRef().tell(nameOf(catalog))));
    LogGroup.Knock knock = expectKnock("broker-0");
    announce(knock, "broker-0", 1, leader.getRef());

    TestProbe<Catalog.Command> first = kit.createTestProbe();
    ResolveCatalog ask = leader.expectMessageClass(ResolveCatalog.class);
    ask.replyTo().tell(new ResolveRefused("not yet"));
    time.timePasses(Duration.ofMillis(200));
    leader
        .expectMessageClass(ResolveCatalog.class)
        .replyTo()
        .tell(new CatalogResolved(first.getRef()));
    found.expectMessage(nameOf(first.getRef()));

    first.stop();
    found.expectMessage("none");
    leader.expectNoMessage();
    time.timePasses(Duration.ofMillis(200));
    TestProbe<Catalog.Command> second = kit.createTestProbe();
    leader
        .expectMessageClass(ResolveCatalog.class)
        .replyTo()
        .tell(new CatalogResolved(second.getRef()));
    found.expectMessage(nameOf(second.getRef()));

    TestProbe<LogGroup.Command> next = kit.createTestProbe();
    announce(knock, "broker-0", 2, next.getRef());
    found.expectMessage("none");
    TestProbe<Catalog.Command> third = kit.createTestProbe();
    next.expectMessageClass(ResolveCatalog.class)
        .replyTo()
        .tell(new CatalogResolved(third.getRef()));
    found.expectMessage(nameOf(third.getRef()));
  }

  private static String nameOf(@Nullable ActorRef<Catalog.Command> catalog) {
    return catalog == null ? "none" : catalog.path().name();
  }

  private LogGroup.Knock expectKnock(String logGroup) {
    ShardingEnvelope<LogGroup.Command> envelope = region.receiveMessage();
    assertThat(envelope.entityId()).isEqualTo(logGroup);
    return (LogGroup.Knock) envelope.message();
  }

  private void announce(
      LogGroup.Knock knock, String logGroup, long epoch, ActorRef<LogGroup.Command> leading) {
    knock.replyTo().tell(new LeaderAnnouncement(logGroup, epoch, leading));
    region.awaitAssert(
        () -> {
          assertThat(directory.leader(logGroup)).isEqualTo(leading);
          return null;
        });
  }
}
