package io.sampo.actors.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.actors.catalog.Catalog.CatalogRefused;
import io.sampo.actors.catalog.Catalog.Command;
import io.sampo.actors.catalog.Catalog.DeleteGroup;
import io.sampo.actors.catalog.Catalog.DeleteTopic;
import io.sampo.actors.catalog.Catalog.EnsureGroup;
import io.sampo.actors.catalog.Catalog.EnsureTopic;
import io.sampo.actors.catalog.Catalog.GetGroup;
import io.sampo.actors.catalog.Catalog.GetTopic;
import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.GroupGone;
import io.sampo.actors.catalog.Catalog.GroupMissing;
import io.sampo.actors.catalog.Catalog.GroupReply;
import io.sampo.actors.catalog.Catalog.PutGroup;
import io.sampo.actors.catalog.Catalog.PutTopic;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.Catalog.TopicGone;
import io.sampo.actors.catalog.Catalog.TopicMissing;
import io.sampo.actors.catalog.Catalog.TopicReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.apache.pekko.actor.UnhandledMessage;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.persistence.testkit.javadsl.EventSourcedBehaviorTestKit;
import org.apache.pekko.persistence.testkit.javadsl.EventSourcedBehaviorTestKit.CommandResultWithReply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Commands, events and states of the catalog, each also sent through serialization and back. */
class CatalogTest {
  private static final CatalogSettings SETTINGS =
      new CatalogSettings(5, 2, 40, 500, Duration.ofSeconds(3), true, 10);
  private static final TopicConfig ORDERS = TopicConfig.of("orders", 4, 6);

  private final List<CatalogPart> published = new CopyOnWriteArrayList<>();
  private final ActorTestKit kit = ActorTestKit.create(config());
  private final EventSourcedBehaviorTestKit<Command, CatalogEvent, CatalogState> catalog =
      EventSourcedBehaviorTestKit.create(
          kit.system(),
          Catalog.create(
              "broker-0",
              SETTINGS,
              KeptTopics.NONE,
              () -> SystemTopics.of("sampo", List.of("broker-0")),
              published::add));

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  @Test
  void ensuredTopicIsCreatedOnce() {
    var created = topic(replyTo -> new EnsureTopic(ORDERS, replyTo));
    assertThat(created.event()).isEqualTo(new CatalogEvent.TopicPut(ORDERS));
    assertThat(created.reply()).isEqualTo(new TopicFound(ORDERS, 1));

    var again = topic(replyTo -> new EnsureTopic(TopicConfig.of("orders", 8, 6), replyTo));
    assertThat(again.hasNoEvents()).isTrue();
    assertThat(again.reply()).isEqualTo(new TopicFound(ORDERS, 1));
  }

  @Test
  void putTopicReplacesWhatIsThere() {
    topic(replyTo -> new PutTopic(ORDERS, Set.of(), replyTo));
    TopicConfig changed = new TopicConfig("orders", 8, 2, 4, 1, true, Map.of("a", "b"));
    var put = topic(replyTo -> new PutTopic(changed, Set.of(), replyTo));
    assertThat(put.reply()).isEqualTo(new TopicFound(changed, 2));
    assertThat(topic(replyTo -> new GetTopic("orders", replyTo)).reply())
        .isEqualTo(new TopicFound(changed, 2));
    assertThat(put.state().topicCount()).isEqualTo(1);
    assertThat(put.state().queueCount()).isEqualTo(8);
  }

  @Test
  void systemTopicsExistWithoutAnEvent() {
    var template = topic(replyTo -> new EnsureTopic(TopicConfig.of("TBW102", 1, 6), replyTo));
    assertThat(template.hasNoEvents()).isTrue();
    assertThat(template.reply()).isEqualTo(new TopicFound(TopicConfig.of("TBW102", 8, 7), 0));
  }

  @Test
  void unknownTopicAndGroupAreMissing() {
    assertThat(topic(replyTo -> new GetTopic("orders", replyTo)).reply())
        .isEqualTo(new TopicMissing("orders"));
    assertThat(group(replyTo -> new GetGroup("billing", replyTo)).reply())
        .isEqualTo(new GroupMissing("billing"));
  }

  @Test
  void ensuredGroupComesWithItsRetryTopic() {
    SubscriptionGroupConfig billing =
        new SubscriptionGroupConfig("billing", true, true, 2, 16, true);
    GroupFound found = new GroupFound(billing, TopicConfig.of("%RETRY%billing", 2, 6), 1);

    var created = group(replyTo -> new EnsureGroup(billing, replyTo));
    assertThat(created.reply()).isEqualTo(found);
    assertThat(topic(replyTo -> new GetTopic("%RETRY%billing", replyTo)).reply())
        .isEqualTo(new TopicFound(TopicConfig.of("%RETRY%billing", 2, 6), 1));

    var again = group(replyTo -> new EnsureGroup(billing, replyTo));
    assertThat(again.hasNoEvents()).isTrue();
    assertThat(again.reply()).isEqualTo(found);
    assertThat(group(replyTo -> new GetGroup("billing", replyTo)).reply()).isEqualTo(found);
  }

  @Test
  void retryTopicThatIsThereAlreadyStaysAsItIs() {
    TopicConfig retryTopic = TopicConfig.of("%RETRY%billing", 7, 6);
    topic(replyTo -> new PutTopic(retryTopic, Set.of(), replyTo));
    var created =
        group(replyTo -> new EnsureGroup(SubscriptionGroupConfig.withDefaults("billing"), replyTo));
    assertThat(((GroupFound) created.reply()).retryTopic()).isEqualTo(retryTopic);
  }

  @Test
  void illegalTopicsAndGroupsAreRefusedWithTheReason() {
    var name = topic(replyTo -> new EnsureTopic(TopicConfig.of("a b", 4, 6), replyTo));
    assertThat(name.hasNoEvents()).isTrue();
    assertThat(((CatalogRefused) name.reply()).reason()).contains("name");
    var queues =
        topic(replyTo -> new PutTopic(TopicConfig.of("orders", 1025, 6), Set.of(), replyTo));
    assertThat(((CatalogRefused) queues.reply()).reason()).contains("1025");
    var group =
        group(replyTo -> new EnsureGroup(SubscriptionGroupConfig.withDefaults(""), replyTo));
    assertThat(((CatalogRefused) group.reply()).reason()).contains("blank");
  }

  @Test
  void limitsAreKeptAndWhatIsThereCanStillChange() {
    for (int i = 0; i < SETTINGS.topicsMax(); i++) {
      String name = "t" + i;
      topic(replyTo -> new EnsureTopic(TopicConfig.of(name, 1, 6), replyTo));
    }
    var oneMore = topic(replyTo -> new EnsureTopic(ORDERS, replyTo));
    assertThat(((CatalogRefused) oneMore.reply()).reason()).contains("5 topics");
    var withGroup =
        group(replyTo -> new EnsureGroup(SubscriptionGroupConfig.withDefaults("billing"), replyTo));
    assertThat(((CatalogRefused) withGroup.reply()).reason()).contains("5 topics");
    var grown = topic(replyTo -> new PutTopic(TopicConfig.of("t0", 36, 6), Set.of(), replyTo));
    assertThat(grown.reply()).isInstanceOf(TopicFound.class);
    var tooFar = topic(replyTo -> new PutTopic(TopicConfig.of("t0", 37, 6), Set.of(), replyTo));
    assertThat(((CatalogRefused) tooFar.reply()).reason()).contains("limit is 40");
    var shrunk = topic(replyTo -> new PutTopic(TopicConfig.of("t0", 35, 6), Set.of(), replyTo));
    assertThat(shrunk.reply()).isInstanceOf(TopicFound.class);
  }

  @Test
  void groupsHaveALimitOfTheirOwn() {
    for (String name : List.of("a", "b")) {
      group(replyTo -> new EnsureGroup(SubscriptionGroupConfig.withDefaults(name), replyTo));
    }
    var oneMore =
        group(replyTo -> new EnsureGroup(SubscriptionGroupConfig.withDefaults("c"), replyTo));
    assertThat(((CatalogRefused) oneMore.reply()).reason()).contains("2 groups");
  }

  @Test
  void changedPartsArePublishedOnceTheyAreDurableAndAllOfThemAfterAStart() {
    topic(replyTo -> new EnsureTopic(ORDERS, replyTo));
    assertThat(published).hasSize(1);
    assertThat(published.get(0).topics()).containsEntry("orders", ORDERS);
    assertThat(published.get(0).revision()).isEqualTo(1);
    topic(replyTo -> new GetTopic("orders", replyTo));
    assertThat(published).hasSize(1);
    group(replyTo -> new EnsureGroup(SubscriptionGroupConfig.withDefaults("billing"), replyTo));
    assertThat(published).hasSize(3);

    published.clear();
    CatalogState state = catalog.restart().state();

    assertThat(published).containsExactlyInAnyOrderElementsOf(state.parts().values()).isNotEmpty();
    assertThat(topic(replyTo -> new GetTopic("orders", replyTo)).reply())
        .isEqualTo(new TopicFound(ORDERS, 2));
  }

  @Test
  void attributesStayUntilTheyAreRemoved() {
    TopicConfig typed = ORDERS.withAttributes(Map.of("message.type", "FIFO", "a", "1"));
    topic(replyTo -> new PutTopic(typed, Set.of(), replyTo));
    topic(replyTo -> new PutTopic(ORDERS.withAttributes(Map.of("a", "2")), Set.of(), replyTo));
    assertThat(topic(replyTo -> new GetTopic("orders", replyTo)).reply())
        .isEqualTo(
            new TopicFound(ORDERS.withAttributes(Map.of("message.type", "FIFO", "a", "2")), 2));

    topic(replyTo -> new PutTopic(ORDERS, Set.of("message.type", "unknown"), replyTo));
    assertThat(topic(replyTo -> new GetTopic("orders", replyTo)).reply())
        .isEqualTo(new TopicFound(ORDERS.withAttributes(Map.of("a", "2")), 3));
  }

  @Test
  void deletedTopicIsGoneAndItsQueuesCountNoMore() {
    topic(replyTo -> new EnsureTopic(ORDERS, replyTo));
    published.clear();
    var deleted = topic(replyTo -> new DeleteTopic("orders", replyTo));

    assertThat(deleted.reply()).isEqualTo(new TopicGone("orders", 2));
    assertThat(deleted.state().topicCount()).isZero();
    assertThat(deleted.state().queueCount()).isZero();
    assertThat(published).hasSize(1);
    assertThat(published.get(0).topics()).isEmpty();
    assertThat(published.get(0).revision()).isEqualTo(2);
    assertThat(topic(replyTo -> new GetTopic("orders", replyTo)).reply())
        .isEqualTo(new TopicMissing("orders"));

    var again = topic(replyTo -> new DeleteTopic("orders", replyTo));
    assertThat(again.hasNoEvents()).isTrue();
    assertThat(again.reply()).isEqualTo(new TopicGone("orders", 2));
  }

  @Test
  void systemTopicsAndRetryTopicsOfGroupsAreNotDeletedByThemselves() {
    group(replyTo -> new EnsureGroup(SubscriptionGroupConfig.withDefaults("billing"), replyTo));

    for (String name : List.of("TBW102", "sampo", "broker-0", "%RETRY%billing")) {
      var refused = topic(replyTo -> new DeleteTopic(name, replyTo));
      assertThat(refused.hasNoEvents()).isTrue();
      assertThat(refused.reply()).isInstanceOf(CatalogRefused.class);
    }
    topic(replyTo -> new PutTopic(TopicConfig.of("%RETRY%nobody", 1, 6), Set.of(), replyTo));
    assertThat(topic(replyTo -> new DeleteTopic("%RETRY%nobody", replyTo)).reply())
        .isEqualTo(new TopicGone("%RETRY%nobody", 3));
  }

  @Test
  void putGroupReplacesWhatIsThereAndWidensItsRetryTopic() {
    group(replyTo -> new EnsureGroup(SubscriptionGroupConfig.withDefaults("billing"), replyTo));
    SubscriptionGroupConfig wider =
        new SubscriptionGroupConfig("billing", false, false, 3, 2, false);
    assertThat(group(replyTo -> new PutGroup(wider, replyTo)).reply())
        .isEqualTo(new GroupFound(wider, TopicConfig.of("%RETRY%billing", 3, 6), 2));

    SubscriptionGroupConfig narrower =
        new SubscriptionGroupConfig("billing", true, false, 1, 2, false);
    var put = group(replyTo -> new PutGroup(narrower, replyTo));
    assertThat(put.reply())
        .as("consumers still read the queues that may hold messages")
        .isEqualTo(
            new GroupFound(narrower, TopicConfig.of("%RETRY%billing", 3, 6).withQueues(3, 1), 3));
    assertThat(put.state().groupCount()).isEqualTo(1);
    assertThat(group(replyTo -> new PutGroup(illegalGroup(), replyTo)).reply())
        .isInstanceOf(CatalogRefused.class);
  }

  private static SubscriptionGroupConfig illegalGroup() {
    return new SubscriptionGroupConfig("billing", true, true, 0, 16, true);
  }

  @Test
  void aGroupIsDeletedWithItsRetryTopic() {
    group(replyTo -> new EnsureGroup(SubscriptionGroupConfig.withDefaults("billing"), replyTo));
    published.clear();
    var deleted = group(replyTo -> new DeleteGroup("billing", replyTo));

    assertThat(deleted.reply()).isEqualTo(new GroupGone("billing", 2));
    assertThat(deleted.state().groupCount()).isZero();
    assertThat(deleted.state().topicCount()).isZero();
    assertThat(published).hasSize(2);
    assertThat(group(replyTo -> new GetGroup("billing", replyTo)).reply())
        .isEqualTo(new GroupMissing("billing"));
    assertThat(topic(replyTo -> new GetTopic("%RETRY%billing", replyTo)).reply())
        .isEqualTo(new TopicMissing("%RETRY%billing"));
    assertThat(group(replyTo -> new DeleteGroup("billing", replyTo)).reply())
        .isEqualTo(new GroupGone("billing", 2));
  }

  @Test
  void everyCommandIsHandled() {
    TestProbe<UnhandledMessage> unhandled = kit.createUnhandledMessageProbe();
    ActorRef<TopicReply> topics = kit.<TopicReply>createTestProbe().getRef();
    ActorRef<GroupReply> groups = kit.<GroupReply>createTestProbe().getRef();
    List<Command> commands =
        List.of(
            new EnsureTopic(ORDERS, topics),
            new PutTopic(ORDERS, Set.of(), topics),
            new GetTopic("orders", topics),
            new DeleteTopic("orders", topics),
            new EnsureGroup(SubscriptionGroupConfig.withDefaults("billing"), groups),
            new PutGroup(SubscriptionGroupConfig.withDefaults("billing"), groups),
            new GetGroup("billing", groups),
            new DeleteGroup("billing", groups));
    assertThat(commands)
        .extracting(Object::getClass)
        .containsExactlyInAnyOrder(Command.class.getPermittedSubclasses());
    commands.forEach(catalog::runCommand);
    unhandled.expectNoMessage();
  }

  @Test
  void namesSpreadOverTheParts() {
    List<Integer> counts = new ArrayList<>();
    CatalogPart.indexes().forEach(index -> counts.add(0));
    for (int i = 0; i < 25_600; i++) {
      counts.set(
          CatalogPart.indexOf("topic-" + i), counts.get(CatalogPart.indexOf("topic-" + i)) + 1);
    }
    assertThat(counts).allSatisfy(count -> assertThat(count).isBetween(30, 300));
  }

  private CommandResultWithReply<Command, CatalogEvent, CatalogState, TopicReply> topic(
      Function<ActorRef<TopicReply>, Command> command) {
    return catalog.runCommand(command);
  }

  private CommandResultWithReply<Command, CatalogEvent, CatalogState, GroupReply> group(
      Function<ActorRef<GroupReply>, Command> command) {
    return catalog.runCommand(command);
  }

  private static Config config() {
    return EventSourcedBehaviorTestKit.config().withFallback(ConfigFactory.load());
  }
}
