package io.sampo.actors.catalog;

import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.TopicFound;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of the catalog. Two sources feed it in any order and on any threads: parts as
 * they are published, and single answers of the catalog, which come earlier. Of two that say
 * different things the one of the higher revision holds; so an older part neither overwrites nor
 * removes what a newer answer brought.
 */
final class CatalogCopy {
  /** A config, or null for what was deleted; until a part says so too, an older one may come. */
  private record Known<T>(@Nullable T config, long revision) {}

  private static final class Part {
    private final ConcurrentMap<String, Known<TopicConfig>> topics = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Known<SubscriptionGroupConfig>> groups =
        new ConcurrentHashMap<>();
  }

  private final Part[] parts = new Part[CatalogPart.COUNT];
  private final AtomicLong revision = new AtomicLong();
  private final Supplier<Map<String, TopicConfig>> systemTopics;

  CatalogCopy(Supplier<Map<String, TopicConfig>> systemTopics) {
    this.systemTopics = systemTopics;
    for (int i = 0; i < parts.length; i++) {
      parts[i] = new Part();
    }
  }

  @Nullable TopicConfig topic(String name) {
    TopicConfig known = config(part(name).topics.get(name));
    return known == null ? systemTopics.get().get(name) : known;
  }

  @Nullable SubscriptionGroupConfig group(String name) {
    return config(part(name).groups.get(name));
  }

  /** What is known of a topic as the catalog would answer it, null when it is not known. */
  @Nullable TopicFound topicFound(String name) {
    Known<TopicConfig> known = part(name).topics.get(name);
    TopicConfig topic = config(known);
    if (known != null && topic != null) {
      return new TopicFound(topic, known.revision());
    }
    TopicConfig system = systemTopics.get().get(name);
    return system == null ? null : new TopicFound(system, 0);
  }

  /** What is known of a group; null also when its retry topic is not known. */
  @Nullable GroupFound groupFound(String name) {
    Known<SubscriptionGroupConfig> known = part(name).groups.get(name);
    SubscriptionGroupConfig group = config(known);
    TopicConfig retryTopic = topic(CatalogRules.RETRY_PREFIX + name);
    return known == null || group == null || retryTopic == null
        ? null
        : new GroupFound(group, retryTopic, known.revision());
  }

  Collection<TopicConfig> topics() {
    List<TopicConfig> all = new ArrayList<>();
    for (Part part : parts) {
      addAll(part.topics, all);
    }
    systemTopics
        .get()
        .forEach(
            (name, topic) -> {
              if (config(part(name).topics.get(name)) == null) {
                all.add(topic);
              }
            });
    return all;
  }

  Collection<SubscriptionGroupConfig> groups() {
    List<SubscriptionGroupConfig> all = new ArrayList<>();
    for (Part part : parts) {
      addAll(part.groups, all);
    }
    return all;
  }

  /** The highest revision of the catalog that anything here is from. */
  long revision() {
    return revision.get();
  }

  void takeTopic(TopicConfig topic, long revision) {
    take(part(topic.name()).topics, topic.name(), topic, revision);
  }

  void takeGroup(SubscriptionGroupConfig group, long revision) {
    take(part(group.name()).groups, group.name(), group, revision);
  }

  void dropTopic(String name, long revision) {
    take(part(name).topics, name, null, revision);
  }

  void dropGroup(String name, long revision) {
    take(part(name).groups, name, null, revision);
  }

  void takePart(CatalogPart published) {
    revision.accumulateAndGet(published.revision(), Math::max);
    Part part = parts[published.index()];
    takeAll(part.topics, published.topics(), published.revision());
    takeAll(part.groups, published.groups(), published.revision());
  }

  private Part part(String name) {
    return parts[CatalogPart.indexOf(name)];
  }

  private static <T> @Nullable T config(@Nullable Known<T> known) {
    return known == null ? null : known.config();
  }

  private static <T> void addAll(ConcurrentMap<String, Known<T>> known, List<T> target) {
    known
        .values()
        .forEach(
            entry -> {
              T config = entry.config();
              if (config != null) {
                target.add(config);
              }
            });
  }

  private <T> void takeAll(
      ConcurrentMap<String, Known<T>> known, Map<String, T> published, long revision) {
    published.forEach((name, config) -> take(known, name, config, revision));
    known
        .entrySet()
        .removeIf(
            entry ->
                entry.getValue().revision() <= revision && !published.containsKey(entry.getKey()));
  }

  private <T> void take(
      ConcurrentMap<String, Known<T>> known, String name, @Nullable T config, long revision) {
    this.revision.accumulateAndGet(revision, Math::max);
    known.merge(
        name,
        new Known<>(config, revision),
        (before, offered) -> offered.revision() >= before.revision() ? offered : before);
  }
}
