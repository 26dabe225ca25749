package io.sampo.actors.filter;

import io.sampo.actors.group.Queue.EntryFilter;
import io.sampo.record.MessageRecord;
import java.nio.ByteBuffer;

/**
 * Lets messages pass whose properties fulfil an SQL92 condition, such as {@code a > 5 AND (b IN
 * ('x', 'y') OR c IS NULL)}. Compiled once per subscription; immutable, used by any thread.
 *
 * <p>Logic is three-valued: what is said of a property that a message doesn't have is unknown, and
 * only what is true passes. The grammar is in {@link SqlParser}, the meaning in {@link
 * SqlExpression}.
 */
public final class SqlFilter implements EntryFilter {
  private final SqlExpression condition;

  private SqlFilter(SqlExpression condition) {
    this.condition = condition;
  }

  /**
   * Makes a filter of a condition.
   *
   * @throws BadFilterException when it isn't one, or is longer or deeper than allowed; the message
   *     says where
   */
  public static SqlFilter compile(String expression, FilterSettings settings)
      throws BadFilterException {
    if (expression.length() > settings.expressionLengthMax()) {
      throw new BadFilterException(
          "the SQL92 expression has %d characters, at most %d are allowed"
              .formatted(expression.length(), settings.expressionLengthMax()));
    }
    return new SqlFilter(new SqlParser(expression, settings.depthMax()).parse());
  }

  /** The index knows nothing that would decide; the record has to be looked at. */
  @Override
  public boolean matches(int tagHash) {
    return true;
  }

  @Override
  public boolean readsRecords() {
    return true;
  }

  @Override
  public boolean matchesRecord(ByteBuffer records, int index) {
    return isTrueFor(name -> MessageRecord.property(records, index, name));
  }

  /** True when the condition is true, and not merely unknown, for these properties. */
  boolean isTrueFor(SqlExpression.Properties properties) {
    return Boolean.TRUE.equals(condition.evaluate(properties));
  }
}
