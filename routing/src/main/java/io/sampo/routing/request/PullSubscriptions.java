package io.sampo.routing.request;

import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.group.Queue.EntryFilter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions that one connection pulls with, so that a steady pull asks no actor twice and
 * compiles no expression twice. Belongs to the connection's event loop. Bounded in their number and
 * in what their expressions take: the subscription that was made first is forgotten first, which
 * costs one question to its group.
 */
final class PullSubscriptions {
  private static final int SUBSCRIPTIONS_MAX = 4096;

  /** In characters; a filter takes a few times as much as its text. */
  private static final int EXPRESSIONS_LENGTH_MAX = 1024 * 1024;

  private static final int COMMITS_QUEUE_MAX = 1024;
  private static final long NOTHING_COMMITTED = -1;

  private record Key(String group, String topic) {}

  /** A compiled subscription, and how far each queue was committed by pulls. */
  static final class Subscription {
    private final @Nullable String type;
    private final @Nullable String expression;
    private final long version;
    private final EntryFilter filter;
    private long[] committed = {};
    private boolean asksFirst;

    private Subscription(
        @Nullable String type, @Nullable String expression, long version, EntryFilter filter) {
      this.type = type;
      this.expression = expression;
      this.version = version;
      this.filter = filter;
    }

    private int expressionLength() {
      return expression == null ? 0 : expression.length();
    }

    EntryFilter filter() {
      return filter;
    }

    /** True while the group may want its pulls to go elsewhere. */
    boolean asksFirst() {
      return asksFirst;
    }

    /** True when the offset is news for that queue, which is then remembered. */
    boolean commits(int queueId, long offset) {
      if (queueId >= COMMITS_QUEUE_MAX) {
        return true;
      }
      if (queueId >= committed.length) {
        int known = committed.length;
        committed = Arrays.copyOf(committed, queueId + 1);
        Arrays.fill(committed, known, committed.length, NOTHING_COMMITTED);
      }
      boolean news = committed[queueId] != offset;
      committed[queueId] = offset;
      return news;
    }
  }

  private final Map<Key, Subscription> byGroupAndTopic = new LinkedHashMap<>();
  private int expressionsLength;

  /** Groups whose pulls have to ask first; mostly none. */
  private final Set<String> askingGroups = new HashSet<>();

  /** Pulls of the group ask it first, because offsets of it were reset. */
  void askFirst(String group) {
    if (askingGroups.add(group)) {
      setAsksFirst(group, true);
    }
  }

  /** All consumers of the group have followed. */
  void askNoLonger(String group) {
    if (askingGroups.remove(group)) {
      setAsksFirst(group, false);
    }
  }

  private void setAsksFirst(String group, boolean asksFirst) {
    byGroupAndTopic.forEach(
        (key, subscription) -> {
          if (key.group.equals(group)) {
            subscription.asksFirst = asksFirst;
          }
        });
  }

  /** The group's subscription as it was learned, or null when it isn't at least that new. */
  @Nullable Subscription learned(String group, String topic, long version) {
    Subscription known = byGroupAndTopic.get(new Key(group, topic));
    return known != null && known.version >= version ? known : null;
  }

  /** The subscription with that expression, or null when the last one was another. */
  @Nullable Subscription carried(
      String group, String topic, @Nullable String type, @Nullable String expression) {
    Subscription known = byGroupAndTopic.get(new Key(group, topic));
    return known != null
            && Objects.equals(known.type, type)
            && Objects.equals(known.expression, expression)
        ? known
        : null;
  }

  /** Those of a heartbeat's subscriptions that select by something else than pulls do so far. */
  Set<String> changedTopics(String group, Map<String, ConsumerGroup.Subscription> announced) {
    Set<String> changed = new HashSet<>();
    announced.forEach(
        (topic, subscription) -> {
          Subscription known = byGroupAndTopic.get(new Key(group, topic));
          if (known != null
              && known.version < subscription.version()
              && !(Objects.equals(known.expression, subscription.expression())
                  && Objects.equals(known.type, subscription.expressionType()))) {
            changed.add(topic);
          }
        });
    return changed;
  }

  /**
   * Remembers a subscription in place of the last one.
   *
   * @param type TAG or SQL92; null is TAG
   */
  Subscription remember(
      String group,
      String topic,
      @Nullable String type,
      @Nullable String expression,
      long version,
      EntryFilter filter) {
    Subscription subscription = new Subscription(type, expression, version, filter);
    subscription.asksFirst = askingGroups.contains(group);
    Subscription last = byGroupAndTopic.put(new Key(group, topic), subscription);
    expressionsLength += subscription.expressionLength();
    if (last != null) {
      subscription.committed = last.committed;
      expressionsLength -= last.expressionLength();
    }
    forgetOldest();
    return subscription;
  }

  private void forgetOldest() {
    Iterator<Subscription> oldestFirst = byGroupAndTopic.values().iterator();
    while (byGroupAndTopic.size() > SUBSCRIPTIONS_MAX
        || (expressionsLength > EXPRESSIONS_LENGTH_MAX && byGroupAndTopic.size() > 1)) {
      expressionsLength -= oldestFirst.next().expressionLength();
      oldestFirst.remove();
    }
  }

  int size() {
    return byGroupAndTopic.size();
  }
}
