package io.sampo.routing.request;

import io.sampo.actors.catalog.Catalog.GroupFound;
import io.sampo.actors.catalog.Catalog.GroupGone;
import io.sampo.actors.catalog.Catalog.GroupMissing;
import io.sampo.actors.catalog.Catalog.GroupReply;
import io.sampo.actors.catalog.Catalog.TopicFound;
import io.sampo.actors.catalog.Catalog.TopicGone;
import io.sampo.actors.catalog.Catalog.TopicMissing;
import io.sampo.actors.catalog.Catalog.TopicReply;
import io.sampo.actors.catalog.CatalogView;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A catalog in memory whose answers can be held back, replaced, or made to fail. */
final class FakeCatalog implements CatalogView {
  final Map<String, TopicConfig> topics = new LinkedHashMap<>();
  final Map<String, SubscriptionGroupConfig> groups = new LinkedHashMap<>();

  /** What was asked, in order, such as "ensure T". */
  final List<String> asked = new ArrayList<>();

  /** When set, questions stay open until the test runs {@link #answerAll}. */
  boolean slow;

  /** When set, it is the answer to every question about a topic or group. */
  @Nullable RuntimeException failure;

  @Nullable TopicReply topicReply;
  @Nullable GroupReply groupReply;
  private final List<Runnable> open = new ArrayList<>();

  TopicConfig put(TopicConfig topic) {
    topics.put(topic.name(), topic);
    return topic;
  }

  void putGroup(String name) {
    groups.put(name, SubscriptionGroupConfig.withDefaults(name));
  }

  void answerAll() {
    List<Runnable> now = List.copyOf(open);
    open.clear();
    now.forEach(Runnable::run);
  }

  @Override
  public @Nullable TopicConfig topic(String name) {
    return topics.get(name);
  }

  @Override
  public @Nullable SubscriptionGroupConfig group(String name) {
    return groups.get(name);
  }

  @Override
  public Collection<TopicConfig> topics() {
    return topics.values();
  }

  @Override
  public CompletionStage<TopicReply> lookUpTopic(String name) {
    asked.add("look up " + name);
    return answer(
        () -> {
          TopicConfig known = topics.get(name);
          return topicReply != null
              ? topicReply
              : known != null ? new TopicFound(known, 1) : new TopicMissing(name);
        });
  }

  @Override
  public CompletionStage<TopicReply> ensureTopic(TopicConfig wanted) {
    asked.add("ensure " + wanted.name());
    return answer(
        () -> {
          if (topicReply != null) {
            return topicReply;
          }
          topics.putIfAbsent(wanted.name(), wanted);
          return new TopicFound(topics.getOrDefault(wanted.name(), wanted), 1);
        });
  }

  @Override
  public CompletionStage<GroupReply> ensureGroup(SubscriptionGroupConfig wanted) {
    asked.add("ensure group " + wanted.name());
    return answer(
        () -> {
          if (groupReply != null) {
            return groupReply;
          }
          groups.putIfAbsent(wanted.name(), wanted);
          return found(wanted);
        });
  }

  @Override
  public Collection<SubscriptionGroupConfig> groups() {
    return groups.values();
  }

  @Override
  public long revision() {
    return 7;
  }

  @Override
  public CompletionStage<TopicReply> putTopic(TopicConfig topic, Set<String> attributesRemoved) {
    asked.add("put " + topic.name() + " without " + attributesRemoved);
    return answer(() -> topicReply != null ? topicReply : new TopicFound(put(topic), 1));
  }

  @Override
  public CompletionStage<TopicReply> deleteTopic(String name) {
    asked.add("delete " + name);
    return answer(
        () -> {
          topics.remove(name);
          return topicReply != null ? topicReply : new TopicGone(name, 1);
        });
  }

  @Override
  public CompletionStage<GroupReply> lookUpGroup(String name) {
    asked.add("look up group " + name);
    return answer(
        () -> {
          SubscriptionGroupConfig known = groups.get(name);
          return groupReply != null
              ? groupReply
              : known != null ? found(known) : new GroupMissing(name);
        });
  }

  @Override
  public CompletionStage<GroupReply> putGroup(SubscriptionGroupConfig group) {
    asked.add("put group " + group.name());
    return answer(
        () -> {
          groups.put(group.name(), group);
          return groupReply != null ? groupReply : found(group);
        });
  }

  @Override
  public CompletionStage<GroupReply> deleteGroup(String name) {
    asked.add("delete group " + name);
    return answer(
        () -> {
          groups.remove(name);
          return groupReply != null ? groupReply : new GroupGone(name, 1);
        });
  }

  private static GroupFound found(SubscriptionGroupConfig group) {
    return new GroupFound(
        group, TopicConfig.of("%RETRY%" + group.name(), group.retryQueues(), 6), 1);
  }

  private <T> CompletionStage<T> answer(Supplier<T> reply) {
    CompletableFuture<T> promise = new CompletableFuture<>();
    Runnable complete =
        () -> {
          RuntimeException failed = failure;
          if (failed != null) {
            promise.completeExceptionally(failed);
          } else {
            promise.complete(reply.get());
          }
        };
    if (slow) {
      open.add(complete);
    } else {
      complete.run();
    }
    return promise;
  }
}
