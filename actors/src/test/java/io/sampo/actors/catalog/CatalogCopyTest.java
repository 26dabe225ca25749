package io.sampo.actors.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.TopicFound;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CatalogCopyTest {
  private static final TopicConfig FOUR = TopicConfig.of("orders", 4, 6);
  private static final TopicConfig EIGHT = TopicConfig.of("orders", 8, 6);

  private final Map<String, TopicConfig> systemTopics = SystemTopics.of("sampo", List.of("b-0"));
  private final CatalogCopy copy = new CatalogCopy(() -> systemTopics);

  @Test
  void systemTopicsAreKnownFromTheStart() {
    TopicConfig template = copy.topic(SystemTopics.AUTO_CREATE_TEMPLATE);
    assertThat(template).isEqualTo(TopicConfig.of("TBW102", 8, 7));
    assertThat(copy.topics()).containsExactlyInAnyOrderElementsOf(systemTopics.values());
    assertThat(systemTopics)
        .containsKeys(
            "SELF_TEST_TOPIC",
            "BenchmarkTest",
            "RMQ_SYS_TRACE_TOPIC",
            "OFFSET_MOVED_EVENT",
            "sampo_REPLY_TOPIC",
            "sampo",
            "b-0");
  }

  @Test
  void publishedPartIsTakenOver() {
    copy.takePart(part(5).with(FOUR, 5));
    assertThat(copy.topicFound("orders")).isEqualTo(new TopicFound(FOUR, 5));
    assertThat(copy.topics()).contains(FOUR).hasSize(systemTopics.size() + 1);
  }

  @Test
  void systemTopicThatWasPutIsListedOnce() {
    TopicConfig changed = TopicConfig.of("TBW102", 16, 7);
    copy.takeTopic(changed, 3);
    assertThat(copy.topic("TBW102")).isEqualTo(changed);
    assertThat(copy.topics()).contains(changed).hasSize(systemTopics.size());
  }

  @Test
  void olderPartNeitherOverwritesNorRemovesWhatANewerAnswerBrought() {
    copy.takeTopic(EIGHT, 7);
    copy.takePart(part(6).with(FOUR, 6));
    assertThat(copy.topic("orders")).isEqualTo(EIGHT);
    copy.takePart(part(6));
    assertThat(copy.topic("orders")).isEqualTo(EIGHT);
  }

  @Test
  void whatWasDeletedDoesNotComeBackWithAnOlderPart() {
    copy.takePart(part(5).with(FOUR, 5));
    copy.dropTopic("orders", 7);
    assertThat(copy.topic("orders")).isNull();
    assertThat(copy.topicFound("orders")).isNull();
    assertThat(copy.topics()).hasSize(systemTopics.size());

    copy.takePart(part(6).with(FOUR, 6));
    copy.takeTopic(FOUR, 6);
    assertThat(copy.topic("orders")).isNull();
    copy.takePart(part(7));
    assertThat(copy.topic("orders")).isNull();
    copy.takePart(part(8).with(EIGHT, 8));
    assertThat(copy.topic("orders")).isEqualTo(EIGHT);
    assertThat(copy.revision()).isEqualTo(8);
  }

  @Test
  void groupsAreListedUntilTheyAreDeleted() {
    SubscriptionGroupConfig billing = SubscriptionGroupConfig.withDefaults("billing");
    copy.takeGroup(billing, 3);
    assertThat(copy.groups()).containsExactly(billing);
    copy.dropGroup("billing", 4);
    assertThat(copy.groups()).isEmpty();
    assertThat(copy.group("billing")).isNull();
    assertThat(copy.groupFound("billing")).isNull();
  }

  @Test
  void olderAnswerDoesNotOverwriteANewerPart() {
    copy.takePart(part(8).with(EIGHT, 8));
    copy.takeTopic(FOUR, 7);
    assertThat(copy.topic("orders")).isEqualTo(EIGHT);
  }

  @Test
  void whatANewerPartDoesNotHaveIsGone() {
    copy.takeTopic(FOUR, 4);
    copy.takePart(part(5));
    assertThat(copy.topic("orders")).isNull();
    assertThat(copy.topicFound("orders")).isNull();
  }

  @Test
  void groupIsKnownWithItsRetryTopic() {
    SubscriptionGroupConfig group = SubscriptionGroupConfig.withDefaults("billing");
    TopicConfig retryTopic = TopicConfig.of("%RETRY%billing", 1, 6);
    copy.takeGroup(group, 2);
    assertThat(copy.group("billing")).isEqualTo(group);
    assertThat(copy.groupFound("billing")).as("half of it").isNull();
    copy.takeTopic(retryTopic, 2);
    assertThat(copy.groupFound("billing")).isEqualTo(new GroupFound(group, retryTopic, 2));
  }

  private static CatalogPart part(long revision) {
    return new CatalogPart(CatalogPart.indexOf("orders"), revision, Map.of(), Map.of());
  }
}
