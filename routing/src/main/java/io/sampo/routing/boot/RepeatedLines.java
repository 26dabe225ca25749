package io.sampo.routing.boot;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lets a library say the same thing once in a while only. A node that wakes up and was given up
 * meanwhile is told so by every message that it sends, and Pekko writes a line for each: hundreds
 * within a second, in which the few that say what happens are lost. Named in logback.xml. Any
 * thread.
 *
 * <p>Always holds: the first line of its kind passes; our own, which count by themselves, all do.
 */
public final class RepeatedLines extends Filter<ILoggingEvent> {
  private static final String LIBRARIES = "org.apache.pekko.";
  private static final long AGAIN_MS = 30_000;
  private static final int LINES_MAX = 128;

  /** When each passed last; guards itself. */
  private final Map<String, Long> passedMs =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > LINES_MAX;
        }
      };

  @Override
  public FilterReply decide(ILoggingEvent event) {
    if (!event.getLoggerName().startsWith(LIBRARIES)) {
      return FilterReply.NEUTRAL;
    }
    String line = event.getLevel() + event.getLoggerName() + event.getFormattedMessage();
    long nowMs = event.getTimeStamp();
    synchronized (passedMs) {
      Long before = passedMs.get(line);
      // A clock that went back says nothing.
      if (before != null && nowMs >= before && nowMs - before < AGAIN_MS) {
        return FilterReply.DENY;
      }
      passedMs.remove(line);
      passedMs.put(line, nowMs);
      return FilterReply.NEUTRAL;
    }
  }
}
