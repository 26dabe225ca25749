package io.sampo.actors.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogRulesTest {
  @ParameterizedTest
  @ValueSource(strings = {"orders", "A-b_9", "%RETRY%billing", "%DLQ%billing", "a|b", "%"})
  void legalTopicNames(String name) {
    assertThat(CatalogRules.topicNameRefusal(name)).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a.b", "ü", "a/b", "%RETRY%", "%DLQ%", "%RETRY%a b"})
  void illegalTopicNames(String name) {
    assertThat(CatalogRules.topicNameRefusal(name)).isNotNull();
  }

  @Test
  void topicMayHave127CharactersAndAGroup255() {
    assertThat(CatalogRules.topicNameRefusal("t".repeat(127))).isNull();
    assertThat(CatalogRules.topicNameRefusal("t".repeat(128))).contains("127");
    assertThat(CatalogRules.groupNameRefusal("g".repeat(255))).isNull();
    assertThat(CatalogRules.groupNameRefusal("g".repeat(256))).contains("255");
  }

  @Test
  void topicOfAGroupMayBeAsLongAsTheGroup() {
    assertThat(CatalogRules.topicNameRefusal("%RETRY%" + "g".repeat(255))).isNull();
    assertThat(CatalogRules.topicNameRefusal("%RETRY%" + "g".repeat(256))).isNotNull();
  }

  @Test
  void queuesAreOneTo1024() {
    assertThat(CatalogRules.topicRefusal(TopicConfig.of("T", 1, 6))).isNull();
    assertThat(CatalogRules.topicRefusal(TopicConfig.of("T", 1024, 6))).isNull();
    assertThat(CatalogRules.topicRefusal(TopicConfig.of("T", 0, 6))).contains("read queues");
    assertThat(CatalogRules.topicRefusal(TopicConfig.of("T", 1025, 6))).contains("1025");
    assertThat(CatalogRules.topicRefusal(new TopicConfig("T", 4, 2000, 6, 0, false, Map.of())))
        .contains("write queues");
  }

  @Test
  void permissionsAreThreeBits() {
    assertThat(CatalogRules.topicRefusal(TopicConfig.of("T", 1, 0))).isNull();
    assertThat(CatalogRules.topicRefusal(TopicConfig.of("T", 1, 7))).isNull();
    assertThat(CatalogRules.topicRefusal(TopicConfig.of("T", 1, 8))).contains("permissions");
    assertThat(CatalogRules.topicRefusal(TopicConfig.of("T", 1, -1))).contains("permissions");
  }

  @Test
  void attributesAreFewAndShort() {
    Map<String, String> many =
        IntStream.range(0, 33).boxed().collect(Collectors.toMap(i -> "k" + i, i -> "v"));
    assertThat(CatalogRules.topicRefusal(new TopicConfig("T", 1, 1, 6, 0, false, many)))
        .contains("32 attributes");
    Map<String, String> longOne = Map.of("k", "v".repeat(1024));
    assertThat(CatalogRules.topicRefusal(new TopicConfig("T", 1, 1, 6, 0, false, longOne)))
        .contains("1024 characters");
  }

  @Test
  void groupHasRetryQueuesAndNoNegativeRetries() {
    assertThat(CatalogRules.groupRefusal(SubscriptionGroupConfig.withDefaults("G"))).isNull();
    assertThat(CatalogRules.groupRefusal(new SubscriptionGroupConfig("G", true, true, 0, 16, true)))
        .contains("retry queues");
    assertThat(CatalogRules.groupRefusal(new SubscriptionGroupConfig("G", true, true, 1, -1, true)))
        .contains("retries");
  }
}
