package io.sampo.actors.filter;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A part of a compiled condition. A value is a {@link String}, {@link Long}, {@link Double} or
 * {@link Boolean}; null is "unknown", which is what a property has that isn't there.
 *
 * <p>A property's value is text. Where the other side of a comparison is a number or a boolean, the
 * text is read as one; text that isn't one makes the comparison unknown. (RocketMQ fails on such a
 * message, which has the same effect: it doesn't pass.)
 */
sealed interface SqlExpression {
  /** The value for one message, null when unknown. */
  @Nullable Object evaluate(Properties properties);

  /** Where the values of names come from. */
  @FunctionalInterface
  interface Properties {
    @Nullable String find(String name);
  }

  /** A number, text, TRUE, FALSE, or NULL as null. */
  record Constant(@Nullable Object value) implements SqlExpression {
    @Override
    public @Nullable Object evaluate(Properties properties) {
      return value;
    }
  }

  /** A property of the message. */
  record Property(String name) implements SqlExpression {
    @Override
    public @Nullable Object evaluate(Properties properties) {
      return properties.find(name);
    }
  }

  /** NOT: unknown stays unknown, and what isn't a boolean counts as false. */
  record Not(SqlExpression operand) implements SqlExpression {
    @Override
    public @Nullable Object evaluate(Properties properties) {
      Object value = operand.evaluate(properties);
      return value == null ? null : !Boolean.TRUE.equals(value);
    }
  }

  /** AND: false beats unknown. */
  record And(SqlExpression left, SqlExpression right) implements SqlExpression {
    @Override
    public @Nullable Object evaluate(Properties properties) {
      Object first = left.evaluate(properties);
      if (first != null && !Boolean.TRUE.equals(first)) {
        return false;
      }
      Object second = right.evaluate(properties);
      if (second != null && !Boolean.TRUE.equals(second)) {
        return false;
      }
      return (first == null || second == null) ? null : Boolean.TRUE;
    }
  }

  /** OR: true beats unknown. */
  record Or(SqlExpression left, SqlExpression right) implements SqlExpression {
    @Override
    public @Nullable Object evaluate(Properties properties) {
      Object first = left.evaluate(properties);
      if (Boolean.TRUE.equals(first)) {
        return true;
      }
      Object second = right.evaluate(properties);
      if (Boolean.TRUE.equals(second)) {
        return true;
      }
      return (first == null || second == null) ? null : Boolean.FALSE;
    }
  }

  /** IS NULL; never unknown. */
  record IsNull(SqlExpression operand) implements SqlExpression {
    @Override
    public Object evaluate(Properties properties) {
      return operand.evaluate(properties) == null;
    }
  }

  /** IN a list of texts. */
  record In(Property property, Set<String> texts) implements SqlExpression {
    public In {
      texts = Set.copyOf(texts);
    }

    @Override
    public @Nullable Object evaluate(Properties properties) {
      String value = properties.find(property.name());
      return value == null ? null : texts.contains(value);
    }
  }

  /** What a text may be asked for. */
  enum TextTest {
    CONTAINS,
    STARTSWITH,
    ENDSWITH;

    boolean holds(String text, String part) {
      return switch (this) {
        case CONTAINS -> text.contains(part);
        case STARTSWITH -> text.startsWith(part);
        case ENDSWITH -> text.endsWith(part);
      };
    }
  }

  /**
   * CONTAINS, STARTSWITH, ENDSWITH and their opposites. As in RocketMQ an empty part is in nothing,
   * and of a property that isn't there both the test and its opposite are false.
   */
  record Text(SqlExpression operand, TextTest test, String part, boolean negated)
      implements SqlExpression {
    @Override
    public Object evaluate(Properties properties) {
      Object value = operand.evaluate(properties);
      if (!(value instanceof String text) || part.isEmpty()) {
        return false;
      }
      return test.holds(text, part) != negated;
    }
  }

  /** How two values are compared. */
  enum Order {
    EQUAL,
    LESS,
    LESS_OR_EQUAL,
    GREATER,
    GREATER_OR_EQUAL;

    boolean holds(int comparison) {
      return switch (this) {
        case EQUAL -> comparison == 0;
        case LESS -> comparison < 0;
        case LESS_OR_EQUAL -> comparison <= 0;
        case GREATER -> comparison > 0;
        case GREATER_OR_EQUAL -> comparison >= 0;
      };
    }
  }

  /** A comparison; unknown when a side is unknown or the sides can't be compared. */
  record Comparison(SqlExpression left, Order order, SqlExpression right) implements SqlExpression {
    @Override
    public @Nullable Object evaluate(Properties properties) {
      Object first = left.evaluate(properties);
      Object second = right.evaluate(properties);
      if (first == null || second == null) {
        return null;
      }
      if (first instanceof String text && !(second instanceof String)) {
        first = readAs(text, second);
      } else if (second instanceof String text && !(first instanceof String)) {
        second = readAs(text, first);
      }
      if (first == null || second == null) {
        return null;
      }
      if (first instanceof Number a && second instanceof Number b) {
        return order.holds(compare(a, b));
      }
      if (first.getClass() != second.getClass()) {
        return false;
      }
      if (order == Order.EQUAL) {
        return first.equals(second);
      }
      // Texts and booleans have no order here: property against property is all that gets here.
      return null;
    }

    private static @Nullable Object readAs(String text, Object like) {
      return like instanceof Boolean ? Boolean.valueOf(text) : readNumber(text);
    }

    private static @Nullable Number readNumber(String text) {
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException notWhole) {
        try {
          return Double.valueOf(text);
        } catch (NumberFormatException notNumber) {
          return null;
        }
      }
    }

    private static int compare(Number a, Number b) {
      if (a instanceof Long && b instanceof Long) {
        return Long.compare(a.longValue(), b.longValue());
      }
      return Double.compare(a.doubleValue(), b.doubleValue());
    }
  }
}
