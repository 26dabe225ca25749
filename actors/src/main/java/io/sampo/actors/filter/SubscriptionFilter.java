package io.sampo.actors.filter;

import io.sampo.actors.group.Queue.EntryFilter;
import org.jspecify.annotations.Nullable;

/** Makes the filter of what a client subscribed, whatever its type. */
public final class SubscriptionFilter {
  private static final String SQL92_TYPE = "SQL92";

  private SubscriptionFilter() {}

  /**
   * Compiles an expression.
   *
   * @param type SQL92, or TAG, which is also meant by null and ""
   * @param expression a condition or tags; null, "" and "*" let everything pass as tags
   * @throws BadFilterException when there is no such type or the expression is wrong or beyond a
   *     limit; the message says what
   */
  public static EntryFilter compile(
      @Nullable String type, @Nullable String expression, FilterSettings settings)
      throws BadFilterException {
    if (SQL92_TYPE.equals(type)) {
      return SqlFilter.compile(expression == null ? "" : expression, settings);
    }
    return TagFilter.compile(type, expression, settings);
  }
}
