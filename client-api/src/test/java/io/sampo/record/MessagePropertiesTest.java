package io.sampo.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
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

  @Test
  void namedPropertiesAreLeftOutAndOthersStayAsTheyLie() {
    Set<String> names = Set.of("a", "größe");
    assertThat(without("a\1b\2x\1y\2größe\0011\2a\1c", names)).isEqualTo("x\1y\2");
    assertThat(without("x\1y", names)).isEqualTo("x\1y");
    assertThat(without("no pair\2\2a\1\2ab\1c", names)).isEqualTo("no pair\2\2ab\1c");
    assertThat(without("", names)).isEmpty();
  }

  private static String without(String encoded, Set<String> names) {
    return new String(
        MessageProperties.without(ByteBuffer.wrap(encoded.getBytes(UTF_8)), names), UTF_8);
  }

  @Test
  void somePropertiesAreTakenOutAndTheOthersStayAsTheyAre() {
    byte[] encoded = "a\0011\002b\0012\001x\002\002c\001\002a\0013".getBytes(UTF_8);

    assertThat(MessageProperties.without(encoded, Set.of("a")))
        .asString(UTF_8)
        .isEqualTo("b\0012\001x\002\002c\001\002");
    assertThat(MessageProperties.without(encoded, Set.of("b", "c", "none")))
        .asString(UTF_8)
        .isEqualTo("a\0011\002\002a\0013");
    assertThat(MessageProperties.without(encoded, Set.of("none"))).isSameAs(encoded);
    assertThat(MessageProperties.without(new byte[0], Set.of("a"))).isEmpty();
  }
}
