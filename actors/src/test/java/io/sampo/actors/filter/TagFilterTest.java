package io.sampo.actors.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sampo.actors.group.Queue.EntryFilter;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class TagFilterTest {
  private static final FilterSettings SETTINGS = new FilterSettings(100, 8, 8);

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "*", " * ", "  "})
  void everythingPassesWithoutATag(@Nullable String expression) throws BadFilterException {
    EntryFilter filter = TagFilter.compile("TAG", expression, SETTINGS);
    assertThat(filter).isSameAs(EntryFilter.ALL);
    assertThat(filter.matches(0)).isTrue();
  }

  @Test
  void oneTagPassesAlone() throws BadFilterException {
    EntryFilter filter = TagFilter.compile(null, " paid ", SETTINGS);
    assertThat(filter.matches("paid".hashCode())).isTrue();
    assertThat(filter.matches("open".hashCode())).isFalse();
    assertThat(filter.matches(0)).as("no tag").isFalse();
  }

  @Test
  void eachOfSeveralTagsPasses() throws BadFilterException {
    EntryFilter filter = TagFilter.compile("", "open||paid || late||  ||open", SETTINGS);
    for (String tag : new String[] {"open", "paid", "late"}) {
      assertThat(filter.matches(tag.hashCode())).as(tag).isTrue();
    }
    assertThat(filter.matches("gone".hashCode())).isFalse();
    assertThat(filter.matches("".hashCode())).isFalse();
  }

  @Test
  void tagsOfNegativeHashPass() throws BadFilterException {
    String tag = "polygenelubricants";
    assertThat(tag.hashCode()).isNegative();
    assertThat(TagFilter.compile("TAG", "a||" + tag, SETTINGS).matches(tag.hashCode())).isTrue();
  }

  @Test
  void singleBarIsPartOfATag() throws BadFilterException {
    EntryFilter filter = TagFilter.compile("TAG", "a|b", SETTINGS);
    assertThat(filter.matches("a|b".hashCode())).isTrue();
    assertThat(filter.matches("a".hashCode())).isFalse();
  }

  @Test
  void expressionOfSeparatorsAloneIsRefused() {
    assertThatThrownBy(() -> TagFilter.compile("TAG", " || || ", SETTINGS))
        .isInstanceOf(BadFilterException.class)
        .hasMessageContaining("names no tag");
  }

  @Test
  void tooLongExpressionIsRefused() {
    assertThatThrownBy(() -> TagFilter.compile("TAG", "x".repeat(101), SETTINGS))
        .isInstanceOf(BadFilterException.class)
        .hasMessageContaining("101 characters");
  }

  @Test
  void tooManyTagsAreRefused() throws BadFilterException {
    String eight = IntStream.range(0, 8).mapToObj(i -> "t" + i).collect(Collectors.joining("||"));
    assertThat(TagFilter.compile("TAG", eight, SETTINGS).matches("t7".hashCode())).isTrue();
    assertThatThrownBy(() -> TagFilter.compile("TAG", eight + "||t8", SETTINGS))
        .isInstanceOf(BadFilterException.class)
        .hasMessageContaining("more than 8 tags");
  }

  @Test
  void otherTypesAreRefusedByName() {
    assertThatThrownBy(() -> TagFilter.compile("XPATH", "a > 1", SETTINGS))
        .isInstanceOf(BadFilterException.class)
        .hasMessageContaining("XPATH are not supported");
  }
}
