package io.sampo.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MessagePropertiesTest {
  @Test
  void appendingAddsTheSeparatorThatOldClientsLeaveOut() {
    byte[] more = MessageProperties.encode(Map.of("CLUSTER", "c"));

    assertThat(new String(MessageProperties.append("a\1b".getBytes(UTF_8), more), UTF_8))
        .isEqualTo("a\1b\2CLUSTER\1c\2");
    assertThat(new String(MessageProperties.append("a\1b\2".getBytes(UTF_8), more), UTF_8))
        .isEqualTo("a\1b\2CLUSTER\1c\2");
    assertThat(MessageProperties.append(new byte[0], more)).isEqualTo(more);
    assertThat(MessageProperties.append(more, new byte[0])).isSameAs(more);
  }

  @Test
  void theTagHashIsTheStringHashOfTheTag() {
    for (String tag : new String[] {"a", "TagA", "größe", "😀", "x".repeat(300)}) {
      byte[] encoded = MessageProperties.encode(Map.of("TAGS", tag));
      assertThat(MessageProperties.tagHash(encoded)).isEqualTo(tag.hashCode());
    }
    assertThat(MessageProperties.tagHash("TAGS\1\2".getBytes(UTF_8))).isZero();
    assertThat(MessageProperties.tagHash(new byte[0])).isZero();
  }

  @Test
  void separatorsInsideAreRefused() {
    assertThatThrownBy(() -> MessageProperties.encode(Map.of("a", "b\2c")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MessageProperties.encode(Map.of("a\1", "b")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
