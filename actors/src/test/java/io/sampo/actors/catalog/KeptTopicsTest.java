package io.sampo.actors.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class KeptTopicsTest {
  private static final TopicConfig NORMAL = TopicConfig.of("orders", 4, 6);
  private static final TopicConfig ORDERED =
      new TopicConfig("ordered", 4, 4, 6, 0, true, Map.of("a", "b"));
  private static final TopicConfig FIFO = NORMAL.withAttributes(Map.of("message.type", "FIFO"));
  private static final TopicConfig RETRY = TopicConfig.of("%RETRY%billing", 1, 6);
  private static final TopicConfig DEAD = TopicConfig.of("%DLQ%billing", 1, 6);

  private final KeptTopics grow = new KeptTopics(() -> 3, false);
  private final KeptTopics stay = new KeptTopics(() -> 3, true);

  @Test
  void topicsThatSomebodyReliesOnTheOrderOfAreKeptToTheLogGroupsThatThereAre() {
    assertThat(grow.keep(NORMAL)).isEqualTo(NORMAL);
    assertThat(grow.keep(ORDERED).attributes())
        .isEqualTo(Map.of("a", "b", "sampo.log-groups", "3"));
    assertThat(grow.keep(FIFO).isIn(2)).isTrue();
    assertThat(grow.keep(FIFO).isIn(3)).isFalse();
  }

  @Test
  void allAreKeptIfItWasSaidSoButThoseOfGroups() {
    assertThat(stay.keep(NORMAL).isIn(3)).isFalse();
    assertThat(stay.keep(RETRY)).isEqualTo(RETRY);
    assertThat(stay.keep(DEAD)).isEqualTo(DEAD);
  }

  @Test
  void whatAnOperatorSaysCounts() {
    TopicConfig four = FIFO.withAttributes(Map.of("message.type", "FIFO", "sampo.log-groups", "4"));

    assertThat(grow.keep(four)).isEqualTo(four);
    assertThat(CatalogRules.topicRefusal(four)).isNull();
    for (String wrong : new String[] {"0", "-1", "x", "", "1000"}) {
      assertThat(
              CatalogRules.topicRefusal(NORMAL.withAttributes(Map.of("sampo.log-groups", wrong))))
          .contains("sampo.log-groups");
    }
  }

  @Test
  void aNodeAloneKeepsNone() {
    assertThat(KeptTopics.NONE.keep(FIFO)).isEqualTo(FIFO);
  }
}
