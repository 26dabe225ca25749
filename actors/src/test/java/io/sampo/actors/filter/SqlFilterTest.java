package io.sampo.actors.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.rocketmq.filter.FilterFactory;
import org.apache.rocketmq.filter.expression.EvaluationContext;
import org.apache.rocketmq.filter.expression.MQFilterException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What SQL92 conditions mean, judged by RocketMQ's own filter where both understand them. */
class SqlFilterTest {
  private static final FilterSettings SETTINGS = new FilterSettings(4096, 64, 64);
  private static final Map<String, String> MESSAGE =
      Map.of("a", "5", "s", "abc", "t", "true", "n", "-3", "x", "it's", "TAGS", "TagA");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a > 3",
        "a>=5",
        "5 = a",
        "a = '5'",
        "a=5.0",
        "a <> 6",
        "q is null",
        "a IS NOT NULL",
        "a between 1 and 9",
        "s in ('abc','x')",
        "s NOT IN ('x')",
        "t = TRUE",
        "NOT (a = 6)",
        "s contains 'b'",
        "s NOT CONTAINS 'z'",
        "s startswith 'ab' AND s endswith 'c'",
        "x = 'it''s'",
        "a = 5 OR q = 1",
        "q = 1 OR a = 5",
        "n < -2 AND n > -4",
        "a = 5L /* five */ -- indeed",
        "TAGS = 'TagA'",
        "TRUE"
      })
  void passesWhatTheConditionHoldsFor(String expression) throws Exception {
    assertThat(passes(expression)).isTrue();
    assertThat(passesInRocketMq(expression, MESSAGE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a < 5",
        "q = 5",
        "q <> 5",
        "NOT q = 5",
        "q between 1 and 2",
        "q not between 1 and 2",
        "q not in ('x')",
        "q not contains 'x'",
        "q = 1 AND a = 5",
        "NOT (q = 1 OR a = 6)",
        "s",
        "FALSE",
        "s contains ''"
      })
  void holdsBackWhatIsFalseOrUnknown(String expression) throws Exception {
    assertThat(passes(expression)).isFalse();
    assertThat(passesInRocketMq(expression, MESSAGE)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "  ",
        "5",
        "'x'",
        "a = 5 AND",
        "(a = 5",
        "a == 5",
        "a != 5",
        "a in (5)",
        "a in ()",
        "s > 'abb'",
        "s between 'a' and 'b'",
        "a > null",
        "a = null",
        "a between 9 and 1",
        "a is true",
        "a.b = 1",
        "s contains b",
        "s contains 5",
        "99999999999999999999 > a"
      })
  void refusesWhatRocketMqRefuses(String expression) {
    assertThatThrownBy(() -> SqlFilter.compile(expression, SETTINGS))
        .isInstanceOf(BadFilterException.class);
    assertThatThrownBy(() -> passesInRocketMq(expression, MESSAGE))
        .isInstanceOf(MQFilterException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a = 5)", "s like 'a%'", "a + 1 = 6", "a = 5 b", "s = 'open", "a = 5 /*"})
  void refusesWhatFollowsACompleteConditionInsteadOfIgnoringIt(String expression) {
    assertThatThrownBy(() -> SqlFilter.compile(expression, SETTINGS))
        .isInstanceOf(BadFilterException.class)
        .hasMessageStartingWith("SQL92: ");
  }

  @Test
  void readsADecimalPropertyAsANumberWhereRocketMqFails() throws Exception {
    SqlFilter filter = SqlFilter.compile("d > 1", SETTINGS);
    assertThat(filter.isTrueFor(name -> "1.5")).isTrue();
    assertThat(filter.isTrueFor(name -> "many")).isFalse();
  }

  @Test
  void boundsLengthAndDepth() {
    String deep = "(".repeat(100) + "a = 1" + ")".repeat(100);
    assertThatThrownBy(() -> SqlFilter.compile(deep, SETTINGS)).hasMessageContaining("64");
    String chained = "a = 1" + " OR a = 1".repeat(100);
    assertThatThrownBy(() -> SqlFilter.compile(chained, SETTINGS)).hasMessageContaining("64");
    String nots = "NOT ".repeat(100) + "a = 1";
    assertThatThrownBy(() -> SqlFilter.compile(nots, SETTINGS)).hasMessageContaining("64");
    String long_ = "a = '" + "x".repeat(5000) + "'";
    assertThatThrownBy(() -> SqlFilter.compile(long_, SETTINGS)).hasMessageContaining("4096");
  }

  @Test
  void agreesWithRocketMqOnRandomConditions() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 5_000; i++) {
      String expression = condition(random, 3);
      Map<String, String> message = new HashMap<>();
      for (String name : List.of("a", "b", "s")) {
        if (random.nextInt(3) > 0) {
          message.put(name, value(name, random));
        }
      }
      assertThat(SqlFilter.compile(expression, SETTINGS).isTrueFor(message::get))
          .as("seed %d: %s for %s", seed, expression, message)
          .isEqualTo(passesInRocketMq(expression, message));
    }
  }

  private static String value(String name, Random random) {
    return name.equals("s") ? "x" + random.nextInt(4) : String.valueOf(random.nextInt(6) - 1);
  }

  private static String condition(Random random, int depth) {
    if (depth > 0 && random.nextInt(3) > 0) {
      String left = condition(random, depth - 1);
      String right = condition(random, depth - 1);
      return switch (random.nextInt(3)) {
        case 0 -> "(" + left + ") AND (" + right + ")";
        case 1 -> "(" + left + ") OR (" + right + ")";
        default -> "NOT (" + left + ")";
      };
    }
    String number = random.nextBoolean() ? "a" : "b";
    List<String> all = new ArrayList<>();
    for (String operator : List.of("=", "<>", "<", "<=", ">", ">=")) {
      all.add(number + " " + operator + " " + (random.nextInt(6) - 1));
    }
    int low = random.nextInt(3);
    all.add(number + " BETWEEN " + low + " AND " + (low + random.nextInt(3)));
    all.add(number + " NOT BETWEEN " + low + " AND " + (low + random.nextInt(3)));
    all.add("s = 'x" + random.nextInt(4) + "'");
    all.add("s <> 'x" + random.nextInt(4) + "'");
    all.add("s IN ('x1', 'x" + random.nextInt(4) + "')");
    all.add("s NOT IN ('x1', 'x" + random.nextInt(4) + "')");
    all.add("s CONTAINS '" + random.nextInt(4) + "'");
    all.add("s NOT STARTSWITH 'x" + random.nextInt(4) + "'");
    all.add("s IS NULL");
    all.add(number + " IS NOT NULL");
    return all.get(random.nextInt(all.size()));
  }

  private static boolean passes(String expression) throws BadFilterException {
    return SqlFilter.compile(expression, SETTINGS).isTrueFor(MESSAGE::get);
  }

  private static boolean passesInRocketMq(String expression, Map<String, String> message)
      throws Exception {
    Object value =
        FilterFactory.INSTANCE
            .get("SQL92")
            .compile(expression)
            .evaluate(
                new EvaluationContext() {
                  @Override
                  public @Nullable Object get(String name) {
                    return message.get(name);
                  }

                  @Override
                  public Map<String, Object> keyValues() {
                    return Map.copyOf(message);
                  }
                });
    return Boolean.TRUE.equals(value);
  }
}
