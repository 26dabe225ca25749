package io.sampo.actors.catalog;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.Catalog.EnsureGroup;
import io.sampo.actors.catalog.Catalog.EnsureTopic;
import io.sampo.actors.catalog.Catalog.GetTopic;
import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.Catalog.TopicMissing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A view whose catalog is a probe, fed by a real replicator in a cluster of one. */
class DistributedCatalogViewTest {
  private static final TopicConfig ORDERS = TopicConfig.of("orders", 4, 6);
  private static final SubscriptionGroupConfig BILLING =
      SubscriptionGroupConfig.withDefaults("billing");
  private static final TopicConfig RETRY = TopicConfig.of("%RETRY%billing", 1, 6);

  private final ActorTestKit kit = ActorTestKit.create(config());
  private final TestProbe<Catalog.Command> catalog = kit.createTestProbe();

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void systemTopicsAreKnownWithoutTheCatalog() {
    DistributedCatalogView view = start(Duration.ofSeconds(10), 10);
    assertThat(view.topic("TBW102")).isNotNull();
    assertThat(result(view.ensureTopic(TopicConfig.of("TBW102", 1, 6))))
        .isEqualTo(new TopicFound(TopicConfig.of("TBW102", 8, 7), 0));
  }

  @Test
  void answerOfTheCatalogIsKnownAtOnceAndNotAskedAgain() {
    DistributedCatalogView view = start(Duration.ofSeconds(10), 10);
    view.catalogIs(catalog.getRef());
    CompletionStage<Catalog.TopicReply> reply = view.ensureTopic(ORDERS);
    EnsureTopic ask = catalog.expectMessageClass(EnsureTopic.class);
    assertThat(ask.wanted()).isEqualTo(ORDERS);
    ask.replyTo().tell(new TopicFound(ORDERS, 3));

    assertThat(result(reply)).isEqualTo(new TopicFound(ORDERS, 3));
    assertThat(view.topic("orders")).isEqualTo(ORDERS);
    assertThat(result(view.ensureTopic(TopicConfig.of("orders", 8, 6))))
        .isEqualTo(new TopicFound(ORDERS, 3));
    catalog.expectNoMessage();
  }

  @Test
  void ensuredGroupIsKnownWithItsRetryTopic() {
    DistributedCatalogView view = start(Duration.ofSeconds(10), 10);
    view.catalogIs(catalog.getRef());
    CompletionStage<Catalog.GroupReply> reply = view.ensureGroup(BILLING);
    GroupFound found = new GroupFound(BILLING, RETRY, 3);
    catalog.expectMessageClass(EnsureGroup.class).replyTo().tell(found);
    assertThat(result(reply)).isEqualTo(found);
    assertThat(view.group("billing")).isEqualTo(BILLING);
    assertThat(view.topic("%RETRY%billing")).isEqualTo(RETRY);
    assertThat(result(view.ensureGroup(BILLING))).isEqualTo(found);
    catalog.expectNoMessage();
  }

  @Test
  void changesAreKnownOnceTheyAreAnswered() {
    DistributedCatalogView view = start(Duration.ofSeconds(10), 10);
    view.catalogIs(catalog.getRef());
    var topicPut = view.putTopic(ORDERS, Set.of("a"));
    Catalog.PutTopic putTopic = catalog.expectMessageClass(Catalog.PutTopic.class);
    assertThat(putTopic.attributesRemoved()).containsExactly("a");
    putTopic.replyTo().tell(new TopicFound(ORDERS, 1));
    assertThat(result(topicPut)).isEqualTo(new TopicFound(ORDERS, 1));
    assertThat(view.topic("orders")).isEqualTo(ORDERS);
    var groupPut = view.putGroup(BILLING);
    catalog
        .expectMessageClass(Catalog.PutGroup.class)
        .replyTo()
        .tell(new GroupFound(BILLING, RETRY, 2));
    assertThat(result(groupPut)).isEqualTo(new GroupFound(BILLING, RETRY, 2));
    assertThat(view.groups()).containsExactly(BILLING);
    assertThat(view.revision()).isEqualTo(2);

    var topicGone = view.deleteTopic("orders");
    catalog
        .expectMessageClass(Catalog.DeleteTopic.class)
        .replyTo()
        .tell(new Catalog.TopicGone("orders", 3));
    assertThat(result(topicGone)).isEqualTo(new Catalog.TopicGone("orders", 3));
    assertThat(view.topic("orders")).isNull();
    var groupGone = view.deleteGroup("billing");
    catalog
        .expectMessageClass(Catalog.DeleteGroup.class)
        .replyTo()
        .tell(new Catalog.GroupGone("billing", 4));
    assertThat(result(groupGone)).isEqualTo(new Catalog.GroupGone("billing", 4));
    assertThat(view.group("billing")).isNull();
    assertThat(view.topic("%RETRY%billing")).isNull();
  }

  @Test
  void questionsAboutOneNameShareOneAnswer() {
    DistributedCatalogView view = start(Duration.ofSeconds(10), 10);
    view.catalogIs(catalog.getRef());
    CompletionStage<Catalog.TopicReply> first = view.ensureTopic(ORDERS);
    CompletionStage<Catalog.TopicReply> second = view.ensureTopic(ORDERS);
    CompletionStage<Catalog.TopicReply> lookUp = view.lookUpTopic("orders");

    EnsureTopic ask = catalog.expectMessageClass(EnsureTopic.class);
    GetTopic get = catalog.expectMessageClass(GetTopic.class);
    catalog.expectNoMessage();
    ask.replyTo().tell(new CatalogRefused("no"));
    get.replyTo().tell(new TopicMissing("orders"));

    assertThat(result(first)).isEqualTo(new CatalogRefused("no"));
    assertThat(result(second)).isEqualTo(new CatalogRefused("no"));
    assertThat(result(lookUp)).isEqualTo(new TopicMissing("orders"));
    CompletionStage<Catalog.TopicReply> again = view.ensureTopic(ORDERS);
    catalog.expectMessageClass(EnsureTopic.class).replyTo().tell(new TopicFound(ORDERS, 1));
    assertThat(result(again)).isEqualTo(new TopicFound(ORDERS, 1));
  }

  @Test
  void questionWaitsForTheCatalogToBeFound() {
    DistributedCatalogView view = start(Duration.ofSeconds(10), 10);
    CompletionStage<Catalog.TopicReply> reply = view.ensureTopic(ORDERS);
    catalog.expectNoMessage();
    view.catalogIs(catalog.getRef());
    catalog.expectMessageClass(EnsureTopic.class).replyTo().tell(new TopicFound(ORDERS, 3));
    assertThat(result(reply)).isEqualTo(new TopicFound(ORDERS, 3));
  }

  @Test
  void questionFailsInTimeWhenTheCatalogIsNotFoundOrSilent() {
    DistributedCatalogView view = start(Duration.ofMillis(200), 10);
    assertThatThrownBy(() -> result(view.ensureTopic(ORDERS)))
        .hasCauseInstanceOf(CatalogUnreachableException.class);
    view.catalogIs(catalog.getRef());
    assertThatThrownBy(() -> result(view.ensureTopic(ORDERS)))
        .hasCauseInstanceOf(CatalogUnreachableException.class);
    catalog.expectMessageClass(EnsureTopic.class);
    CompletionStage<Catalog.TopicReply> reply = view.ensureTopic(ORDERS);
    catalog.expectMessageClass(EnsureTopic.class).replyTo().tell(new TopicFound(ORDERS, 3));
    assertThat(result(reply)).isEqualTo(new TopicFound(ORDERS, 3));
  }

  @Test
  void noMoreQuestionsAreOpenThanMayBe() {
    DistributedCatalogView view = start(Duration.ofSeconds(10), 2);
    view.catalogIs(catalog.getRef());
    CompletionStage<Catalog.TopicReply> first = view.lookUpTopic("a");
    view.lookUpTopic("b");
    assertThatThrownBy(() -> result(view.lookUpTopic("c")))
        .hasCauseInstanceOf(CatalogUnreachableException.class)
        .hasMessageContaining("2 questions");
    catalog.expectMessageClass(GetTopic.class).replyTo().tell(new TopicMissing("a"));
    assertThat(result(first)).isEqualTo(new TopicMissing("a"));
    catalog.expectMessageClass(GetTopic.class);
    view.lookUpTopic("c");
    assertThat(catalog.expectMessageClass(GetTopic.class).name()).isEqualTo("c");
  }

  @Test
  void publishedPartsArriveAndOlderOnesDoNotReplaceThem() {
    DistributedCatalogView view = start(Duration.ofSeconds(10), 10);
    CatalogPublisher publisher = CatalogPublisher.distributed(kit.system());
    CatalogPart empty = CatalogPart.empty(CatalogPart.indexOf("orders"));
    publisher.publish(empty.with(ORDERS, 5));
    catalog.awaitAssert(
        Duration.ofSeconds(10),
        () -> {
          assertThat(view.topic("orders")).isEqualTo(ORDERS);
          return null;
        });

    TopicConfig older = TopicConfig.of("orders", 1, 6);
    TopicConfig newer = TopicConfig.of("orders", 9, 6);
    publisher.publish(empty.with(older, 4));
    publisher.publish(empty.with(newer, 6));
    catalog.awaitAssert(
        Duration.ofSeconds(10),
        () -> {
          assertThat(view.topic("orders")).isEqualTo(newer);
          return null;
        });
  }

  private DistributedCatalogView start(Duration askTimeout, int asksMax) {
    Cluster cluster = Cluster.get(kit.system());
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    CompletableFuture<DistributedCatalogView> started = new CompletableFuture<>();
    kit.spawn(parent(started, new CatalogSettings(10, 10, 10, 10, askTimeout, true, asksMax)));
    return result(started);
  }

  private static Behavior<Object> parent(
      CompletableFuture<DistributedCatalogView> started, CatalogSettings settings) {
    Map<String, TopicConfig> systemTopics = SystemTopics.of("sampo", List.of("broker-0"));
    return Behaviors.setup(
        context -> {
          started.complete(DistributedCatalogView.start(context, () -> systemTopics, settings));
          return Behaviors.empty();
        });
  }

  private static Config config() {
    return ConfigFactory.parseMap(
            Map.of(
                "pekko.actor.provider", "cluster",
                "pekko.remote.artery.canonical.hostname", "127.0.0.1",
                "pekko.remote.artery.canonical.port", 0))
        .withFallback(ConfigFactory.load());
  }

  private static <T> T result(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(20, SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e.getMessage(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
